//! Every example of a test set, held against its predictive density.

use burn::module::Module;

use super::summary::LEVELS;
use crate::data::dataset::Dataset;
use crate::math::host::to_host;
use crate::math::noise::{Noise, Purpose};
use crate::method::model::Model;
use crate::predict::conformal::Calibration;
use crate::predict::prediction::{Marginal, Prediction};
use crate::predict::tiles::{Budget, CHUNK, device, ranges};
use crate::predict::{LogProb, PredictConfig, Predictive, log_prob_within};

/// How one example fared.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// `log p(y|x)` at the label, nats, with its Monte-Carlo error.
    pub log_prob: LogProb,
    /// [`Predictive::energy_score`], units of the target; of a scalar its CRPS.
    pub energy_score: f64,
    /// Each dimension of the target by itself.
    pub marginals: Vec<MarginalAssessment>,
    /// Sets of highest density; `None` where they were not looked for.
    pub sets: Option<SetAssessment>,
}

/// How the sets of highest density of one example fared.
#[derive(Debug, Clone, PartialEq)]
pub struct SetAssessment {
    /// [`Prediction::outside`] of the label.
    pub outside: f64,
    /// Their sizes, one a level of [`LEVELS`]: lengths in units of the target, of a count how many; none of a vector.
    pub sizes: Vec<f64>,
    /// The same of calibrated sets; `None` without a calibration.
    pub calibrated: Option<Vec<CalibratedSet>>,
}

/// A calibrated set of one example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibratedSet {
    /// Whether it holds the label.
    pub covers: bool,
    /// Its size, NaN of a vector's. Infinite where it is all of an infinite support.
    pub size: f64,
}

/// How one dimension of one example fared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MarginalAssessment {
    /// Predictive mean − label, units of the target.
    pub mean_error: f64,
    /// Predictive median − label, units of the target.
    pub median_error: f64,
    /// [`Predictive::crps`], units of the target.
    pub crps: f64,
    /// [`Predictive::pit`]; of a count `P(Y < label) + ½ P(Y = label)`.
    pub pit: f64,
    /// `P(Y = label)` of a count, 0 of a density.
    pub atom: f64,
}

impl Assessment {
    /// Of a prediction in the user's units, its label and the label's log-density.
    pub(crate) fn of(
        prediction: &Prediction<'_>,
        label: &[f64],
        log_prob: LogProb,
        calibration: Option<&Calibration>,
        noise: &mut Noise,
    ) -> Self {
        let scalar = (label.len() == 1).then(|| prediction.marginal(0));
        let outside = prediction.outside_scored(label, log_prob.estimate.value);
        let size = |outside: f64| scalar.map(|marginal| marginal.size_of(outside));
        let calibrated = |calibration: &Calibration| {
            LEVELS.map(|coverage| {
                let needed = calibration.outside(coverage);
                CalibratedSet { covers: outside >= needed, size: size(needed).unwrap_or(f64::NAN) }
            })
        };
        let marginals = label.iter().enumerate();
        Self {
            log_prob,
            energy_score: prediction.energy_score(label, noise),
            marginals: marginals.map(|(d, &y)| MarginalAssessment::of_marginal(prediction.marginal(d), y)).collect(),
            sets: Some(SetAssessment {
                outside,
                sizes: LEVELS.iter().filter_map(|level| size(1.0 - level)).collect(),
                calibrated: calibration.map(|calibration| calibrated(calibration).to_vec()),
            }),
        }
    }
}

impl MarginalAssessment {
    fn of(marginal: &Predictive, label: f64) -> Self {
        Self {
            mean_error: marginal.mean().value - label,
            median_error: marginal.quantile(0.5) - label,
            crps: marginal.crps(label),
            pit: marginal.pit(label),
            atom: 0.0,
        }
    }

    fn of_marginal(marginal: &Marginal, label: f64) -> Self {
        Self {
            mean_error: marginal.difference(label, marginal.mean()),
            median_error: marginal.difference(label, marginal.median()),
            crps: marginal.crps(label),
            pit: marginal.pit(label),
            atom: marginal.randomised_pit(label, 1.0) - marginal.randomised_pit(label, 0.0),
        }
    }

    /// Whether the central interval of probability `level` covers the label.
    pub fn covered(&self, level: f64) -> bool {
        // Its ends are the least values that the distribution function reaches (1 ∓ level)/2 at.
        self.pit + 0.5 * self.atom >= 0.5 * (1.0 - level) && self.pit - 0.5 * self.atom <= 0.5 * (1.0 + level)
    }
}

/// Holds every example against the model, on the support of its predictive density: the whole space for a mixture and
/// for an energy with a proposal, the grid's box for an energy without.
///
/// Examples `256 c .. 256 (c + 1)` are predicted with `Noise(seed, Prediction, 0, c)`, and what is resampled for example
/// `i` with `Noise(seed, Prediction, 1, i)`: nothing depends on how many fit into memory. `progress` hears how many
/// examples are done.
pub fn assess(
    model: &Model,
    examples: &dyn Dataset,
    config: &PredictConfig,
    seed: u64,
    progress: &mut dyn FnMut(usize),
) -> Vec<Assessment> {
    assess_within(model, examples, config, seed, Budget::default(), progress)
}

pub(super) fn assess_within(
    model: &Model,
    examples: &dyn Dataset,
    config: &PredictConfig,
    seed: u64,
    budget: Budget,
    progress: &mut dyn FnMut(usize),
) -> Vec<Assessment> {
    let model = model.valid();
    let device = device(&model);
    let rows_at_once = match &model {
        // Weights on the grid are doubles, once as scores and once as draws. They need no noise, so chunks may be cut.
        Model::EbmFixed(_) => budget.fit(4 * config.grid.len()).min(CHUNK),
        _ => CHUNK,
    };
    let mut assessments = Vec::with_capacity(examples.len());
    for rows in ranges(examples.len(), rows_at_once) {
        let batch = examples.batch(&rows.clone().collect::<Vec<_>>(), &device);
        let noise = &mut Noise::new(seed, Purpose::Prediction, 0, rows.start / CHUNK);
        let labels = to_host(batch.target.clone());
        let answers = log_prob_within(&model, [batch.input, batch.target], config, noise, budget);
        let labels = labels.chunks(examples.target_width());
        for (row, ((predictive, log_prob), label)) in rows.clone().zip(answers.iter().zip(labels)) {
            let marginals = label.iter().enumerate();
            assessments.push(Assessment {
                log_prob: *log_prob,
                energy_score: predictive.energy_score(label, &mut Noise::new(seed, Purpose::Prediction, 1, row)),
                marginals: marginals.map(|(d, &y)| MarginalAssessment::of(&predictive.marginal(d), y)).collect(),
                sets: None,
            });
        }
        progress(rows.end);
    }
    assessments
}

#[cfg(test)]
mod laws;
