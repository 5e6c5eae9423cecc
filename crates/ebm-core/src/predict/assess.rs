//! Every example of a test set, held against its predictive density.

use burn::module::Module;

use super::{LogProb, PredictConfig, Predictive, log_prob_within, to_host};
use crate::tiles::{Budget, device, ranges};
use crate::{Dataset, Model, Noise, Purpose, scoring};

/// Examples that share a stream of noise, and the most that are predicted at a time.
pub const CHUNK: usize = 256;

/// How one example fared.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// `log p(y|x)` at the label, nats, with its Monte-Carlo error.
    pub log_prob: LogProb,
    /// [`Predictive::energy_score`], units of the target; of a scalar its CRPS.
    pub energy_score: f64,
    /// Each dimension of the target by itself.
    pub marginals: Vec<MarginalAssessment>,
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
    /// [`Predictive::pit`].
    pub pit: f64,
}

impl MarginalAssessment {
    fn of(marginal: &Predictive, label: f64) -> Self {
        Self {
            mean_error: marginal.mean().value - label,
            median_error: marginal.quantile(0.5) - label,
            crps: marginal.crps(label),
            pit: marginal.pit(label),
        }
    }

    /// Whether the central interval of probability `level` covers the label.
    pub fn covered(&self, level: f64) -> bool {
        scoring::covers(self.pit, level)
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
            });
        }
        progress(rows.end);
    }
    assessments
}

#[cfg(test)]
mod laws;
