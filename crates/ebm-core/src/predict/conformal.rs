//! Conformal calibration of sets of highest density.

use serde::{Deserialize, Serialize};

const SCHEMA: &str = "ebm.calibration/1";

/// Scores that are kept; of more, evenly spaced ones.
const KEPT: usize = 4096;

/// What held-out examples say about how large a set of highest density must be to cover as often as it says.
///
/// The score of a held-out label is [`crate::predict::prediction::Prediction::outside`], the mass of all that is no denser than it. The set of
/// coverage `c` holds every target with a score of at least the `⌈(n + 1) c⌉`-th largest of the `n`. If held-out and new
/// examples are exchangeable, and neither was trained on, it covers a new target with probability at least `c`, whatever
/// the model: on average over held-out sets and inputs, not for each input. Ties make it cover more often.
///
/// Where the rank is above `n`, so for `c > n/(n + 1)`, no finite number of examples can promise as much, and the set is
/// all that the target can be.
///
/// Source: Izbicki, Shimizu, Stern, "CD-split and HPD-split: efficient conformal regions in high dimensions", JMLR 23
/// (2022); see ADR 0016.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Calibration {
    n: usize,
    /// Descending. The j-th of k stands for rank `⌈(j + 1) n / k⌉`.
    outsides: Vec<f64>,
}

/// Why there is no calibration.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// No held-out example.
    #[error("there are no held-out examples to calibrate with")]
    Empty,
    /// A score that is not a probability.
    #[error("held-out example {} has the score {value}, which is no probability", index + 1)]
    Score {
        /// Which, counted from 0; the message counts from 1.
        index: usize,
        /// The score.
        value: f64,
    },
    /// Written by another version, or damaged.
    #[error("a calibration has schema {SCHEMA:?} and as many scores in descending order as it says, not {found:?}")]
    Schema {
        /// What it says it is.
        found: String,
    },
}

#[derive(Serialize, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Stored {
    schema: String,
    n: usize,
    outsides: Vec<f64>,
}

impl From<Calibration> for Stored {
    fn from(Calibration { n, outsides }: Calibration) -> Self {
        Self { schema: SCHEMA.to_owned(), n, outsides }
    }
}

impl TryFrom<Stored> for Calibration {
    type Error = CalibrationError;

    fn try_from(Stored { schema, n, outsides }: Stored) -> Result<Self, CalibrationError> {
        let descending = outsides.windows(2).all(|pair| pair[0] >= pair[1]);
        if schema != SCHEMA || !descending || outsides.len() != n.min(KEPT) {
            return Err(CalibrationError::Schema { found: schema });
        }
        check(&outsides)?;
        Ok(Self { n, outsides })
    }
}

fn check(outsides: &[f64]) -> Result<(), CalibrationError> {
    if outsides.is_empty() {
        return Err(CalibrationError::Empty);
    }
    match outsides.iter().position(|outside| !(0.0..=1.0).contains(outside)) {
        Some(index) => Err(CalibrationError::Score { index, value: outsides[index] }),
        None => Ok(()),
    }
}

impl Calibration {
    /// From the scores of held-out labels, [`crate::predict::prediction::Prediction::outside`], in any order.
    ///
    /// # Errors
    /// [`CalibrationError`]: none, or one that is not a probability.
    pub fn of(mut outsides: Vec<f64>) -> Result<Self, CalibrationError> {
        check(&outsides)?;
        outsides.sort_unstable_by(|a, b| b.total_cmp(a));
        let n = outsides.len();
        let kept = n.min(KEPT);
        let outsides = (0..kept).map(|j| outsides[rank(j, n, kept) - 1]).collect();
        Ok(Self { n, outsides })
    }

    /// Held-out examples, n.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Never: there are held-out examples.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The mass that a set of this coverage may leave outside: it holds every target with at least that much
    /// [`crate::predict::prediction::Prediction::outside`]. 0, and so all that a target can be, where the examples are too few.
    ///
    /// Scores that were not kept are replaced by the next lower ones: the set is never too small.
    pub fn outside(&self, coverage: f64) -> f64 {
        assert!(coverage > 0.0 && coverage < 1.0, "a coverage lies between 0 and 1, not {coverage}");
        // A product that rounding put a hair above a whole number is that number.
        let needed = ((self.n + 1) as f64 * coverage - 1e-9).ceil().max(1.0) as usize;
        let kept = self.outsides.len();
        (0..kept).find(|&j| rank(j, self.n, kept) >= needed).map_or(0.0, |j| self.outsides[j])
    }

    /// The level of the sets of highest density that have this coverage: `1 − outside`. Far from 1 it is what to use;
    /// of a model so overconfident that it rounds to 1, [`Calibration::outside`] still tells sets apart.
    pub fn level(&self, coverage: f64) -> f64 {
        1.0 - self.outside(coverage)
    }
}

/// The rank, from 1, that the j-th of the kept scores has among all.
fn rank(j: usize, n: usize, kept: usize) -> usize {
    ((j + 1) * n).div_ceil(kept)
}

#[cfg(test)]
mod laws;
