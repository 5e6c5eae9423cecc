//! Words of ChaCha8 in bulk: as many blocks at once as the instruction set has lanes.

use pulp::{Arch, Simd, WithSimd};

use crate::math::lanes::{shift_left, shift_right};

/// Blocks whose words are interleaved, for every instruction set.
const BLOCKS: usize = 16;
/// Words of [`BLOCKS`] blocks.
pub(super) const GROUP: usize = 16 * BLOCKS;

/// "expand 32-byte k", the first words of every ChaCha state.
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
const DOUBLE_ROUNDS: usize = 4;

/// Groups of 256 words of ChaCha8, starting with the first block of a stream. In group `g`, word `w` of block
/// `16 g + b` is at `16 w + b`.
pub(super) fn words(key: [u32; 8], stream: u64, groups: &mut [[u32; GROUP]]) {
    assert!(groups.len() <= (u32::MAX / BLOCKS as u32) as usize, "the number of blocks exceeds the 32-bit counter");
    Arch::new().dispatch(Words { key, stream, groups });
}

struct Words<'a> {
    key: [u32; 8],
    stream: u64,
    groups: &'a mut [[u32; GROUP]],
}

impl WithSimd for Words<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut start = [0; 16];
        start[..4].copy_from_slice(&CONSTANTS);
        start[4..12].copy_from_slice(&self.key);
        start[14] = self.stream as u32;
        start[15] = (self.stream >> 32) as u32;
        let mut first = 0;
        for group in self.groups {
            for lanes in (0..BLOCKS).step_by(S::U32_LANES) {
                let counters: [u32; BLOCKS] = std::array::from_fn(|lane| first + (lanes + lane) as u32);
                let counters = S::as_simd_u32s(&counters).0[0];
                let mut state = [counters; 16];
                for word in (0..16).filter(|&word| word != 12) {
                    state[word] = simd.splat_u32s(start[word]);
                }
                let mixed = block(simd, state);
                for (word, mixed) in mixed.iter().enumerate() {
                    S::as_mut_simd_u32s(&mut group[word * BLOCKS + lanes..][..S::U32_LANES]).0[0] = *mixed;
                }
            }
            first += BLOCKS as u32;
        }
    }
}

/// The ChaCha8 block function, with one state per lane.
#[inline(always)]
fn block<S: Simd>(simd: S, start: [S::u32s; 16]) -> [S::u32s; 16] {
    let mut x = start;
    for _ in 0..DOUBLE_ROUNDS {
        for column in 0..4 {
            quarter_round(simd, &mut x, [column, column + 4, column + 8, column + 12]);
        }
        for i in 0..4 {
            quarter_round(simd, &mut x, [i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4]);
        }
    }
    for word in 0..16 {
        x[word] = simd.add_u32s(x[word], start[word]);
    }
    x
}

#[inline(always)]
fn quarter_round<S: Simd>(simd: S, x: &mut [S::u32s; 16], [a, b, c, d]: [usize; 4]) {
    for (sum, term, mixed, by) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        x[sum] = simd.add_u32s(x[sum], x[term]);
        let word = simd.xor_u32s(x[mixed], x[sum]);
        let left = shift_left(simd, word, by);
        let right = shift_right(simd, word, 32 - by);
        x[mixed] = simd.or_u32s(left, right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn words_are_those_of_chacha8_interleaved_by_sixteen_blocks() {
        let key: [u32; 8] = std::array::from_fn(|i| 0x9e37_79b9_u32.wrapping_mul(i as u32 + 1));
        let stream = 0x1234_5678_9abc;
        let seed: Vec<u8> = key.iter().flat_map(|word| word.to_le_bytes()).collect();
        let mut expected = ChaCha8Rng::from_seed(seed.try_into().unwrap());
        expected.set_stream(stream);
        let mut best = [[0; GROUP]; 3];
        words(key, stream, &mut best);
        let mut scalar = [[0; GROUP]; 3];
        pulp::Scalar.vectorize(Words { key, stream, groups: &mut scalar });
        assert_eq!(best, scalar);
        for group in best {
            for block in 0..BLOCKS {
                for word in 0..16 {
                    assert_eq!(group[word * BLOCKS + block], expected.next_u32(), "block {block}, word {word}");
                }
            }
        }
    }
}
