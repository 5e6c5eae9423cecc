//! Predictive densities in the user's units.
//!
//! A scalar is answered from one function, its [`Curve`], so that quantiles, intervals and sets of highest density agree
//! with each other and with the density; no random number is involved. A vector is answered from weighted draws, or
//! exactly where it is a mixture.

mod build;
mod circle;
mod cloud;
mod count;
mod knots;
mod marginal;
mod score;
mod smooth;

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

pub use marginal::Marginal;

pub(crate) use build::{Labels, predictions};

use crate::data::space::TargetSpace;
use crate::math::noise::{Noise, Purpose};
use crate::predict::conformal::Calibration;
use crate::predict::{Estimate, LogProb, Trust};
use cloud::Cloud;
use score::Score;

/// How predictions are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PredictionConfig {
    /// Candidates an input. A scalar's are placed where its proposal and then its density are, a vector's are drawn.
    pub m: usize,
    /// Decides the draws for a vector. A scalar needs none.
    pub seed: u64,
}

impl Default for PredictionConfig {
    fn default() -> Self {
        Self { m: 1024, seed: 0 }
    }
}

/// How far draws from the proposal stand for the density.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reliability {
    /// Effective sample size as a share of the candidates; of a scalar, that which draws from its proposal would have.
    pub ess_share: f64,
    /// Pareto k̂ of the weights, above 0.7 for draws not to be trusted; NaN for a scalar, whose candidates have none.
    pub pareto_k: f64,
}

/// The predictive density of one input, in the user's units.
///
/// Log-densities are nats per unit of the target; of a count they are log-probabilities. Questions about a scalar panic
/// of a target with more dimensions: ask its [`Prediction::marginal`].
#[derive(Debug)]
pub struct Prediction<'a> {
    space: &'a TargetSpace,
    score: Score<'a>,
    /// `log Z`, and of a mixture the logarithm of its mass where targets can be.
    log_partition: Estimate,
    reliability: Option<Reliability>,
    m: usize,
    /// Where the score stands for the density, as the networks see it. Beyond, a scalar's curve does if it goes there.
    asked: [f64; 2],
    /// Of a vector.
    cloud: Option<Cloud>,
    marginals: Vec<OnceLock<Marginal>>,
}

