//! The predictive density of a scalar, in the user's units.

mod circle;
mod lattice;

use crate::data::space::{Lattice, Target, TargetKind};
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
    /// On a lattice, a step function of `k + u`: one step for each value, or for several with the same probability. For
    /// angles, one turn from the point opposite to the mean direction.
    curve: Curve,
    /// For angles, the length of the mean resultant; otherwise NaN.
    resultant: f64,
    /// For one dimension of a vector, the draws that the curve was smoothed from, ascending.
    draws: Option<Draws>,
}

impl Marginal {
    /// From a curve in units of `y`: on a lattice the density of `k + u`, for angles one turn of the circle.
    pub(super) fn new(target: Target, curve: Curve) -> Self {
        let (curve, resultant) = match target.kind {
            TargetKind::Count => (lattice::steps(&curve, 0.0), f64::NAN),
            TargetKind::Step { .. } => (lattice::steps(&curve, f64::NEG_INFINITY), f64::NAN),
            TargetKind::Angle { period } => circle::centred(&curve, period),
            _ => (curve, f64::NAN),
        };
        Self { target, curve, resultant, draws: None }
    }

    /// The power mean of densities of one target, and its `log Z`: see [`Curve::pool`].
    pub(super) fn pool(members: &[(f64, &Self)], power: f64) -> (Self, f64) {
        let (_, first) = members[0];
        let Some(period) = first.period() else {
            let curves: Vec<(f64, &Curve)> = members.iter().map(|(weight, member)| (*weight, &member.curve)).collect();
            let curve = Curve::pool(&curves, power);
            let log_partition = curve.log_mass();
            return (Self { curve, draws: None, ..first.clone() }, log_partition);
        };
        // All cut open at 0.
        let turned = members.iter().map(|(weight, Self { curve, .. })| {
            let cut = circle::place(curve, period, 0.0);
            (*weight, curve.cut_at(cut).moved(-cut))
        });
        let turned: Vec<(f64, Curve)> = turned.collect();
        let curves: Vec<(f64, &Curve)> = turned.iter().map(|(weight, curve)| (*weight, curve)).collect();
        let curve = Curve::pool(&curves, power);
        let log_partition = curve.log_mass();
        (Self::new(first.target, curve), log_partition)
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

    /// The density as a function. On a lattice, steps from `k` to `k + 1`, see [`Marginal::unit`]; for angles, one turn
    /// from the point opposite to the mean direction.
    pub fn curve(&self) -> &Curve {
        &self.curve
    }

    /// `[offset, step]`: the place `v` of [`Marginal::curve`] is `offset + step · v` in units of `y`.
    pub fn unit(&self) -> [f64; 2] {
        self.lattice().map_or([0.0, 1.0], |lattice| [lattice.offset, lattice.step])
    }

    fn period(&self) -> Option<f64> {
        match self.target.kind {
            TargetKind::Angle { period } => Some(period),
            _ => None,
        }
    }

    fn lattice(&self) -> Option<Lattice> {
        self.target.kind.lattice()
    }

    /// The position of `y` on the curve; a value of a lattice is placed in the middle of its step.
    pub(super) fn place(&self, y: f64) -> f64 {
        match (self.lattice(), self.period()) {
            (Some(lattice), _) => lattice.index(y) + 0.5,
            (None, Some(period)) => circle::place(&self.curve, period, y),
            (None, None) => y,
        }
    }

    /// `E[y|x]`; for angles, the mean direction.
    pub fn mean(&self) -> f64 {
        match (&self.draws, self.period()) {
            (Some(draws), _) => draws.mean().value,
            (None, Some(period)) => self.target.canonical(self.curve.support()[0] + 0.5 * period),
            (None, None) => {
                let [offset, step] = self.unit();
                offset + step * (self.curve.mean() - if self.lattice().is_some() { 0.5 } else { 0.0 })
            }
        }
    }

    /// Whether values above all training labels contribute more than half of the mean, `E[Y; Y > y_max] > ½ E[Y]`, as a
    /// heavy tail of a logarithm can make them. Only of positive targets; false for others.
    pub fn mean_is_beyond_labels(&self) -> bool {
        let is_positive = matches!(self.target.kind, TargetKind::Positive | TargetKind::Power { .. });
        is_positive && self.curve.mean_above(self.target.seen[1]) > 0.5 * self.curve.mean()
    }

    /// Standard deviation; for angles `√(−2 ln R)` radians, in units of `y`, which is infinite for a uniform density.
    pub fn sd(&self) -> f64 {
        match (&self.draws, self.period()) {
            (Some(draws), _) => draws.variance().sqrt(),
            (None, Some(period)) => (-2.0 * self.resultant.ln()).max(0.0).sqrt() * period / std::f64::consts::TAU,
            // The steps add the variance of a uniform on [0, 1), 1/12.
            (None, None) => match self.lattice() {
                Some(Lattice { step, .. }) => step * (self.curve.variance() - 1.0 / 12.0).max(0.0).sqrt(),
                None => self.curve.variance().sqrt(),
            },
        }
    }

    /// The median; for angles, of the distribution cut open opposite to the mean direction.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// The `p`-quantile; on a lattice, the least value with `P(Y ≤ y) ≥ p`.
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
        let below = if self.lattice().is_some() { y.ceil() - 1.0 } else { y };
        self.target.canonical(below)
    }

