//! The predictive density of one input, however it is known.

use super::{Draws, Estimate, Mixture};
use crate::math::noise::Noise;
use crate::predict::scoring;

/// The predictive density of one input.
///
/// Questions about a scalar panic of a target with more dimensions: ask its [`Predictive::marginal`].
#[derive(Debug, Clone)]
pub enum Predictive {
    /// Exact.
    Mixture(Mixture),
    /// By weighted candidates.
    Draws(Draws),
}

impl Predictive {
    /// Draws that stand for a density where every pair of draws is compared: beyond it, pairs cost too much.
    pub const ENERGY_SCORE_DRAWS: usize = 1024;

    /// Dimensions of the target, D.
    pub fn dimensions(&self) -> usize {
        match self {
            Self::Mixture(mixture) => mixture.dimensions(),
            Self::Draws(draws) => draws.dimensions(),
        }
    }

    /// The density of one dimension of the target alone. Draws keep their weights.
    pub fn marginal(&self, dimension: usize) -> Self {
        match self {
            Self::Mixture(mixture) => Self::Mixture(mixture.marginal(dimension)),
            Self::Draws(draws) => Self::Draws(draws.marginal(dimension)),
        }
    }

    /// `E[y | x]` of a scalar; exact for a mixture, paper eq. (7) with ξ(y) = y otherwise.
    pub fn mean(&self) -> Estimate {
        match self {
            Self::Mixture(mixture) => Estimate::exact(mixture.mean()),
            Self::Draws(draws) => draws.mean(),
        }
    }

    /// `Var[y | x]` of a scalar, units of the target squared.
    pub fn variance(&self) -> f64 {
        match self {
            Self::Mixture(mixture) => mixture.variance(),
            Self::Draws(draws) => draws.variance(),
        }
    }

    /// The `p`-quantile of a scalar `y | x`, `0 < p < 1`.
    pub fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::Mixture(mixture) => mixture.quantile(p),
            Self::Draws(draws) => draws.quantile(p),
        }
    }

    /// The probability integral transform of an observed scalar, `P(Y ≤ y | x)`: see [`scoring::pit`].
    pub fn pit(&self, observed: f64) -> f64 {
        match self {
            Self::Mixture(mixture) => mixture.cdf(observed),
            Self::Draws(draws) => scoring::pit(draws.scalars(), draws.weights(), observed),
        }
    }

    /// The continuous ranked probability score of an observed scalar, in units of the target: see [`scoring::crps`].
    pub fn crps(&self, observed: f64) -> f64 {
        match self {
            Self::Mixture(mixture) => scoring::mixture_crps(mixture.scalar_components(), observed),
            Self::Draws(draws) => scoring::crps(draws.scalars(), draws.weights(), observed),
        }
    }

    /// The energy score of an observed target, in its units: see [`scoring::energy_score`].
    ///
    /// A scalar's is its CRPS. Otherwise a mixture, and draws that are more than [`Self::ENERGY_SCORE_DRAWS`], are
    /// represented by that many samples.
    pub fn energy_score(&self, observed: &[f64], noise: &mut Noise) -> f64 {
        assert_eq!(observed.len(), self.dimensions(), "dimensions of the target");
        match self {
            _ if observed.len() == 1 => self.crps(observed[0]),
            Self::Draws(draws) if draws.len() <= Self::ENERGY_SCORE_DRAWS => {
                scoring::energy_score(draws.points(), draws.weights(), observed)
            }
            _ => {
                let n = Self::ENERGY_SCORE_DRAWS;
                scoring::energy_score(&self.sample(n, noise), &vec![1.0 / n as f64; n], observed)
            }
        }
    }

    /// `n` draws from `y | x`, row-major `[n, D]`: exact for a mixture, resampled with replacement otherwise
    /// (Rubin 1987).
    pub fn sample(&self, n: usize, noise: &mut Noise) -> Vec<f64> {
        match self {
            Self::Mixture(mixture) => mixture.sample(n, noise),
            Self::Draws(draws) => draws.resample(n, noise),
        }
    }
}
