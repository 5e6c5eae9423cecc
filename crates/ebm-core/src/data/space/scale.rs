//! One dimension of a target, and how it is standardised.
//!
//! The model works on the standardised target `z = (g(y) − shift)/scale`, which has about zero mean and unit variance
//! in any unit of `y`. Densities convert by `log p(y) = log p(z) + log |dz/dy|`. See ADR 0015.

use serde::{Deserialize, Serialize};

use super::box_cox;
use super::error::TargetError;
use super::kind::TargetKind;
use super::lattice::Lattice;
use crate::math::axis::{Axis, wrap};

/// Bound on `|log y|`, so that `y` does not underflow to 0 or overflow in `f64`.
const LARGEST: f64 = 690.0;

/// A power scale ends this many label ranges above the largest label: with a small exponent, a component of 1e-9 would
/// otherwise rule the mean and the standard deviation of a density.
const POWER_REACH: f64 = 9.0;

/// One dimension of a target: its kind and how it is standardised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The kind of target.
    pub kind: TargetKind,
    /// Subtracted from `g(y)`: its mean, or 0 if the target is not standardised.
    pub shift: f64,
    /// Divides `g(y) − shift`: its standard deviation, or 1 if the target is not standardised.
    pub scale: f64,
    /// The smallest and the largest label of the fit, in the user's units; for angles, a full turn. Densities are
    /// evaluated in this range even if the proposal has no mass there.
    pub seen: [f64; 2],
}

impl Target {
    /// A real target that is not standardised; labels are expected in the range `seen`.
    pub fn identity(seen: [f64; 2]) -> Self {
        Self { kind: TargetKind::Real, shift: 0.0, scale: 1.0, seen }
    }

    /// Fits the standardisation to labels in the user's units: `z` gets mean 0 and standard deviation 1, on a lattice
    /// after dequantisation. Angles are not shifted or scaled.
    ///
    /// # Errors
    /// [`TargetError`]: no labels, an invalid kind, a label outside the support (with its index), or constant labels.
    pub fn fit(kind: TargetKind, values: &[f64]) -> Result<Self, TargetError> {
        if !kind.is_valid() {
            return Err(TargetError::Kind { kind });
        }
        let Some(&first) = values.first() else { return Err(TargetError::Empty) };
        if let Some(index) = values.iter().position(|&value| !kind.contains(value)) {
            return Err(TargetError::OutOfSupport { index, value: values[index], kind });
        }
        let seen = values.iter().fold([first; 2], |[low, high], &y| [low.min(y), high.max(y)]);
        if let TargetKind::Angle { period } = kind {
            let turned = |y: f64| wrap((y - first) * std::f64::consts::TAU / period).abs();
            if values.iter().all(|&y| turned(y) < 1e-9) {
                return Err(TargetError::Constant { value: first, count: values.len() });
            }
            return Ok(Self { kind, shift: 0.0, scale: 1.0, seen: [0.0, period] });
        }
        if seen[0] == seen[1] {
            return Err(TargetError::Constant { value: first, count: values.len() });
        }
        let centre = |y: f64| kind.transform(middle(kind, y));
        let n = values.len() as f64;
        // Relative to the first value, because a sum of large numbers with small differences loses precision.
        let origin = centre(first);
        let shift = origin + values.iter().map(|&y| centre(y) - origin).sum::<f64>() / n;
        let variance = values.iter().map(|&y| (centre(y) - shift).powi(2)).sum::<f64>() / n;
        let scale = match kind {
            // Plus the variance of the dequantisation noise at a typical count.
            TargetKind::Count => (variance + (-2.0 * shift).exp() / 12.0).sqrt(),
            TargetKind::Step { .. } => (variance + 1.0 / 12.0).sqrt(),
            _ => variance.sqrt(),
        };
        // On a power scale, numbers are relative to the unit.
        let magnitude = if matches!(kind, TargetKind::Power { .. }) { 1.0 } else { shift.abs() };
        if scale <= 1e-14 * magnitude || !scale.is_normal() {
            return Err(TargetError::Constant { value: first, count: values.len() });
        }
        Ok(Self { kind, shift, scale, seen })
    }

