//! The predictive density of a scalar, in the user's units.

mod circle;
mod count;

use crate::data::space::{Target, TargetKind};
use crate::predict::curve::Curve;
use crate::predict::draws::Draws;
use crate::predict::scoring;

/// The predictive density of a scalar, or of one dimension of a vector.
///
/// Intervals of an angle are `[from, to]` with `from` in `[0, period)` and `from ≤ to ≤ from + period`. If `to` exceeds
/// the period, the interval passes through 0. For angles, the distribution function, quantiles and intervals start
/// opposite to the mean direction.
#[derive(Debug, Clone)]
pub struct Marginal {
    target: Target,
    /// For counts, a step function: one step for each count, or for several counts with the same probability. For
    /// angles, one turn from the point opposite to the mean direction.
    curve: Curve,
    /// For angles, the length of the mean resultant; otherwise NaN.
    resultant: f64,
    /// For one dimension of a vector, the draws that the curve was smoothed from, ascending.
    draws: Option<Draws>,
}

impl Marginal {
    /// From a curve in units of `y`: for counts the density of `n + u`, for angles one turn of the circle.
    pub(super) fn new(target: Target, curve: Curve) -> Self {
        let (curve, resultant) = match target.kind {
            TargetKind::Count => (count::steps(&curve), f64::NAN),
            TargetKind::Angle { period } => circle::centred(&curve, period),
            _ => (curve, f64::NAN),
        };
        Self { target, curve, resultant, draws: None }
    }

    /// Adds the draws that the curve was smoothed from. Moments and quantiles are computed from them, because smoothing
    /// biases the curve's. Ignored for angles.
    pub(super) fn with_draws(self, draws: Draws) -> Self {
        let draws = self.period().is_none().then_some(draws);
        Self { draws, ..self }
    }

    /// The target: its kind and scale.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The density as a function. For counts, steps from `n` to `n + 1`; for angles, one turn from the point opposite
    /// to the mean direction.
    pub fn curve(&self) -> &Curve {
        &self.curve
    }

    fn period(&self) -> Option<f64> {
        match self.target.kind {
            TargetKind::Angle { period } => Some(period),
            _ => None,
        }
    }

    fn is_count(&self) -> bool {
        self.target.kind == TargetKind::Count
    }

    /// The position of `y` on the curve; a count is placed in the middle of its step.
    pub(super) fn place(&self, y: f64) -> f64 {
        match self.period() {
            _ if self.is_count() => y.floor() + 0.5,
            Some(period) => circle::place(&self.curve, period, y),
            None => y,
        }
    }

    /// `E[y|x]`; for angles, the mean direction.
    pub fn mean(&self) -> f64 {
        match (&self.draws, self.period()) {
            (Some(draws), _) => draws.mean().value,
            (None, Some(period)) => self.target.canonical(self.curve.support()[0] + 0.5 * period),
            (None, None) if self.is_count() => self.curve.mean() - 0.5,
            (None, None) => self.curve.mean(),
        }
    }

    /// Standard deviation; for angles `√(−2 ln R)` radians, in units of `y`, which is infinite for a uniform density.
    pub fn sd(&self) -> f64 {
        match (&self.draws, self.period()) {
            (Some(draws), _) => draws.variance().sqrt(),
            (None, Some(period)) => (-2.0 * self.resultant.ln()).max(0.0).sqrt() * period / std::f64::consts::TAU,
            // The steps add the variance of a uniform on [0, 1), 1/12.
            (None, None) if self.is_count() => (self.curve.variance() - 1.0 / 12.0).max(0.0).sqrt(),
            (None, None) => self.curve.variance().sqrt(),
        }
    }

    /// The median; for angles, of the distribution cut open opposite to the mean direction.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The `p`-quantile; for counts, the least `n` with `P(Y ≤ n) ≥ p`.
    pub fn quantile(&self, p: f64) -> f64 {
        match &self.draws {
            Some(draws) => draws.quantile(p),
            None => self.at_level(p),
        }
    }

    /// [`Marginal::quantile`] computed from the curve, for any level in `[0, 1]`.
    pub(super) fn at_level(&self, p: f64) -> f64 {
        let y = self.curve.quantile(p);
        if y.is_nan() {
            return y;
        }
        if self.is_count() { (y.ceil() - 1.0).max(0.0) } else { self.target.canonical(y) }
    }

    /// `P(Y ≤ y | x)`; for angles, counted from the point opposite to the mean direction.
    pub fn cdf(&self, y: f64) -> f64 {
        match &self.draws {
            Some(draws) => draws.cdf(y),
            None if self.is_count() => self.curve.cdf(y.floor() + 1.0),
            None => self.curve.cdf(self.place(y)),
        }
    }

