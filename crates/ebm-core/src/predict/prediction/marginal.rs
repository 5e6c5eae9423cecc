//! What is known of a scalar, in the user's units.

use super::{circle, count};
use crate::data::space::{Target, TargetKind};
use crate::predict::Draws;
use crate::predict::curve::Curve;

/// The predictive density of a scalar, or of one dimension of a vector.
///
/// Intervals of an angle are `[from, to]` with `from` in `[0, period)` and `from ≤ to ≤ from + period`: where `to`
/// is above the period, the interval goes through 0. Its distribution function, quantiles and intervals begin opposite
/// to its mean direction.
#[derive(Debug, Clone)]
pub struct Marginal {
    target: Target,
    /// Of a count, a step for every count or for several with one probability; of an angle, from the point opposite to
    /// its mean direction and once around.
    curve: Curve,
    /// Of an angle, the length of its mean resultant.
    resultant: f64,
    /// Of one dimension of a vector, the draws that the curve was smoothed from, ascending.
    draws: Option<Draws>,
}

impl Marginal {
    /// From a curve in units of `y`, continuous even for counts, once around the circle for angles.
    pub(super) fn new(target: Target, curve: Curve) -> Self {
        let (curve, resultant) = match target.kind {
            TargetKind::Count => (count::steps(&curve), f64::NAN),
            TargetKind::Angle { period } => circle::centred(&curve, period),
            _ => (curve, f64::NAN),
        };
        Self { target, curve, resultant, draws: None }
    }

    /// The same with the draws that the curve was smoothed from, which know moments and quantiles better. On a circle
    /// they are of no use.
    pub(super) fn with_draws(self, draws: Draws) -> Self {
        let draws = self.period().is_none().then_some(draws);
        Self { draws, ..self }
    }

    /// What the target is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The density as a function: of a count in steps from `n` to `n + 1`, of an angle once around from the point
    /// opposite to its mean direction.
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

    /// Where `y` is on the curve: a count in the middle of its step.
    pub(super) fn place(&self, y: f64) -> f64 {
        match self.period() {
            _ if self.is_count() => y.floor() + 0.5,
            Some(period) => circle::place(&self.curve, period, y),
            None => y,
        }
    }

    /// `E[y|x]`; of an angle the mean direction.
    pub fn mean(&self) -> f64 {
        match (&self.draws, self.period()) {
            (Some(draws), _) => draws.mean().value,
            (None, Some(period)) => self.target.canonical(self.curve.support()[0] + 0.5 * period),
            (None, None) if self.is_count() => self.curve.mean() - 0.5,
            (None, None) => self.curve.mean(),
        }
    }

    /// Standard deviation; of an angle the circular one, `√(−2 ln R)` radians in units of `y`, infinite for a uniform one.
    pub fn sd(&self) -> f64 {
        match (&self.draws, self.period()) {
            (Some(draws), _) => draws.variance().sqrt(),
            (None, Some(period)) => (-2.0 * self.resultant.ln()).max(0.0).sqrt() * period / std::f64::consts::TAU,
            // Steps are a twelfth wider than the counts they stand for.
            (None, None) if self.is_count() => (self.curve.variance() - 1.0 / 12.0).max(0.0).sqrt(),
            (None, None) => self.curve.variance().sqrt(),
        }
    }

    /// The median; of an angle, the one nearest to its mean direction.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The `p`-quantile; of a count the least `n` with `P(Y ≤ n) ≥ p`.
    pub fn quantile(&self, p: f64) -> f64 {
        match &self.draws {
            Some(draws) => draws.quantile(p),
            None => self.at_level(p),
        }
    }

    /// [`Marginal::quantile`] of the curve, for any level in `[0, 1]`.
    pub(super) fn at_level(&self, p: f64) -> f64 {
        let y = self.curve.quantile(p);
        if self.is_count() { (y.ceil() - 1.0).max(0.0) } else { self.target.canonical(y) }
    }

    /// `P(Y ≤ y | x)`; of an angle, from the point opposite to its mean direction.
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

    /// Whether the central interval of probability `level` holds `y`.
    pub fn interval_contains(&self, level: f64, y: f64) -> bool {
        let [from, to] = self.interval(level);
        match self.period() {
            Some(period) => (y - from).rem_euclid(period) <= to - from,
            None => from <= y && y <= to,
        }
    }