    /// Whether targets can be standardised: the kind is valid, the scale is a positive number, and the labels seen have
    /// a range. A target that was read from a file may be none.
    pub fn is_usable(&self) -> bool {
        let [low, high] = self.model_range();
        let numbers = [self.shift, self.scale, self.seen[0], self.seen[1], low, high];
        self.kind.is_valid()
            && numbers.iter().all(|number| number.is_finite())
            && self.scale.is_normal()
            && self.scale > 0.0
            && low < high
    }

    /// Whether the standardised target lies on a line or a circle.
    pub fn axis(&self) -> Axis {
        match self.kind {
            TargetKind::Angle { .. } => Axis::Circle,
            _ => Axis::Line,
        }
    }

    /// The standardised target `z` of `y`. On a lattice, of `k + ½`; an angle is wrapped to `(−π, π]`.
    pub fn to_model(&self, y: f64) -> f64 {
        self.continuous_to_model(middle(self.kind, y))
    }

    /// [`Target::to_model`] of `y`, on a lattice of `k + u`.
    pub(crate) fn dequantised_to_model(&self, y: f64, u: impl FnOnce() -> f64) -> f64 {
        self.continuous_to_model(self.kind.lattice().map_or(y, |lattice| lattice.index(y) + u()))
    }

    /// [`Target::to_model`] of a continuous value: on a lattice, any `k + u` with `0 ≤ u < 1`.
    pub fn continuous_to_model(&self, y: f64) -> f64 {
        let z = (self.kind.transform(y) - self.shift) / self.scale;
        if self.axis() == Axis::Circle { wrap(z) } else { z }
    }

    /// The target `y` of a standardised target `z`. On a lattice it is rounded down; an angle lies in `[0, period)`.
    pub fn from_model(&self, z: f64) -> f64 {
        self.canonical(self.continuous_from_model(z))
    }

    /// [`Target::from_model`] without rounding, in which a value of a lattice is `k + u`, and without wrapping angles.
    pub(crate) fn continuous_from_model(&self, z: f64) -> f64 {
        self.kind.inverse(self.shift + self.scale * z)
    }

    /// Whether `y` is a linear function of `z`.
    pub(crate) fn is_linear(&self) -> bool {
        matches!(self.kind, TargetKind::Real | TargetKind::Step { .. } | TargetKind::Angle { .. })
    }

    /// How many parts a cell `[from, to]` of `z` needs so that a function which is linear in `z` is linear in `y` on each.
    ///
    /// `step` is the largest change of `g(y)`, on a power scale of `√|1 − λ| log(y + start)`.
    pub(crate) fn parts(&self, [from, to]: [f64; 2], step: f64) -> f64 {
        let length = match self.kind {
            _ if self.is_linear() => 0.0,
            TargetKind::Power { lambda, .. } => (1.0 - lambda).abs().sqrt() * (self.log_v(to) - self.log_v(from)),
            _ => self.scale * (to - from),
        };
        (length / step).ceil().max(1.0)
    }

    /// The place of part `part` of `parts` in a cell `[from, to]` of `z`, as a fraction of its length: even in `g(y)`, on
    /// a power scale in `log(y + start)`.
    pub(crate) fn part_begins(&self, [from, to]: [f64; 2], part: f64, parts: f64) -> f64 {
        let share = part / parts;
        match self.kind {
            TargetKind::Power { lambda, .. } if part > 0.0 => {
                let [low, high] = [from, to].map(|z| self.log_v(z));
                let t = box_cox::of_log(lambda, low + share * (high - low));
                (((t - self.shift) / self.scale - from) / (to - from)).clamp(0.0, 1.0)
            }
            _ => share,
        }
    }

