//! How far an input is from those that a model was trained on.

use serde::{Deserialize, Serialize};

/// Numbers that are kept at most, and rows.
const KEPT_NUMBERS: usize = 1 << 16;
const KEPT_ROWS: usize = 256;

/// Rows whose distances are measured at most.
const MEASURED_ROWS: usize = 2000;

/// Some training inputs, and the largest distance of another training input to the nearest of them.
///
/// [`Reach::distance`] of an input is that of its nearest kept input, divided by the largest of `n` other training
/// inputs. If new inputs are exchangeable with those, it exceeds 1 with probability at most `1/(n + 1)`; far from all
/// training inputs it certainly does. Inputs are standardised, so that columns count alike.
///
/// Source: conformal outlier detection, Bates, Candès, Lei, Romano, Sesia, "Testing for outliers with conformal
/// p-values", Annals of Statistics 51 (2023), with the distance to the nearest neighbour as score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Reach {
    width: usize,
    /// Row-major `[kept, width]`.
    kept: Vec<f32>,
    /// The largest distance, above 0.
    farthest: f64,
    measured: usize,
}

/// Why a reach cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the kept inputs must be whole rows of finite numbers, and their largest distance positive")]
pub struct WrongReach;

#[derive(Serialize, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Stored {
    width: usize,
    kept: Vec<f32>,
    farthest: f64,
    measured: usize,
}

impl From<Reach> for Stored {
    fn from(Reach { width, kept, farthest, measured }: Reach) -> Self {
        Self { width, kept, farthest, measured }
    }
}

impl TryFrom<Stored> for Reach {
    type Error = WrongReach;

    fn try_from(Stored { width, kept, farthest, measured }: Stored) -> Result<Self, WrongReach> {
        let whole = width > 0 && !kept.is_empty() && kept.len().is_multiple_of(width);
        let finite = kept.iter().all(|number| number.is_finite()) && farthest.is_finite() && farthest > 0.0;
        if whole && finite { Ok(Self { width, kept, farthest, measured }) } else { Err(WrongReach) }
    }
}

impl Reach {
    /// From training inputs, row-major `[n, width]`. `None` if there are fewer than three, or all are the same.
    ///
    /// # Panics
    /// If the inputs are not whole rows.
    pub fn fit(inputs: &[f32], width: usize) -> Option<Self> {
        assert!(width > 0 && inputs.len().is_multiple_of(width), "inputs must be whole rows of {width} numbers");
        let n = inputs.len() / width;
        let row = |row: usize| &inputs[row * width..(row + 1) * width];
        let count = (KEPT_NUMBERS / width).clamp(2, KEPT_ROWS).min(n / 2);
        if count == 0 || n < 3 {
            return None;
        }
        // Every step-th row is kept; the others are measured.
        let step = n / count;
        let kept: Vec<f32> = (0..count).flat_map(|i| row(i * step)).copied().collect();
        let others: Vec<usize> = (0..n).filter(|i| !(i.is_multiple_of(step) && i / step < count)).collect();
        let measured: Vec<usize> =
            others.iter().copied().step_by(others.len().div_ceil(MEASURED_ROWS).max(1)).collect();
        let farthest = measured.iter().map(|&i| nearest(&kept, row(i))).fold(0.0, f64::max);
        (farthest.is_finite() && farthest > 0.0).then_some(Self { width, kept, farthest, measured: measured.len() })
    }

    /// How many numbers an input has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many training inputs were measured, n.
    pub fn measured(&self) -> usize {
        self.measured
    }

    /// The distance of an input to the nearest kept training input, in units of the largest distance of a training
    /// input. Above 1 the input is farther from the training inputs than any of them.
    ///
    /// # Panics
    /// If the input has another width.
    pub fn distance(&self, input: &[f32]) -> f64 {
        assert_eq!(input.len(), self.width, "an input has {} numbers", self.width);
        nearest(&self.kept, input) / self.farthest
    }
}

/// Rows whose distances are computed together.
const LANES: usize = 8;