    /// `P(Y ≤ y | x)`; for angles, counted from the point opposite to the mean direction.
    pub fn cdf(&self, y: f64) -> f64 {
        match &self.draws {
            Some(draws) => draws.cdf(y),
            None => match self.lattice() {
                Some(lattice) => self.curve.cdf(lattice.index(y) + 1.0),
                None => self.curve.cdf(self.place(y)),
            },
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
    /// On a lattice, ranges `[first, last]` of the most probable values, both ends included, with at least that
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
        match (self.lattice(), self.period()) {
            (Some(lattice), _) => {
                intervals.into_iter().map(|[from, to]| [from, to - 1.0].map(|k| lattice.value(k))).collect()
            }
            (None, Some(period)) => circle::arcs(&intervals, self.curve.support(), period),
            (None, None) => intervals,
        }
    }

    /// The size of the set of highest density that leaves out `tail_mass`: a length; on a lattice, a number of
    /// values times their step.
    pub(crate) fn size_of(&self, tail_mass: f64) -> f64 {
        let intervals = self.at_least_as_dense(tail_mass);
        let step = self.lattice().map_or(0.0, |lattice| lattice.step);
        intervals.iter().map(|[from, to]| to - from + step).sum()
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

    /// `log P(y)` on a lattice, from the curve; `None` for other kinds and where the curve has no mass.
    pub(super) fn log_probability(&self, y: f64) -> Option<f64> {
        self.lattice().and_then(|_| self.log_density(y))
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
            (None, None) => match self.lattice() {
                Some(lattice) => lattice.step * lattice::crps(&self.curve, lattice.index(observed)),
                None => self.curve.crps(observed),
            },
        }
    }

    /// The probability integral transform of an observed value: `P(Y < y) + ½ P(Y = y)`.
    pub fn pit(&self, observed: f64) -> f64 {
        self.randomised_pit(observed, 0.5)
    }

    /// `P(Y < y) + u P(Y = y)`. On a lattice and for uniform `u`, it is uniform under the true distribution.
    ///
    /// Source: Czado, Gneiting, Held, "Predictive model assessment for count data", Biometrics 65 (2009).
    pub fn randomised_pit(&self, observed: f64, u: f64) -> f64 {
        match &self.draws {
            Some(draws) => scoring::pit(draws.points(), draws.weights(), observed),
            None => match self.lattice() {
                Some(lattice) => {
                    let [below, up_to] = [0.0, 1.0].map(|next| self.curve.cdf(lattice.index(observed) + next));
                    below + u * (up_to - below)
                }
                None => self.cdf(observed),
            },
        }
    }

    /// `to − from`; for angles, the shorter way round.
    pub(crate) fn difference(&self, from: f64, to: f64) -> f64 {
        self.target.difference(to - from)
    }
}

#[cfg(test)]
mod laws;
