//! Conformal calibration of sets of highest density.

use serde::{Deserialize, Serialize};

const SCHEMA: &str = "ebm.calibration/1";

/// The most scores that are stored. If there are more, evenly spaced ranks are stored.
const KEPT: usize = 4096;

/// Conformal calibration from held-out examples: how large a set of highest density must be to reach its coverage.
///
/// The score of a held-out label is its [`crate::predict::prediction::Prediction::tail_mass`], the probability of all
/// targets that are no denser than the label. The set with coverage `c` contains every target whose score is at least
/// the `⌈(n + 1) c⌉`-th largest of the `n` held-out scores. If held-out and new examples are exchangeable and neither
/// was trained on, the set covers a new target with probability at least `c`, for any model. This is an average over
/// held-out sets and inputs (marginal coverage), not a guarantee for each input. Ties raise the coverage.
///
/// If the rank exceeds `n`, that is for `c > n/(n + 1)`, there are too few examples for this coverage, and the set is
/// the whole support of the target.
///
/// Source: Izbicki, Shimizu, Stern, "CD-split and HPD-split: efficient conformal regions in high dimensions", JMLR 23
/// (2022); see ADR 0016.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Calibration {
    n: usize,
    /// Descending. The j-th of k stands for rank `⌈(j + 1) n / k⌉`.
    tail_masses: Vec<f64>,
}

/// Why a calibration cannot be made or read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// No held-out example.
    #[error("there are no held-out examples to calibrate with")]
    Empty,
    /// A score that is not a probability.
    #[error("held-out example {} has the score {value}, which is not a probability", index + 1)]
    Score {
        /// Index of the example, counted from 0; the message counts from 1.
        index: usize,
        /// The score.
        value: f64,
    },
    /// Written by another version, or damaged.
    #[error("expected a calibration with schema {SCHEMA:?} and its scores in descending order; found schema {found:?}")]
    Schema {
        /// The schema found in the file.
        found: String,
    },
}

#[derive(Serialize, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Stored {
    schema: String,
    n: usize,
    #[serde(rename = "outsides")]
    tail_masses: Vec<f64>,
}

impl From<Calibration> for Stored {
    fn from(Calibration { n, tail_masses }: Calibration) -> Self {
        Self { schema: SCHEMA.to_owned(), n, tail_masses }
    }
}

impl TryFrom<Stored> for Calibration {
    type Error = CalibrationError;

    fn try_from(Stored { schema, n, tail_masses }: Stored) -> Result<Self, CalibrationError> {
        let descending = tail_masses.windows(2).all(|pair| pair[0] >= pair[1]);
        if schema != SCHEMA || !descending || tail_masses.len() != n.min(KEPT) {
            return Err(CalibrationError::Schema { found: schema });
        }
        check(&tail_masses)?;
        Ok(Self { n, tail_masses })
    }
}

fn check(tail_masses: &[f64]) -> Result<(), CalibrationError> {
    if tail_masses.is_empty() {
        return Err(CalibrationError::Empty);
    }
    match tail_masses.iter().position(|tail_mass| !(0.0..=1.0).contains(tail_mass)) {
        Some(index) => Err(CalibrationError::Score { index, value: tail_masses[index] }),
        None => Ok(()),
    }
}

impl Calibration {
    /// From the scores of held-out labels, [`crate::predict::prediction::Prediction::tail_mass`], in any order.
    ///
    /// # Errors
    /// [`CalibrationError::Empty`] without a score, [`CalibrationError::Score`] for one outside `[0, 1]`.
    pub fn of(mut tail_masses: Vec<f64>) -> Result<Self, CalibrationError> {
        check(&tail_masses)?;
        tail_masses.sort_unstable_by(|a, b| b.total_cmp(a));
        let n = tail_masses.len();
        let kept = n.min(KEPT);
        let tail_masses = (0..kept).map(|j| tail_masses[rank(j, n, kept) - 1]).collect();
        Ok(Self { n, tail_masses })
    }

    /// Number of held-out examples, n.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Always false: there is at least one held-out example.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The threshold of the set with this coverage: the set contains every target whose
    /// [`crate::predict::prediction::Prediction::tail_mass`] is at least this. It is 0 if there are too few examples
    /// for this coverage; the set is then the whole support.
    ///
    /// A score that was not stored is replaced by the next lower stored one, so the set is never too small.
    pub fn tail_mass(&self, coverage: f64) -> f64 {
        assert!(coverage > 0.0 && coverage < 1.0, "a coverage must be between 0 and 1, not {coverage}");
        // A product just above an integer by rounding counts as that integer.
        let needed = ((self.n + 1) as f64 * coverage - 1e-9).ceil().max(1.0) as usize;
        let kept = self.tail_masses.len();
        (0..kept).find(|&j| rank(j, self.n, kept) >= needed).map_or(0.0, |j| self.tail_masses[j])
    }

    /// The level of the sets of highest density that reach this coverage: `1 − tail_mass`. For a very overconfident
    /// model it rounds to 1; use [`Calibration::tail_mass`] there, which keeps its precision.
    pub fn level(&self, coverage: f64) -> f64 {
        1.0 - self.tail_mass(coverage)
    }
}

/// The rank, counted from 1, of the j-th stored score among all `n` scores.
fn rank(j: usize, n: usize, kept: usize) -> usize {
    ((j + 1) * n).div_ceil(kept)
}

#[cfg(test)]
mod laws;
