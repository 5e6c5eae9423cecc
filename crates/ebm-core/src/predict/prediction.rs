//! Predictive densities in the user's units.
//!
//! A scalar is answered from one function, its [`Curve`](crate::predict::curve::Curve), so that quantiles, intervals and
//! sets of highest density agree with each other and with the density; no random number is involved. A vector is answered
//! from weighted draws, or exactly where it is a mixture.

use std::sync::{Arc, OnceLock};

use crate::data::space::TargetSpace;
use crate::math::noise::Noise;
use crate::predict::conformal::Calibration;
use crate::predict::draws::{Draws, label_weight};
use crate::predict::joint::Joint;
use crate::predict::knots::Scalar;
use crate::predict::marginal::Marginal;
use crate::predict::reliability::{Estimate, LogProb, Reliability};
use crate::predict::score::Score;

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
    /// Range of the standardised target where the score gives the density. Beyond, a scalar's curve does if it goes there.
    asked: [f64; 2],
    /// Of a vector.
    joint: Option<Joint>,
    marginals: Vec<OnceLock<Marginal>>,
}

impl<'a> Prediction<'a> {
    /// A scalar, from its exact marginal.
    pub(super) fn scalar(space: &'a TargetSpace, score: Score<'a>, m: usize, found: Scalar) -> Self {
        Self {
            space,
            score,
            log_partition: Estimate::exact(found.log_partition),
            reliability: found.ess_share.map(|ess_share| Reliability { ess_share, pareto_k: f64::NAN }),
            m,
            asked: found.asked,
            joint: None,
            marginals: vec![OnceLock::from(found.marginal)],
        }
    }

    /// A vector, from standardised draws, the same points in the user's units, and the log-densities of the former.
    pub(super) fn vector(
        space: &'a TargetSpace,
        score: Score<'a>,
        m: usize,
        draws: &Draws,
        points: Arc<[f64]>,
        log_density: &[f64],
    ) -> Self {
        Self {
            space,
            log_partition: draws.log_partition(),
            reliability: matches!(score, Score::Energy { .. }).then(|| draws.reliability()).flatten(),
            score,
            m,
            asked: [f64::NEG_INFINITY, f64::INFINITY],
            joint: Some(Joint::new(draws, points, log_density, space)),
            marginals: vec![OnceLock::new(); space.dimensions()],
        }
    }

    /// Dimensions of the target, D.
    pub fn dimensions(&self) -> usize {
        self.space.dimensions()
    }

    /// One dimension by itself.
    pub fn marginal(&self, dimension: usize) -> &Marginal {
        self.marginals[dimension].get_or_init(|| {
            let joint = self.joint.as_ref().expect("a scalar has its marginal from the start");
            joint.marginal(dimension, self.space, &self.score)
        })
    }

    fn only(&self) -> &Marginal {
        assert_eq!(self.dimensions(), 1, "a question about a scalar: ask a marginal");
        self.marginal(0)
    }

    /// [`Marginal::mean`] of a scalar.
    pub fn mean(&self) -> f64 {
        self.only().mean()
    }

    /// [`Marginal::sd`] of a scalar.
    pub fn sd(&self) -> f64 {
        self.only().sd()
    }

    /// [`Marginal::median`] of a scalar.
    pub fn median(&self) -> f64 {
        self.only().median()
    }

    /// [`Marginal::quantile`] of a scalar.
    pub fn quantile(&self, p: f64) -> f64 {
        self.only().quantile(p)
    }

    /// [`Marginal::cdf`] of a scalar.
    pub fn cdf(&self, y: f64) -> f64 {
        self.only().cdf(y)
    }

    /// [`Marginal::interval`] of a scalar.
    pub fn interval(&self, level: f64) -> [f64; 2] {
        self.only().interval(level)
    }

    /// [`Marginal::hpd`] of a scalar.
    pub fn hpd(&self, level: f64) -> Vec<[f64; 2]> {
        self.only().hpd(level)
    }

    /// [`Marginal::crps`] of a scalar.
    pub fn crps(&self, observed: f64) -> f64 {
        self.only().crps(observed)
    }

    /// [`Marginal::pit`] of a scalar.
    pub fn pit(&self, observed: f64) -> f64 {
        self.only().pit(observed)
    }

