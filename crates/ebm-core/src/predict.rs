//! Prediction with a trained model (paper, Sec. 3.2.2): densities with their error, moments, quantiles, samples.
//!
//! A mixture answers exactly. An energy model answers by self-normalised importance sampling from its proposal, or,
//! where it has none, by quadrature over a given grid. A target may have any number of dimensions: questions that make
//! sense of a scalar alone are asked of a [`Predictive::marginal`].

pub mod conformal;
pub mod curve;
mod draws;
mod mixture;
mod pareto;
pub mod prediction;
mod predictive;
pub mod predictor;
mod refine;
pub mod scoring;
pub(crate) mod tiles;

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Tensor;

pub use draws::{Draws, Estimate};
pub use mixture::Mixture;
pub use pareto::{PARETO_K_LIMIT, pareto_k};
pub use predictive::Predictive;
pub use refine::refine;
pub use tiles::{CHUNK, MEMORY_BUDGET};

use crate::density::Density;
use crate::loss::Candidates;
use crate::math::grid::Grid;
use crate::math::host::to_host;
use crate::math::noise::Noise;
use crate::method::conditional::Conditional;
use crate::method::model::Model;
use crate::predict::tiles::{Budget, features, score_candidates, table_of_scores};

/// How to answer questions about an energy model.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictConfig {
    /// Candidates an input, drawn from the proposal.
    pub m: usize,
    /// Where the density is integrated when the model has no proposal.
    pub grid: Grid,
}

/// Whether a proposal fits the model at one observed target. No one number can tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trust {
    /// The target's share of all importance weights, `w_0 / Σ_{m=0..M} w_m`. About `1/(M+1)` when the proposal fits;
    /// near 1 when the proposal misses where the target lies.
    pub label_weight: f64,
    /// [`Draws::effective_sample_size`].
    pub effective_sample_size: f64,
    /// [`Draws::pareto_k`].
    pub pareto_k: f64,
}

/// `log p(y|x)` at one observed target, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogProb {
    /// The estimate; exact for a mixture.
    pub estimate: Estimate,
    /// How far importance sampling can be trusted here; `None` without sampling.
    pub trust: Option<Trust>,
}

/// Predictive densities for inputs `[batch, input]`.
pub fn predict(model: &Model, input: Tensor<2>, config: &PredictConfig, noise: &mut Noise) -> Vec<Predictive> {
    let model = model.valid();
    let budget = Budget::default();
    predictives(&model.conditional_on(features(&model, &input, budget)), config, noise, budget)
}

/// Predictive densities, as [`predict`] gives them from the same noise, and with them `log p(y|x)` at one target an
/// input. Shapes: `input` `[batch, input]`, `target` `[batch, target]`.
pub fn log_prob(
    model: &Model,
    input: Tensor<2>,
    target: Tensor<2>,
    config: &PredictConfig,
    noise: &mut Noise,
) -> Vec<(Predictive, LogProb)> {
    log_prob_within(&model.valid(), [input, target], config, noise, Budget::default())
}

/// [`log_prob`] of a model without gradients, at inputs and targets, in bounded memory.
pub(crate) fn log_prob_within(
    model: &Model,
    [input, target]: [Tensor<2>; 2],
    config: &PredictConfig,
    noise: &mut Noise,
    budget: Budget,
) -> Vec<(Predictive, LogProb)> {
    let conditional = model.conditional_on(features(model, &input, budget));
    let predictives = predictives(&conditional, config, noise, budget);
    let y: Tensor<3> = target.unsqueeze_dim(1);
    let log_probs: Vec<LogProb> = match &conditional {
        Conditional::Mixture(mixture) => to_host(mixture.log_prob(y))
            .into_iter()
            .map(|value| LogProb { estimate: Estimate::exact(value), trust: None })
            .collect(),
        Conditional::Energy { energy, features, proposal } => {
            let scores = to_host(energy.score(features.clone(), y.clone()));
            let log_q = proposal.as_ref().map(|q| to_host(q.log_prob(y)));
            let at = |(i, predictive): (usize, &Predictive)| {
                let Predictive::Draws(draws) = predictive else { unreachable!("an energy is answered by draws") };
                let trust = log_q.as_ref().map(|log_q| Trust {
                    label_weight: draws.label_weight(scores[i] - log_q[i]),
                    effective_sample_size: draws.effective_sample_size(),
                    pareto_k: draws.pareto_k(),
                });
                LogProb { estimate: draws.log_prob(scores[i]), trust }
            };
            predictives.iter().enumerate().map(at).collect()
        }
    };
    predictives.into_iter().zip(log_probs).collect()
}

/// One an input: exact for mixtures, weighted candidates for an energy.
fn predictives(
    conditional: &Conditional<'_>,
    config: &PredictConfig,
    noise: &mut Noise,
    budget: Budget,
) -> Vec<Predictive> {
    match conditional {
        Conditional::Mixture(mixture) => Mixture::from_batch(mixture).into_iter().map(Predictive::Mixture).collect(),
        Conditional::Energy { energy, features, proposal: Some(q) } => {
            let [y, log_weights] = match energy.candidates_by_kernel(features, q, config.m, noise) {
                Some(drawn) => drawn.map(|numbers| numbers.into_iter().map(f64::from).collect()),
                None => {
                    let y = q.sample(config.m, noise);
                    let score = score_candidates(energy, features, &y, budget);
                    let candidates = Candidates { score, log_q: q.log_prob(y.clone()) };
                    [to_host(y), to_host(candidates.log_weights())]
                }
            };
            let row = y.len() / log_weights.len() * config.m;
            let draws = y.chunks(row).zip(log_weights.chunks(config.m));
            draws.map(|(y, w)| Predictive::Draws(Draws::sampled(y, w.to_vec()))).collect()
        }
        Conditional::Energy { energy, features, proposal: None } => {
            let grid = &config.grid;
            let points: Arc<[f64]> = grid.points(0..grid.len()).collect();
            let mut scores = table_of_scores(energy, features, grid, budget);
            scores.iter_mut().for_each(|score| *score += grid.log_volume());
            let draws = scores.chunks(grid.len());
            draws.map(|w| Predictive::Draws(Draws::quadrature(Arc::clone(&points), w.to_vec()))).collect()
        }
    }
}

#[cfg(test)]
pub(crate) mod laws;
