//! Predictive densities in the user's units.
//!
//! For a scalar, every answer is computed from its [`Curve`](crate::predict::curve::Curve). Quantiles, intervals and
//! sets of highest density therefore agree with each other and with the density, and no random numbers are used. For a
//! vector, answers are computed from weighted draws; the log-density and the marginals of a mixture are exact.

use std::sync::{Arc, OnceLock};

use crate::data::space::TargetSpace;
use crate::math::noise::Noise;
use crate::predict::conformal::Calibration;
use crate::predict::draws::{Draws, label_weight};
use crate::predict::joint::Joint;
use crate::predict::knots::Scalar;
use crate::predict::marginal::Marginal;
use crate::predict::mixture::Mixture;
use crate::predict::reliability::{Estimate, LogProb, Reliability};
use crate::predict::score::Score;

/// The predictive density of one input, in the user's units.
///
/// Log-densities are in nats per unit of the target; on a lattice, as for counts, they are log-probabilities. Methods for a
/// scalar panic for a target with more dimensions; use [`Prediction::marginal`] there.
#[derive(Debug)]
pub struct Prediction<'a> {
    space: &'a TargetSpace,
    density: Density<'a>,
    reliability: Option<Reliability>,
    /// For a vector; `None` for a scalar.
    joint: Option<Joint>,
    marginals: Vec<OnceLock<Marginal>>,
}

/// Where the log-density of a target comes from.
#[derive(Debug)]
enum Density<'a> {
    /// One model.
    Model {
        score: Score<'a>,
        /// `log Z`, nats; for a mixture, the log of its mass on the support.
        log_partition: Estimate,
        m: usize,
        /// Range of the standardised target where the score gives the density. Beyond it, the curve of a scalar does,
        /// as far as it reaches.
        asked: [f64; 2],
    },
    /// The power mean of the members of an ensemble, `(Σ_i w_i p_i^α)^{1/α} / Z`.
    Pool {
        /// Each with its weight.
        members: Vec<(f64, Prediction<'a>)>,
        /// `α`
        power: f64,
        /// `log Z`, nats; 0 for a mixture, `α = 1`.
        log_partition: f64,
    },
}

impl<'a> Prediction<'a> {
    /// The prediction of a scalar, from its marginal.
    pub(super) fn scalar(space: &'a TargetSpace, score: Score<'a>, m: usize, found: Scalar) -> Self {
        let log_partition = Estimate::exact(found.log_partition);
        Self {
            space,
            density: Density::Model { score, log_partition, m, asked: found.asked },
            reliability: found.ess_share.map(|ess_share| Reliability { ess_share, pareto_k: f64::NAN }),
            joint: None,
            marginals: vec![OnceLock::from(found.marginal)],
        }
    }

    /// The prediction of a vector. `draws` are standardised, `points` are the same points in the user's units, and
    /// `log_density` is that of the standardised draws.
    pub(super) fn vector(
        space: &'a TargetSpace,
        score: Score<'a>,
        m: usize,
        draws: &Draws,
        points: Arc<[f64]>,
        log_density: &[f64],
    ) -> Self {
        let (log_partition, asked) = (draws.log_partition(), [f64::NEG_INFINITY, f64::INFINITY]);
        Self {
            space,
            reliability: matches!(score, Score::Energy { .. }).then(|| draws.reliability()).flatten(),
            density: Density::Model { score, log_partition, m, asked },
            joint: Some(Joint::new(draws, points, log_density, space)),
            marginals: vec![OnceLock::new(); space.dimensions()],
        }
    }

    /// Dimensions of the target, D.
    pub fn dimensions(&self) -> usize {
        self.space.dimensions()
    }

    /// The marginal density of one dimension.
    pub fn marginal(&self, dimension: usize) -> &Marginal {
        self.marginals[dimension].get_or_init(|| {
            let joint = self.joint.as_ref().expect("a scalar has its marginal from the start");
            joint.marginal(dimension, self.space, self.mixture())
        })
    }