    /// The central interval of probability `level`: between the quantiles `(1 − level)/2` and `(1 + level)/2`.
    pub fn interval(&self, level: f64) -> [f64; 2] {
        let ends = [0.5 * (1.0 - level), 0.5 * (1.0 + level)];
        match self.period() {
            Some(period) => circle::arc(ends.map(|p| self.curve.quantile(p)), period),
            None => ends.map(|p| self.quantile(p)),
        }
    }

    /// Whether the central interval of probability `level` contains `y`.
    pub fn interval_contains(&self, level: f64, y: f64) -> bool {
        let [from, to] = self.interval(level);
        match self.period() {
            Some(period) => (y - from).rem_euclid(period) <= to - from,
            None => from <= y && y <= to,
        }
    }

    /// The set of highest density: the smallest set with probability `level`, as intervals in ascending order.
    ///
    /// For counts, ranges `[first, last]` of the most probable counts, both ends included, with at least that
    /// probability. At level 1, the whole support of the kind of target.
    pub fn hpd(&self, level: f64) -> Vec<[f64; 2]> {
        self.at_least_as_dense(1.0 - level)
    }

    /// [`Marginal::hpd`] of level `1 − tail_mass`.
    pub(crate) fn at_least_as_dense(&self, tail_mass: f64) -> Vec<[f64; 2]> {
        if tail_mass <= 0.0 {
            return vec![self.target.kind.support()];
        }
        let intervals = self.curve.at_least(self.curve.threshold(tail_mass));
        match self.period() {
            Some(period) => circle::arcs(&intervals, self.curve.support(), period),
            None if self.is_count() => intervals.into_iter().map(|[from, to]| [from, to - 1.0]).collect(),
            None => intervals,
        }
    }

    /// The size of the set of highest density that leaves out `tail_mass`: a length, or a number of counts.
    pub(crate) fn size_of(&self, tail_mass: f64) -> f64 {
        let intervals = self.at_least_as_dense(tail_mass);
        let unit = if self.is_count() { 1.0 } else { 0.0 };
        intervals.iter().map(|[from, to]| to - from + unit).sum()
    }

    /// The mass of all values that are no denser than `y`: see [`crate::predict::prediction::Prediction::tail_mass`].
    pub fn tail_mass(&self, y: f64) -> f64 {
        if self.target.kind.contains(y) { self.curve.tail_mass(self.place(y)) } else { 0.0 }
    }

    /// The level of the smallest [`Marginal::hpd`] that contains `y`.
    pub fn hpd_level(&self, y: f64) -> f64 {
        1.0 - self.tail_mass(y)
    }

    /// The log-density at the edge of the set of highest density that leaves out `tail_mass`.
    pub(super) fn threshold(&self, tail_mass: f64) -> f64 {
        self.curve.threshold(tail_mass)
    }

    /// `log P(n)` for counts, from the curve; `None` for other kinds and where the curve has no mass.
    pub(super) fn log_probability(&self, y: f64) -> Option<f64> {
        if self.is_count() { self.log_density(y) } else { None }
    }

    /// The log-density of the curve; `None` where it has no mass.
    pub(super) fn log_density(&self, y: f64) -> Option<f64> {
        // Steps without mass are at least 1e5 nats below the highest.
        Some(self.curve.log_density(self.place(y))).filter(|&log| log > -9e4)
    }

    /// The mode: where the density is highest.
    pub fn mode(&self) -> f64 {
        self.target.canonical(self.curve.mode())
    }

    /// CRPS of an observed value, in units of `y`; for angles, with the distance along the circle.
    pub fn crps(&self, observed: f64) -> f64 {
        match (&self.draws, self.period()) {
            (Some(draws), _) => scoring::crps(draws.points(), draws.weights(), observed),
            (None, Some(period)) => circle::crps(&self.curve, period, self.place(observed)),
            (None, None) if self.is_count() => count::crps(&self.curve, observed),
            (None, None) => self.curve.crps(observed),
        }
    }

    /// The probability integral transform of an observed value: `P(Y < y) + ½ P(Y = y)`.
    pub fn pit(&self, observed: f64) -> f64 {
        self.randomised_pit(observed, 0.5)
    }

    /// `P(Y < y) + u P(Y = y)`. For counts and uniform `u`, it is uniform under the true distribution.
    ///
    /// Source: Czado, Gneiting, Held, "Predictive model assessment for count data", Biometrics 65 (2009).
    pub fn randomised_pit(&self, observed: f64, u: f64) -> f64 {
        match &self.draws {
            Some(draws) => scoring::pit(draws.points(), draws.weights(), observed),
            None if self.is_count() => {
                let [below, up_to] = [self.curve.cdf(observed), self.curve.cdf(observed + 1.0)];
                below + u * (up_to - below)
            }
            None => self.cdf(observed),
        }
    }

    /// `to − from`; for angles, the shorter way round.
    pub(crate) fn difference(&self, from: f64, to: f64) -> f64 {
        self.target.difference(to - from)
    }
}

#[cfg(test)]
mod laws;
