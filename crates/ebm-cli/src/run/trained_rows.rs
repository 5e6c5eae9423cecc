//! `rows.json`: hashes of the rows that a model was trained on, by which they are recognised in other files.
//!
//! A row is what the network is given and its label, so a file that was saved again, with other columns or in another
//! order, has the same rows. A hash has [`BITS`] bits: a row that was not trained on is taken for one that was with
//! probability `n · 2⁻⁴⁰`, below 10⁻⁶ for a million rows.

use burn::tensor::Device;
use ebm_core::Dataset;
use ebm_core::io::weights::digest;
use ebm_core::predict::CHUNK;
use ebm_data::run_file::RunFile;
use serde::{Deserialize, Serialize};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::files::ROWS;

/// Bits of a hash.
const BITS: usize = 40;
const BYTES: usize = BITS / 8;

/// Rows of which up to this fraction may have been trained on.
pub const TOLERATED: f64 = 0.01;

/// `rows.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainedRows {
    /// Rows that parameters were fitted to.
    pub train: Hashes,
    /// Rows that the model was chosen by.
    pub validation: Hashes,
}

impl RunFile for TrainedRows {
    const FILE: &'static str = ROWS;
    const SCHEMA: &'static str = "ebm.rows/1";
}

impl TrainedRows {
    /// The rows of a training.
    pub fn of(examples: &dyn Dataset, validation: Option<&dyn Dataset>) -> Self {
        let validation = validation.map(hashes).unwrap_or_default();
        Self { train: Hashes::new(hashes(examples)), validation: Hashes::new(validation) }
    }
}

/// Hashes in ascending order, a repeated row as often as it is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hashes(Vec<u64>);

impl Hashes {
    fn new(mut hashes: Vec<u64>) -> Self {
        hashes.sort_unstable();
        Self(hashes)
    }

    /// How these rows compare with others.
    pub fn overlap(&self, others: &[u64]) -> Overlap {
        let known = others.iter().filter(|hash| self.0.binary_search(hash).is_ok()).count();
        let repeated = self.0.chunk_by(|a, b| a == b).filter(|same| same.len() > 1).map(<[_]>::len).sum::<usize>();
        Overlap { rows: others.len(), known, repeated: repeated as f64 / self.0.len().max(1) as f64, of: self.0.len() }
    }
}

impl From<Hashes> for String {
    fn from(Hashes(hashes): Hashes) -> Self {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes().into_iter().take(BYTES)).collect();
        STANDARD.encode(bytes)
    }
}

impl TryFrom<String> for Hashes {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let bytes = STANDARD.decode(text).map_err(|_| "hashes of rows are not base64")?;
        let hash = |bytes: &[u8]| bytes.iter().rev().fold(0, |hash, &byte| (hash << 8) | u64::from(byte));
        let hashes: Vec<u64> = bytes.chunks(BYTES).map(hash).collect();
        if !bytes.len().is_multiple_of(BYTES) || !hashes.is_sorted() {
            return Err("hashes of rows are cut off or not in order");
        }
        Ok(Self(hashes))
    }
}

/// Rows of one set that are also in another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// Rows looked at.
    pub rows: usize,
    /// Those that are among the others.
    pub known: usize,
    /// Fraction of the others that are there more than once: the fraction of new rows that repeat one by chance.
    repeated: f64,
    /// How many others there are.
    of: usize,
}

impl Overlap {
    /// Whether more rows are known than [`TOLERATED`], and more than repeat by chance: by four standard errors.
    pub fn is_excessive(&self) -> bool {
        let (rows, known, share) = (self.rows as f64, self.known as f64, self.repeated);
        let variance = rows * share * (1.0 - share) * (1.0 + rows / self.of.max(1) as f64);
        known > TOLERATED * rows && known > rows * share + 4.0 * variance.sqrt()
    }
}

/// The hash of every example: its input, and its label in the user's units, both rounded to `f32`.
pub fn hashes(examples: &dyn Dataset) -> Vec<u64> {
    let rows: Vec<usize> = (0..examples.len()).collect();
    let of_chunk = |rows: &[usize]| {
        let batch = examples.batch(rows, &Device::flex());
        let [inputs, targets] = [batch.input, batch.target].map(|tensor| tensor.into_data().iter::<f32>().collect());
        let (inputs, targets): (Vec<f32>, Vec<f32>) = (inputs, targets);
        let labels = examples.labels_at(rows).map(|labels| labels.into_iter().map(|y| y as f32).collect());
        let labels = labels.unwrap_or(targets);
        let width = [inputs.len(), labels.len()].map(|numbers| numbers / rows.len());
        let both = inputs.chunks(width[0]).zip(labels.chunks(width[1]));
        both.map(|(input, label)| hash(input.iter().chain(label))).collect::<Vec<_>>()
    };
    rows.chunks(CHUNK).flat_map(of_chunk).collect()
}

fn hash<'a>(numbers: impl Iterator<Item = &'a f32>) -> u64 {
    // The two zeros are one number.
    let bytes: Vec<u8> = numbers.flat_map(|number| (number + 0.0).to_le_bytes()).collect();
    let digits = &digest(&bytes)[..BITS / 4];
    u64::from_str_radix(digits, 16).expect("hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebm_core::Examples;

    fn pairs(rows: std::ops::Range<usize>) -> Examples {
        let x: Vec<f64> = rows.map(|row| row as f64).collect();
        Examples::from_pairs(&x, &x)
    }

    #[test]
    fn rows_are_recognised_and_others_are_not() {
        let rows = TrainedRows::of(&pairs(0..1000), Some(&pairs(1000..1100)));
        let text = serde_json::to_string(&rows).unwrap();
        assert_eq!(serde_json::from_str::<TrainedRows>(&text).unwrap(), rows);
        let overlap = |of: &Hashes, range| of.overlap(&hashes(&pairs(range)));
        assert_eq!(overlap(&rows.train, 900..1300).known, 100);
        assert_eq!(overlap(&rows.validation, 900..1300).known, 100);
        assert!(overlap(&rows.train, 900..1300).is_excessive());
        assert!(!overlap(&rows.train, 990..2000).is_excessive(), "10 of 1010 are tolerated");
        assert!(overlap(&rows.train, 989..2000).is_excessive());
        assert_eq!(hashes(&Examples::from_pairs(&[-0.0], &[1.0])), hashes(&Examples::from_pairs(&[0.0], &[1.0])));
    }

    #[test]
    fn rows_that_repeat_by_chance_are_expected() {
        // Of 600 kinds of rows, 1000 draws each: nearly two thirds of new ones are known.
        let mixed = |row: u64| {
            // The finaliser of SplitMix64.
            let row = (row + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let row = (row ^ (row >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let row = (row ^ (row >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((row ^ (row >> 31)) % 600) as f64
        };
        let draws = |first: u64| {
            let x: Vec<f64> = (first..first + 1000).map(mixed).collect();
            Examples::from_pairs(&x, &x)
        };
        let rows = TrainedRows::of(&draws(0), None);
        let overlap = rows.train.overlap(&hashes(&draws(1000)));
        assert!(overlap.known > 500 && !overlap.is_excessive(), "{overlap:?}");
    }

    #[test]
    fn damaged_hashes_are_refused() {
        for text in ["\"AAAA\"", "\"AQAAAAAAAAAAAA==\"", "\"?\""] {
            assert!(serde_json::from_str::<Hashes>(text).is_err(), "{text}");
        }
    }
}