    /// Where the density is highest, of a vector the best of its draws.
    pub fn mode(&self) -> Vec<f64> {
        match &self.joint {
            None => vec![self.only().mode()],
            Some(joint) => joint.mode().to_vec(),
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

    /// [`Prediction::log_prob`] of a target whose score, or a mixture's log-density, is known, and the proposal's
    /// log-density, NaN without one.
    pub(crate) fn log_prob_scored(&self, y: &[f64], score: f64, log_q: f64) -> LogProb {
        let value = if !self.space.contains(y) {
            f64::NEG_INFINITY
        } else {
            let density = score - self.log_partition.value + self.space.log_jacobian(y);
            let probability = self.joint.is_none().then(|| self.by_curve(y[0])).flatten();
            probability.unwrap_or(density)
        };
        let label_weight = self.reliability.map(|_| label_weight(score - log_q, self.log_partition.value, self.m));
        LogProb { estimate: Estimate { value, ..self.log_partition }, label_weight }
    }

    /// The log-density of a scalar where the curve knows better than the score.
    fn by_curve(&self, y: f64) -> Option<f64> {
        let z = self.space.targets()[0].to_model(y);
        let beyond = z < self.asked[0] || self.asked[1] < z;
        if beyond { self.only().log_density(y) } else { self.only().log_probability(y) }
    }

    /// How well draws from the proposal represent the density; `None` for a model without a proposal.
    pub fn reliability(&self) -> Option<Reliability> {
        self.reliability
    }

    /// The mass of all targets no denser than `y`: 1 at the mode, 0 where the density is 0.
    ///
    /// `1 − tail_mass(y)` is [`Prediction::hpd_level`]; far out this keeps its digits. For counts, of all values no more
    /// probable.
    pub fn tail_mass(&self, y: &[f64]) -> f64 {
        match &self.joint {
            None => self.only().tail_mass(y[0]),
            Some(joint) => joint.tail_mass(self.log_prob(y).estimate.value),
        }
    }

    /// [`Prediction::tail_mass`] of a target whose log-density is known.
    pub(crate) fn tail_mass_scored(&self, y: &[f64], log_prob: f64) -> f64 {
        match &self.joint {
            None => self.only().tail_mass(y[0]),
            Some(joint) => joint.tail_mass(log_prob),
        }
    }

    /// The level of the smallest set of highest density that holds `y`: the mass of all that is denser.
    pub fn hpd_level(&self, y: &[f64]) -> f64 {
        1.0 - self.tail_mass(y)
    }

    /// Whether the set of highest density of this level holds `y`: whether [`Prediction::hpd_level`] is at most `level`.
    /// At level 1 it holds every target there can be.
    pub fn contains(&self, y: &[f64], level: f64) -> bool {
        self.space.contains(y) && (level >= 1.0 || self.tail_mass(y) >= 1.0 - level)
    }

    /// The log-density in nats that the set of highest density of this level has at its edge: it holds the targets that
    /// are at least as dense. `−∞` at level 1.
    pub fn hpd_threshold(&self, level: f64) -> f64 {
        match (&self.joint, level >= 1.0) {
            (_, true) => f64::NEG_INFINITY,
            (None, _) => self.only().threshold(1.0 - level),
            (Some(joint), _) => joint.threshold(1.0 - level),
        }
    }

    /// The set of highest density of a scalar that a calibration promises to cover as often: [`Marginal::hpd`] of its
    /// level. Of a vector ask [`Prediction::calibrated_contains`].
    pub fn calibrated(&self, calibration: &Calibration, coverage: f64) -> Vec<[f64; 2]> {
        self.only().at_least_as_dense(calibration.tail_mass(coverage))
    }

    /// Whether the set of highest density that a calibration promises to cover as often holds `y`.
    pub fn calibrated_contains(&self, calibration: &Calibration, coverage: f64, y: &[f64]) -> bool {
        self.space.contains(y) && self.tail_mass(y) >= calibration.tail_mass(coverage)
    }

    /// `n` draws from `y | x`, row-major `[n, D]`: a vector's are candidates, resampled with replacement.
    pub fn sample(&self, n: usize, noise: &mut Noise) -> Vec<f64> {
        match &self.joint {
            None => (0..n).map(|_| self.only().at_level(noise.unit())).collect(),
            Some(joint) => joint.sample(n, noise),
        }
    }

    /// The energy score of an observed target, in its units; of a scalar its CRPS. Dimensions with different units are
    /// added as numbers, angles by the shorter way round.
    pub fn energy_score(&self, observed: &[f64], noise: &mut Noise) -> f64 {
        match &self.joint {
            None => self.crps(observed[0]),
            Some(joint) => joint.energy_score(observed, self.space, noise),
        }
    }
}

#[cfg(test)]
pub(crate) mod laws;
#[cfg(test)]
mod unit_laws;