    /// `log((y + start)/unit)` on a power scale.
    fn log_v(&self, z: f64) -> f64 {
        let TargetKind::Power { lambda, .. } = self.kind else { unreachable!("only a power scale has one") };
        box_cox::log_of(lambda, self.shift + self.scale * z)
    }

    /// Converts a number to a value of this kind: rounds down to the lattice, wraps angles to `[0, period)`, clamps to
    /// bounds.
    pub(crate) fn canonical(&self, y: f64) -> f64 {
        match self.kind {
            TargetKind::Real | TargetKind::Positive => y,
            TargetKind::Power { .. } => y.max(0.0),
            TargetKind::Step { step, offset } => Lattice { step, offset }.value(y.floor()),
            TargetKind::Bounded { low, high } => y.clamp(low, high),
            TargetKind::Count if y.is_nan() => y,
            TargetKind::Count => y.floor().max(0.0),
            TargetKind::Angle { period } => {
                let turned = y.rem_euclid(period);
                if turned < period { turned } else { 0.0 }
            }
        }
    }

    /// A difference of two targets; for angles, the shorter way round.
    pub(crate) fn difference(&self, difference: f64) -> f64 {
        match self.kind {
            TargetKind::Angle { period } => difference - period * (difference / period).round(),
            _ => difference,
        }
    }

    /// `log |dz/dy|` in nats, to be added to a log-density of `z` to get that of `y`. On a lattice, `log |dz/dk|` at `k + ½`.
    pub fn log_jacobian(&self, y: f64) -> f64 {
        let t = self.kind.transform(middle(self.kind, y));
        self.kind.log_slope_at(t) - self.scale.ln()
    }

    /// `log |dz/dy|` in nats, as a function of `z`.
    pub(crate) fn log_jacobian_at_model(&self, z: f64) -> f64 {
        self.kind.log_slope_at(self.shift + self.scale * z) - self.scale.ln()
    }

    /// The image of the support in `z`, bounded so that `y` stays finite.
    pub(crate) fn model_support(&self) -> [f64; 2] {
        use std::f64::consts::PI;
        match self.kind {
            TargetKind::Real | TargetKind::Step { .. } => [f64::NEG_INFINITY, f64::INFINITY],
            TargetKind::Power { .. } => {
                let [low, high] = self.seen;
                [0.0, high + POWER_REACH * (high - low)].map(|y| self.continuous_to_model(y))
            }
            TargetKind::Positive => [-LARGEST, LARGEST].map(|t| (t - self.shift) / self.scale),
            TargetKind::Bounded { low, high } => [low, high].map(|y| self.continuous_to_model(y)),
            TargetKind::Count => [self.continuous_to_model(0.0), (LARGEST - self.shift) / self.scale],
            TargetKind::Angle { .. } => [-PI, PI],
        }
    }

    /// The range of standardised labels: that of the fitted labels, widened by 10 % on either side.
    pub(crate) fn model_range(&self) -> [f64; 2] {
        if self.axis() == Axis::Circle {
            return self.model_support();
        }
        let [low, high] = match (self.kind, self.seen) {
            // From end to end of the outermost values' intervals.
            (TargetKind::Step { step, offset }, [low, high]) => {
                let lattice = Lattice { step, offset };
                [lattice.index(low), lattice.index(high) + 1.0].map(|v| self.continuous_to_model(v))
            }
            (_, seen) => seen.map(|y| self.to_model(y)),
        };
        let margin = 0.1 * (high - low);
        let [least, most] = self.model_support();
        [(low - margin).max(least), (high + margin).min(most)]
    }
}

/// The continuous value that stands for `y`: on a lattice `k + ½`.
fn middle(kind: TargetKind, y: f64) -> f64 {
    kind.lattice().map_or(y, |lattice| lattice.index(y) + 0.5)
}
