//! Prediction with a trained model (paper, Sec. 3.2.2): densities with their error, moments, quantiles, samples.
//!
//! A mixture answers exactly. An energy model answers by self-normalised importance sampling from its proposal, or,
//! where it has none, by quadrature over a given range.

mod draws;
mod mixture;
mod pareto;
mod refine;

use burn::tensor::{Tensor, TensorData};

pub use draws::{Draws, Estimate};
pub use mixture::ScalarMixture;
pub use pareto::{PARETO_K_LIMIT, pareto_k};
pub use refine::refine;

use crate::loss::Candidates;
use crate::model::Conditional;
use crate::{Density, Model, Noise, linspace};

/// How to answer questions about an energy model of a scalar target.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictConfig {
    /// Candidates an input.
    pub m: usize,
    /// Where the density is integrated when the model has no proposal: `[low, high]` in units of the target.
    pub range: [f64; 2],
}

/// The predictive density of one input.
#[derive(Debug, Clone)]
pub enum Predictive {
    /// Exact.
    Mixture(ScalarMixture),
    /// By weighted candidates.
    Draws(Draws),
}

impl Predictive {
    /// `E[y | x]`; exact for a mixture, paper eq. (7) with ξ(y) = y otherwise.
    pub fn mean(&self) -> Estimate {
        match self {
            Self::Mixture(mixture) => Estimate::exact(mixture.mean()),
            Self::Draws(draws) => draws.mean(),
        }
    }

    /// `Var[y | x]`, units of the target squared.
    pub fn variance(&self) -> f64 {
        match self {
            Self::Mixture(mixture) => mixture.variance(),
            Self::Draws(draws) => draws.variance(),
        }
    }

    /// The `p`-quantile of `y | x`, `0 < p < 1`.
    pub fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::Mixture(mixture) => mixture.quantile(p),
            Self::Draws(draws) => draws.quantile(p),
        }
    }

    /// `n` draws from `y | x`: exact for a mixture, resampled with replacement otherwise (Rubin 1987).
    pub fn sample(&self, n: usize, noise: &mut Noise) -> Vec<f64> {
        match self {
            Self::Mixture(mixture) => (0..n).map(|_| mixture.sample(noise)).collect(),
            Self::Draws(draws) => draws.resample(n, noise),
        }
    }
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

/// Predictive densities for inputs `[batch, input]` of a model with a scalar target.
pub fn predict(model: &Model, input: Tensor<2>, config: &PredictConfig, noise: &mut Noise) -> Vec<Predictive> {
    let conditional = model.conditional(input.clone());
    match &conditional {
        Conditional::Mixture(mixture) => {
            ScalarMixture::from_batch(mixture).into_iter().map(Predictive::Mixture).collect()
        }
        Conditional::Energy { .. } => {
            draws(&conditional, input.dims()[0], config, noise).into_iter().map(Predictive::Draws).collect()
        }
    }
}

/// `log p(y|x)` at one target an input. Shapes: `input` `[batch, input]`, `target` `[batch, 1]`.
pub fn log_prob(
    model: &Model,
    input: Tensor<2>,
    target: Tensor<2>,
    config: &PredictConfig,
    noise: &mut Noise,
) -> Vec<LogProb> {
    let conditional = model.conditional(input);
    let y: Tensor<3> = target.clone().unsqueeze_dim(1);
    match &conditional {
        Conditional::Mixture(mixture) => to_host(mixture.log_prob(y))
            .into_iter()
            .map(|value| LogProb { estimate: Estimate::exact(value), trust: None })
            .collect(),
        Conditional::Energy { energy, features, proposal } => {
            let scores = to_host(energy.score(features.clone(), y.clone()));
            let log_q = proposal.as_ref().map(|q| to_host(q.log_prob(y)));
            let draws = draws(&conditional, target.dims()[0], config, noise);
            draws
                .iter()
                .enumerate()
                .map(|(i, draws)| LogProb {
                    estimate: draws.log_prob(scores[i]),
                    trust: log_q.as_ref().map(|log_q| Trust {
                        label_weight: draws.label_weight(scores[i] - log_q[i]),
                        effective_sample_size: draws.effective_sample_size(),
                        pareto_k: draws.pareto_k(),
                    }),
                })
                .collect()
        }
    }
}

/// Weighted candidates for every input of an energy model.
fn draws(conditional: &Conditional<'_>, batch: usize, config: &PredictConfig, noise: &mut Noise) -> Vec<Draws> {
    let Conditional::Energy { energy, features, proposal } = conditional else {
        unreachable!("a mixture needs no draws");
    };
    let m = config.m;
    match proposal {
        Some(q) => {
            let y = q.sample(m, noise);
            let candidates =
                Candidates { score: energy.score(features.clone(), y.clone()), log_q: q.log_prob(y.clone()) };
            let log_weights = to_host(candidates.log_weights());
            let y = to_host(y.squeeze_dim::<2>(2));
            y.chunks(m).zip(log_weights.chunks(m)).map(|(y, w)| Draws::sampled(y.to_vec(), w.to_vec())).collect()
        }
        None => {
            let [low, high] = config.range;
            let grid = linspace(low, high, m);
            let shared: Vec<f32> = grid.iter().map(|&y| y as f32).collect();
            let shared = Tensor::<3>::from_data(TensorData::new(shared, [1, m, 1]), &features.device());
            let score = to_host(energy.score(features.clone(), shared).expand([batch, m]));
            let log_volume = (high - low).ln();
            score
                .chunks(m)
                .map(|score| Draws::quadrature(grid.clone(), score.iter().map(|s| s + log_volume).collect()))
                .collect()
        }
    }
}

/// The values of a tensor, row-major.
pub(crate) fn to_host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f32>().map(f64::from).collect()
}

#[cfg(test)]
mod laws;
