//! Compares the prediction with the label for every example of a test set.

use crate::data::dataset::Dataset;
use crate::math::noise::{Noise, Purpose};
use crate::network::features::Features;
use crate::predict::conformal::Calibration;
use crate::predict::marginal::Marginal;
use crate::predict::prediction::Prediction;
use crate::predict::predictor::Predictor;
use crate::predict::reliability::{LogProb, Reliability};

/// Levels of the intervals and sets whose coverage is measured.
pub const LEVELS: [f64; 4] = [0.5, 0.8, 0.9, 0.95];

/// The prediction for one example compared with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// `log p(y|x)` at the label, nats, with its Monte-Carlo error.
    pub log_prob: LogProb,
    /// How well the proposal represents the density; `None` without one.
    pub reliability: Option<Reliability>,
    /// [`Prediction::energy_score`], units of the target; for a scalar, the CRPS.
    pub energy_score: f64,
    /// One for each dimension of the target.
    pub marginals: Vec<MarginalAssessment>,
    /// Sets of highest density.
    pub sets: SetAssessment,
}

/// The sets of highest density of one example compared with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct SetAssessment {
    /// [`Prediction::tail_mass`] of the label.
    pub tail_mass: f64,
    /// Sizes of the sets, one for each level of [`LEVELS`]: lengths in units of the target; for counts, numbers of
    /// counts. Empty for a vector.
    pub sizes: Vec<f64>,
    /// Calibrated sets, one for each level of [`LEVELS`]; `None` without a calibration.
    pub calibrated: Option<Vec<CalibratedSet>>,
}

/// A calibrated set of one example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibratedSet {
    /// Whether it contains the label.
    pub covers: bool,
    /// Its size; NaN for a vector. Infinite if the set is the whole of an infinite support.
    pub size: f64,
}

/// The marginal prediction of one dimension compared with its label, for one example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarginalAssessment {
    /// Predictive mean − label, units of the target.
    pub mean_error: f64,
    /// Predictive median − label, units of the target.
    pub median_error: f64,
    /// [`Marginal::crps`], units of the target.
    pub crps: f64,
    /// [`Marginal::pit`]; for counts, `P(Y < label) + ½ P(Y = label)`.
    pub pit: f64,
    /// `P(Y = label)` for counts, otherwise 0.
    pub atom: f64,
}

impl Assessment {
    /// Compares a prediction with its label, given the log-density of the label.
    fn of(
        prediction: &Prediction<'_>,
        label: &[f64],
        log_prob: LogProb,
        calibration: Option<&Calibration>,
        noise: &mut Noise,
    ) -> Self {
        let scalar = (label.len() == 1).then(|| prediction.marginal(0));
        let tail_mass = prediction.tail_mass_scored(label, log_prob.estimate.value);
        let size = |tail_mass: f64| scalar.map(|marginal| marginal.size_of(tail_mass));
        let calibrated = |calibration: &Calibration| {
            LEVELS.map(|coverage| {
                let needed = calibration.tail_mass(coverage);
                CalibratedSet { covers: tail_mass >= needed, size: size(needed).unwrap_or(f64::NAN) }
            })
        };
        let marginals = label.iter().enumerate();
        Self {
            log_prob,
            reliability: prediction.reliability(),
            energy_score: prediction.energy_score(label, noise),
            marginals: marginals.map(|(d, &y)| MarginalAssessment::of(prediction.marginal(d), y)).collect(),
            sets: SetAssessment {
                tail_mass,
                sizes: LEVELS.iter().filter_map(|level| size(1.0 - level)).collect(),
                calibrated: calibration.map(|calibration| calibrated(calibration).to_vec()),
            },
        }
    }
}

impl MarginalAssessment {
    fn of(marginal: &Marginal, label: f64) -> Self {
        Self {
            mean_error: marginal.difference(label, marginal.mean()),
            median_error: marginal.difference(label, marginal.median()),
            crps: marginal.crps(label),
            pit: marginal.pit(label),
            atom: marginal.randomised_pit(label, 1.0) - marginal.randomised_pit(label, 0.0),
        }
    }

    /// Adds the example to a histogram over equal bins of `[0, 1]`: evenly over `[P(Y < y), P(Y ≤ y)]`, or whole at its
    /// PIT where the label has no mass.
    pub(super) fn add_to(&self, bins: &mut [f64]) {
        let (count, last) = (bins.len() as f64, bins.len() - 1);
        let [low, high] = [-0.5, 0.5].map(|side| (self.pit + side * self.atom).clamp(0.0, 1.0) * count);
        // Of an atom smaller than the rounding of the PIT, nothing is left to spread.
        if low >= high {
            bins[((self.pit * count) as usize).min(last)] += 1.0;
            return;
        }
        for (index, bin) in bins.iter_mut().enumerate() {
            let [from, to] = [low.max(index as f64), high.min(index as f64 + 1.0)];
            *bin += (to - from).max(0.0) / (high - low);
        }
    }

    /// Whether the central interval of probability `level` covers the label.
    pub fn covered(&self, level: f64) -> bool {
        // The ends are the least values at which the distribution function reaches (1 ∓ level)/2.
        self.pit + 0.5 * self.atom >= 0.5 * (1.0 - level) && self.pit - 0.5 * self.atom <= 0.5 * (1.0 + level)
    }
}

/// Compares the prediction of every example with its label. The first example is row `first_row` of the data set.
///
/// Resampling for row `i` uses `Noise(seed, Prediction, 1, i)`, so results do not depend on how many examples fit in
/// memory. `progress` receives the number of examples done.
pub fn assess<F: Features>(
    predictor: &Predictor<F>,
    first_row: usize,
    examples: &dyn Dataset<F::Input>,
    progress: &mut dyn FnMut(usize),
) -> Vec<Assessment> {
    let mut assessments = Vec::with_capacity(examples.len());
    predictor.each(first_row, examples, |row, y, prediction, log_prob| {
        let noise = &mut Noise::new(predictor.config().seed, Purpose::Prediction, 1, row);
        assessments.push(Assessment::of(prediction, y, log_prob, predictor.calibration(), noise));
        progress(assessments.len());
    });
    assessments
}

#[cfg(test)]
mod laws;