    /// The set of highest density of probability `level`, as intervals in ascending order: the smallest set that has it.
    ///
    /// Of a count, ranges `[first, last]` of the most probable counts, both ends among them, with at least that
    /// probability. At level 1, all that the kind of target can be.
    pub fn hpd(&self, level: f64) -> Vec<[f64; 2]> {
        self.at_least_as_dense(1.0 - level)
    }

    /// [`Marginal::hpd`] by what it leaves out.
    pub(crate) fn at_least_as_dense(&self, outside: f64) -> Vec<[f64; 2]> {
        if outside <= 0.0 {
            return vec![self.target.kind.support()];
        }
        let intervals = self.curve.at_least(self.curve.threshold(outside));
        match self.period() {
            Some(period) => circle::arcs(&intervals, self.curve.support(), period),
            None if self.is_count() => intervals.into_iter().map(|[from, to]| [from, to - 1.0]).collect(),
            None => intervals,
        }
    }

    /// How much of the line the set of highest density takes that leaves out `outside`: a length, of a count how many.
    pub(crate) fn size_of(&self, outside: f64) -> f64 {
        let intervals = self.at_least_as_dense(outside);
        let unit = if self.is_count() { 1.0 } else { 0.0 };
        intervals.iter().map(|[from, to]| to - from + unit).sum()
    }

    /// The mass of all that is no denser than `y`: see [`super::Prediction::outside`].
    pub fn outside(&self, y: f64) -> f64 {
        if self.target.kind.contains(y) { self.curve.outside(self.place(y)) } else { 0.0 }
    }

    /// The level of the smallest [`Marginal::hpd`] that holds `y`.
    pub fn hpd_level(&self, y: f64) -> f64 {
        1.0 - self.outside(y)
    }

    /// The log-density at the edge of the set that leaves out `outside`.
    pub(super) fn threshold(&self, outside: f64) -> f64 {
        self.curve.threshold(outside)
    }

    /// `log P(n)` of a count where the curve knows it.
    pub(super) fn log_probability(&self, y: f64) -> Option<f64> {
        if self.is_count() { self.log_density(y) } else { None }
    }

    /// The curve's log-density, where it has any mass.
    pub(super) fn log_density(&self, y: f64) -> Option<f64> {
        // Steps without any are at least 1e5 nats below the highest.
        Some(self.curve.log_density(self.place(y))).filter(|&log| log > -9e4)
    }

    /// Where the density is highest.
    pub fn mode(&self) -> f64 {
        self.target.canonical(self.curve.mode())
    }

    /// CRPS of an observed value, in units of `y`; of an angle by the distance along the circle.
    pub fn crps(&self, observed: f64) -> f64 {
        match (&self.draws, self.period()) {
            (Some(draws), _) => crate::predict::scoring::crps(draws.points(), draws.weights(), observed),
            (None, Some(period)) => circle::crps(&self.curve, period, self.place(observed)),
            (None, None) if self.is_count() => count::crps(&self.curve, observed),
            (None, None) => self.curve.crps(observed),
        }
    }

    /// The probability integral transform of an observed value: `P(Y < y) + ½ P(Y = y)`.
    pub fn pit(&self, observed: f64) -> f64 {
        self.randomised_pit(observed, 0.5)
    }

    /// `P(Y < y) + u P(Y = y)`: of a count under the true density uniform, if `u` is.
    ///
    /// Source: Czado, Gneiting, Held, "Predictive model assessment for count data", Biometrics 65 (2009).
    pub fn randomised_pit(&self, observed: f64, u: f64) -> f64 {
        match &self.draws {
            Some(draws) => crate::predict::scoring::pit(draws.points(), draws.weights(), observed),
            None if self.is_count() => {
                let [below, up_to] = [self.curve.cdf(observed), self.curve.cdf(observed + 1.0)];
                below + u * (up_to - below)
            }
            None => self.cdf(observed),
        }
    }

    /// Mean − observed; of an angle by the shorter way round.
    pub(crate) fn difference(&self, from: f64, to: f64) -> f64 {
        self.target.difference(to - from)
    }
}