impl Prediction<'_> {
    /// Dimensions of the target, D.
    pub fn dimensions(&self) -> usize {
        self.space.dimensions()
    }

    /// One dimension by itself.
    pub fn marginal(&self, dimension: usize) -> &Marginal {
        self.marginals[dimension].get_or_init(|| {
            let cloud = self.cloud.as_ref().expect("a scalar's marginal is there from the start");
            cloud.marginal(dimension, self.space, &self.score)
        })
    }

    fn scalar(&self) -> &Marginal {
        assert_eq!(self.dimensions(), 1, "a question about a scalar: ask a marginal");
        self.marginal(0)
    }

    /// [`Marginal::mean`] of a scalar.
    pub fn mean(&self) -> f64 {
        self.scalar().mean()
    }

    /// [`Marginal::sd`] of a scalar.
    pub fn sd(&self) -> f64 {
        self.scalar().sd()
    }

    /// [`Marginal::median`] of a scalar.
    pub fn median(&self) -> f64 {
        self.scalar().median()
    }

    /// [`Marginal::quantile`] of a scalar.
    pub fn quantile(&self, p: f64) -> f64 {
        self.scalar().quantile(p)
    }

    /// [`Marginal::cdf`] of a scalar.
    pub fn cdf(&self, y: f64) -> f64 {
        self.scalar().cdf(y)
    }

    /// [`Marginal::interval`] of a scalar.
    pub fn interval(&self, level: f64) -> [f64; 2] {
        self.scalar().interval(level)
    }

    /// [`Marginal::hpd`] of a scalar.
    pub fn hpd(&self, level: f64) -> Vec<[f64; 2]> {
        self.scalar().hpd(level)
    }

    /// [`Marginal::crps`] of a scalar.
    pub fn crps(&self, observed: f64) -> f64 {
        self.scalar().crps(observed)
    }

    /// [`Marginal::pit`] of a scalar.
    pub fn pit(&self, observed: f64) -> f64 {
        self.scalar().pit(observed)
    }

    /// Where the density is highest, of a vector the best of its draws.
    pub fn mode(&self) -> Vec<f64> {
        match &self.cloud {
            None => vec![self.scalar().mode()],
            Some(cloud) => cloud.mode().to_vec(),
        }
    }

    /// `log p(y|x)` in the user's units, nats, of a count its log-probability; `−∞` where no target of the kind is.
    ///
    /// A scalar's has no Monte-Carlo error. Where an energy rises beyond all labels its density ends, but labels there get
    /// the score's finite value. In a vector a count's probability is the density at the middle of its unit.
    pub fn log_prob(&self, y: &[f64]) -> LogProb {
        let z = self.space.to_model(y);
        let [score, log_q] = self.score.at(&z);
        self.log_prob_scored(y, score, log_q)
    }

    /// [`Prediction::log_prob`] where the networks have said what they know: the score, or a mixture's log-density, and
    /// the proposal's log-density, NaN without one.
    pub(crate) fn log_prob_scored(&self, y: &[f64], score: f64, log_q: f64) -> LogProb {
        let trust = self.reliability.map(|reliability| {
            // The target among m draws.
            let others = self.log_partition.value + (self.m as f64).ln();
            Trust {
                label_weight: 1.0 / (1.0 + (others - (score - log_q)).exp()),
                effective_sample_size: reliability.ess_share * self.m as f64,
                pareto_k: reliability.pareto_k,
            }
        });
        let value = if !self.space.contains(y) {
            f64::NEG_INFINITY
        } else {
            let density = score - self.log_partition.value + self.space.log_jacobian(y);
            let probability = self.cloud.is_none().then(|| self.by_curve(y[0])).flatten();
            probability.unwrap_or(density)
        };
        LogProb { estimate: Estimate { value, ..self.log_partition }, trust }
    }

    /// The log-density of a scalar where the curve knows better than the score.
    fn by_curve(&self, y: f64) -> Option<f64> {
        let z = self.space.targets()[0].to_model(y);
        let beyond = z < self.asked[0] || self.asked[1] < z;
        if beyond { self.scalar().log_density(y) } else { self.scalar().log_probability(y) }
    }

    /// How far draws from the proposal stand for the density; `None` where there are none to be trusted or not.
    pub fn reliability(&self) -> Option<Reliability> {
        self.reliability
    }

    /// The mass of all targets no denser than `y`: 1 at the mode, 0 where the density is.
    ///
    /// `1 − outside(y)` is [`Prediction::hpd_level`]; far out this keeps its digits. For counts, of all values no more
    /// probable.
    pub fn outside(&self, y: &[f64]) -> f64 {
        match &self.cloud {
            None => self.scalar().outside(y[0]),
            Some(cloud) => cloud.outside(self.log_prob(y).estimate.value),
        }
    }

    /// [`Prediction::outside`] of a target whose log-density is known.
    pub(crate) fn outside_scored(&self, y: &[f64], log_prob: f64) -> f64 {
        match &self.cloud {
            None => self.scalar().outside(y[0]),
            Some(cloud) => cloud.outside(log_prob),
        }
    }

    /// The level of the smallest set of highest density that holds `y`: the mass of all that is denser.
    pub fn hpd_level(&self, y: &[f64]) -> f64 {
        1.0 - self.outside(y)
    }

    /// Whether the set of highest density of this level holds `y`: whether [`Prediction::hpd_level`] is at most `level`.
    /// At level 1 it holds every target there can be.
    pub fn contains(&self, y: &[f64], level: f64) -> bool {
        self.space.contains(y) && (level >= 1.0 || self.outside(y) >= 1.0 - level)
    }

    /// The log-density in nats that the set of highest density of this level has at its edge: it holds the targets that
    /// are at least as dense. `−∞` at level 1.
    pub fn hpd_threshold(&self, level: f64) -> f64 {
        match (&self.cloud, level >= 1.0) {
            (_, true) => f64::NEG_INFINITY,
            (None, _) => self.scalar().threshold(1.0 - level),
            (Some(cloud), _) => cloud.threshold(1.0 - level),
        }
    }

    /// The set of highest density of a scalar that a calibration promises to cover as often: [`Marginal::hpd`] of its
    /// level. Of a vector ask [`Prediction::calibrated_contains`].
    pub fn calibrated(&self, calibration: &Calibration, coverage: f64) -> Vec<[f64; 2]> {
        self.scalar().at_least_as_dense(calibration.outside(coverage))
    }

    /// Whether the set of highest density that a calibration promises to cover as often holds `y`.
    pub fn calibrated_contains(&self, calibration: &Calibration, coverage: f64, y: &[f64]) -> bool {
        self.space.contains(y) && self.outside(y) >= calibration.outside(coverage)
    }

    /// `n` draws from `y | x`, row-major `[n, D]`: a vector's are candidates, resampled with replacement.
    pub fn sample(&self, n: usize, noise: &mut Noise) -> Vec<f64> {
        match &self.cloud {
            None => (0..n).map(|_| self.scalar().at_level(noise.unit())).collect(),
            Some(cloud) => cloud.sample(n, noise),
        }
    }

    /// The energy score of an observed target, in its units; of a scalar its CRPS. Dimensions with different units are
    /// added as numbers, angles by the shorter way round.
    pub fn energy_score(&self, observed: &[f64], noise: &mut Noise) -> f64 {
        match &self.cloud {
            None => self.crps(observed[0]),
            Some(cloud) => cloud.energy_score(observed, self.space, noise),
        }
    }
}

/// The stream of noise of one row of inputs, counted from the first of all.
fn noise_of(seed: u64, row: usize) -> Noise {
    Noise::new(seed, Purpose::Prediction, 2, row)
}

#[cfg(test)]
pub(crate) mod laws;
