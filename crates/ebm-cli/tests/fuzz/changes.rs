//! Random changes of files: those of the crate `mutatis` to single bytes, and some that formats are sensitive to.

use mutatis::Session;

/// Numbers at the edges of what lengths, offsets and counts may be.
const EDGES: [u64; 12] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x1_0000_0000,
    1 << 40,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

/// Words that text formats treat in a special way.
const WORDS: [&str; 18] = [
    "NaN",
    "inf",
    "-1",
    "1e999",
    "1e-320",
    "0",
    "null",
    "{}",
    "[]",
    "\"\"",
    ",",
    "\n",
    "\"",
    "\u{0}",
    "\u{feff}",
    "9223372036854775808",
    "[[[[[[[[",
    "\u{1b}[31m",
];

/// Longest file.
const LONGEST: usize = 1 << 16;

/// Changes files, always in the same way from the same seed.
pub struct Changes {
    bytes: Session,
    state: u64,
}

impl Changes {
    pub fn new(seed: u64) -> Self {
        Self { bytes: Session::new().seed(seed), state: seed }
    }

    /// A number below `n`, which is not 0. SplitMix64 of Steele, Lea and Flood (2014).
    pub fn below(&mut self, n: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % n as u64) as usize
    }

    /// One change of a file, less often two or four; `other` is another file of the corpus, of which parts may be taken.
    pub fn change(&mut self, file: &mut Vec<u8>, other: &[u8]) {
        for _ in 0..[1, 1, 1, 2, 4][self.below(5)] {
            self.once(file, other);
        }
        file.truncate(LONGEST);
    }

    fn once(&mut self, file: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(file.len() + 1);
        match self.below(9) {
            // The mutator of `mutatis` for a list of bytes.
            0..3 => drop(self.bytes.mutate(file)),
            3 if at < file.len() => file[at] ^= 1 << self.below(8),
            4 => {
                let edge = EDGES[self.below(EDGES.len())].to_le_bytes();
                let width = [1, 2, 4, 8][self.below(4)];
                let edge: Vec<u8> = if self.below(4) == 0 {
                    edge[..width].iter().rev().copied().collect()
                } else {
                    edge[..width].to_vec()
                };
                put(file, at, &edge);
            }
            5 => {
                let word = WORDS[self.below(WORDS.len())].as_bytes();
                if self.below(2) == 0 { put(file, at, word) } else { drop(file.splice(at..at, word.iter().copied())) }
            }
            6 => {
                let end = (at + 1 + self.below(32)).min(file.len());
                file.drain(at..end);
            }
            7 if !other.is_empty() => {
                let from = self.below(other.len());
                let to = (from + 1 + self.below(64)).min(other.len());
                if self.below(2) == 0 {
                    put(file, at, &other[from..to])
                } else {
                    drop(file.splice(at..at, other[from..to].iter().copied()))
                }
            }
            8 => file.truncate(at),
            _ => {}
        }
    }
}

/// Writes over what is there.
fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = (at + bytes.len()).min(file.len());
    file.splice(at..end, bytes.iter().copied());
}