    /// The mixture that the density is, if it is the mixture of one model.
    fn mixture(&self) -> Option<&Mixture> {
        match &self.density {
            Density::Model { score: Score::Mixture(mixture), .. } => Some(mixture),
            _ => None,
        }
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

    /// The mode: where the density is highest; for a vector, the draw with the highest density.
    pub fn mode(&self) -> Vec<f64> {
        match &self.joint {
            None => vec![self.only().mode()],
            Some(joint) => joint.mode().to_vec(),
        }
    }

    /// `log p(y|x)` in nats, in the user's units; on a lattice, the log-probability. `−∞` outside the support.
    ///
    /// For a scalar there is no Monte-Carlo error. An energy's density ends where its score rises beyond all labels;
    /// labels further out still get the finite value of the score. In a vector, the probability on a lattice is
    /// the density at the middle of a step.
    pub fn log_prob(&self, y: &[f64]) -> LogProb {
        match &self.density {
            Density::Model { score, .. } => {
                let [score, log_q] = score.at(&self.space.to_model(y));
                self.log_prob_scored(y, score, log_q)
            }
            Density::Pool { members, .. } => self.log_prob_of(members.iter().map(|(_, member)| member.log_prob(y))),
        }
    }

    /// [`Prediction::log_prob`] of a target with known `score` (for a mixture, its log-density) and known `log_q`, the
    /// proposal's log-density (NaN without a proposal).
    ///
    /// # Panics
    /// For an ensemble, which has several scores.
    pub(crate) fn log_prob_scored(&self, y: &[f64], score: f64, log_q: f64) -> LogProb {
        let Density::Model { log_partition, m, asked, .. } = self.density else {
            panic!("the members of an ensemble have a score each")
        };
        let value = if !self.space.contains(y) {
            f64::NEG_INFINITY
        } else {
            let density = score - log_partition.value + self.space.log_jacobian(y);
            let probability = (self.dimensions() == 1).then(|| self.by_curve(y[0], asked)).flatten();
            probability.unwrap_or(density)
        };
        let label_weight = self.reliability.map(|_| label_weight(score - log_q, log_partition.value, m));
        LogProb { estimate: Estimate { value, ..log_partition }, label_weight }
    }

    /// The log-density of a scalar from the curve, on a lattice and beyond the evaluated range; otherwise `None`.
    fn by_curve(&self, y: f64, asked: [f64; 2]) -> Option<f64> {
        let z = self.space.targets()[0].to_model(y);
        let beyond = z < asked[0] || asked[1] < z;
        if beyond { self.only().log_density(y) } else { self.only().log_probability(y) }
    }

    /// How well draws from the proposal represent the density; `None` for a model without a proposal.
    pub fn reliability(&self) -> Option<Reliability> {
        self.reliability
    }

    /// The mass of all targets that are no denser than `y`: 1 at the mode, 0 where the density is 0.
    ///
    /// `1 − tail_mass(y)` is [`Prediction::hpd_level`]; in the far tails `tail_mass` is more precise. For counts, the
    /// probability of all values that are no more probable than `y`.
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

    /// The level of the smallest set of highest density that contains `y`: the mass of all denser targets.
    pub fn hpd_level(&self, y: &[f64]) -> f64 {
        1.0 - self.tail_mass(y)
    }

    /// Whether the set of highest density of this level contains `y`: whether [`Prediction::hpd_level`] is at most
    /// `level`. At level 1 the set is the whole support.
    pub fn contains(&self, y: &[f64], level: f64) -> bool {
        self.space.contains(y) && (level >= 1.0 || self.tail_mass(y) >= 1.0 - level)
    }

    /// The log-density in nats at the edge of the set of highest density of this level. The set contains the targets
    /// that are at least as dense. `−∞` at level 1.
    pub fn hpd_threshold(&self, level: f64) -> f64 {
        match (&self.joint, level >= 1.0) {
            (_, true) => f64::NEG_INFINITY,
            (None, _) => self.only().threshold(1.0 - level),
            (Some(joint), _) => joint.threshold(1.0 - level),
        }
    }

    /// The calibrated set of highest density of a scalar with this coverage: [`Marginal::hpd`] at the calibrated level.
    /// For a vector, use [`Prediction::calibrated_contains`].
    pub fn calibrated(&self, calibration: &Calibration, coverage: f64) -> Vec<[f64; 2]> {
        self.only().at_least_as_dense(calibration.tail_mass(coverage))
    }

    /// Whether the calibrated set of highest density with this coverage contains `y`.
    pub fn calibrated_contains(&self, calibration: &Calibration, coverage: f64, y: &[f64]) -> bool {
        self.space.contains(y) && self.tail_mass(y) >= calibration.tail_mass(coverage)
    }

    /// `n` draws from `y | x`, row-major `[n, D]`. For a vector they are candidates resampled with replacement.
    pub fn sample(&self, n: usize, noise: &mut Noise) -> Vec<f64> {
        match &self.joint {
            None => (0..n).map(|_| self.only().at_level(noise.unit())).collect(),
            Some(joint) => joint.sample(n, noise),
        }
    }

    /// The energy score of an observed target, in its units; for a scalar, the CRPS. Different units are not converted:
    /// differences enter as plain numbers, those of angles by the shorter way round.
    pub fn energy_score(&self, observed: &[f64], noise: &mut Noise) -> f64 {
        match &self.joint {
            None => self.crps(observed[0]),
            Some(joint) => joint.energy_score(observed, self.space, noise),
        }
    }
}

mod pool;

#[cfg(test)]
pub(crate) mod laws;
#[cfg(test)]
mod scale_laws;
#[cfg(test)]
mod unit_laws;