/// The distance to the nearest of some rows.
fn nearest(rows: &[f32], row: &[f32]) -> f64 {
    let width = row.len();
    let (blocks, rest) = rows.split_at(rows.len() / (LANES * width) * (LANES * width));
    let square = |other: &[f32]| other.iter().zip(row).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
    let least = rest.chunks_exact(width).map(square).fold(f64::INFINITY, f64::min);
    let squares = |block: &[f32]| {
        let others: [&[f32]; LANES] = std::array::from_fn(|lane| &block[lane * width..][..width]);
        let mut sums = [0.0; LANES];
        for (i, b) in row.iter().enumerate() {
            for (sum, other) in sums.iter_mut().zip(others) {
                *sum += f64::from(other[i] - b).powi(2);
            }
        }
        sums.into_iter().fold(f64::INFINITY, f64::min)
    };
    blocks.chunks_exact(LANES * width).map(squares).fold(least, f64::min).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::{Noise, Purpose};

    fn gaussian(rows: usize, seed: u64) -> Vec<f32> {
        Noise::new(seed, Purpose::Prediction, 0, 0).normals(rows * 3)
    }

    #[test]
    fn inputs_of_the_same_kind_are_rarely_beyond_and_others_always() {
        // 40 data sets of 500 rows: at most one new input in 245 is beyond, on average.
        let mut beyond = 0;
        for seed in 0..40 {
            let reach = Reach::fit(&gaussian(500, seed), 3).unwrap();
            assert_eq!(reach.measured(), 250);
            let new = gaussian(500, 1000 + seed);
            beyond += new.chunks(3).filter(|input| reach.distance(input) > 1.0).count();
            assert!(reach.distance(&[1e6, 0.0, 0.0]) > 1e4);
        }
        let expected = 20_000.0f64 / 251.0;
        assert!(
            f64::from(beyond as u32) < expected + 5.0 * expected.sqrt() * 3.0,
            "{beyond} of 20000; expected {expected}"
        );
    }

    /// Columns that rise together: `x` plus a tenth of noise in each.
    fn along_a_line(rows: usize, seed: u64) -> Vec<f32> {
        let tilted = |row: &[f32]| [row[0], row[0] + 0.1 * row[1], row[0] + 0.1 * row[2]];
        gaussian(rows, seed).chunks(3).flat_map(tilted).collect()
    }

    #[test]
    fn an_input_within_the_range_of_every_column_but_far_from_every_row_is_beyond() {
        for seed in 0..40 {
            let inputs = along_a_line(500, seed);
            let corner = [1.5, 1.5, -1.5];
            for (column, value) in corner.into_iter().enumerate() {
                let [low, high] =
                    [f32::min, f32::max].map(|of| inputs.iter().skip(column).step_by(3).copied().reduce(of).unwrap());
                assert!(low < value && value < high, "{seed}: {low} {high}");
            }
            let reach = Reach::fit(&inputs, 3).unwrap();
            // The corner is 2.45 from the line. Rows have gaps of up to 1 at the line's ends, and noise of 0.4 at most.
            assert!(reach.distance(&corner) > 1.0, "{seed}: {}", reach.distance(&corner));
            // On the line, in the middle of the rows.
            assert!(reach.distance(&[0.3; 3]) < 1.0);
        }
    }

    #[test]
    fn what_was_trained_on_is_within() {
        let inputs = gaussian(100, 7);
        let reach = Reach::fit(&inputs, 3).unwrap();
        assert!(inputs.chunks(3).all(|input| reach.distance(input) <= 1.0));
        let text = serde_json::to_string(&reach).unwrap();
        assert_eq!(serde_json::from_str::<Reach>(&text).unwrap(), reach);
        assert!(serde_json::from_str::<Reach>(&text.replace("\"width\":3", "\"width\":7")).is_err());
    }

    #[test]
    fn too_few_or_equal_inputs_have_no_reach() {
        assert_eq!(Reach::fit(&[1.0, 2.0], 1), None);
        assert_eq!(Reach::fit(&[1.0; 30], 3), None);
    }
}
