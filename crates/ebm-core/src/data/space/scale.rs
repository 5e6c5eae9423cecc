//! One dimension of a target, and how it is standardised.
//!
//! A network sees `z = (g(y) − shift)/scale`, about as wide as a standard normal whatever the unit of `y`. A density
//! of `z` is one of `y` by `log p(y) = log p(z) + log |dz/dy|`; see ADR 0015 for what each kind of target does.

use serde::{Deserialize, Serialize};

use super::error::TargetError;
use super::kind::TargetKind;
use crate::math::axis::{Axis, wrap};

/// Logarithms are held within ± this, so that no number of `f64` is 0 or infinite.
const LARGEST: f64 = 690.0;

/// One dimension of a target: its kind and how it is standardised.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// Where `g(y)` is centred.
    pub shift: f64,
    /// How wide `g(y)` is, above 0.
    pub scale: f64,
    /// The smallest and the largest label that this was fitted to, in the user's units: where densities are looked for
    /// even if a proposal is not there.
    pub seen: [f64; 2],
}

impl Target {
    /// A real target that networks see as it is; labels are expected in `seen`.
    pub fn identity(seen: [f64; 2]) -> Self {
        Self { kind: TargetKind::Real, shift: 0.0, scale: 1.0, seen }
    }

    /// Standardises these labels: `g(y)` gets mean 0 and standard deviation 1, a count as it is dequantised. An angle
    /// keeps its origin.
    ///
    /// # Errors
    /// [`TargetError`]: labels that no target of the kind has, by index, and labels that are all the same.
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
        let centre = |y: f64| kind.transform(if kind == TargetKind::Count { y + 0.5 } else { y });
        let n = values.len() as f64;
        // About the first value: a sum of large numbers that differ little would lose what tells them apart.
        let origin = centre(first);
        let shift = origin + values.iter().map(|&y| centre(y) - origin).sum::<f64>() / n;
        let variance = values.iter().map(|&y| (centre(y) - shift).powi(2)).sum::<f64>() / n;
        let scale = match kind {
            // What the dequantisation adds, at the typical count.
            TargetKind::Count => (variance + (-2.0 * shift).exp() / 12.0).sqrt(),
            _ => variance.sqrt(),
        };
        if scale <= 1e-14 * shift.abs() || !scale.is_normal() {
            return Err(TargetError::Constant { value: first, count: values.len() });
        }
        Ok(Self { kind, shift, scale, seen })
    }

    /// Whether the networks see a line or a circle.
    pub fn axis(&self) -> Axis {
        match self.kind {
            TargetKind::Angle { .. } => Axis::Circle,
            _ => Axis::Line,
        }
    }

    /// What the networks see of `y`. A count is taken in the middle of its unit, `n + ½`; an angle lands in `(−π, π]`.
    pub fn to_model(&self, y: f64) -> f64 {
        self.continuous_to_model(if self.kind == TargetKind::Count { y + 0.5 } else { y })
    }

    /// [`Target::to_model`] of a number that is not rounded: of a count, any `n + u` with `0 ≤ u < 1`.
    pub fn continuous_to_model(&self, y: f64) -> f64 {
        let z = (self.kind.transform(y) - self.shift) / self.scale;
        if self.axis() == Axis::Circle { wrap(z) } else { z }
    }

    /// `y` of what the networks see; a count is rounded down, an angle lies in `[0, period)`.
    pub fn from_model(&self, z: f64) -> f64 {
        self.canonical(self.continuous_from_model(z))
    }

    /// [`Target::from_model`] without rounding and turning.
    pub(crate) fn continuous_from_model(&self, z: f64) -> f64 {
        self.kind.inverse(self.shift + self.scale * z)
    }

    /// Whether `y` is a straight line in what the networks see.
    pub(crate) fn is_straight(&self) -> bool {
        matches!(self.kind, TargetKind::Real | TargetKind::Angle { .. })
    }

    /// A number as a value of this kind: a count rounded down, an angle in `[0, period)`, and within bounds.
    pub(crate) fn canonical(&self, y: f64) -> f64 {
        match self.kind {
            TargetKind::Real | TargetKind::Positive => y,
            TargetKind::Bounded { low, high } => y.clamp(low, high),
            TargetKind::Count => y.floor().max(0.0),
            TargetKind::Angle { period } => {
                let turned = y.rem_euclid(period);
                if turned < period { turned } else { 0.0 }
            }
        }
    }

    /// A difference of two targets; of angles by the shorter way round.
    pub(crate) fn difference(&self, difference: f64) -> f64 {
        match self.kind {
            TargetKind::Angle { period } => difference - period * (difference / period).round(),
            _ => difference,
        }
    }

    /// `log |dz/dy|`, nats: what a log-density of `z` needs to become one of `y`. Of a count, at the middle of its unit.
    pub fn log_jacobian(&self, y: f64) -> f64 {
        let t = self.kind.transform(if self.kind == TargetKind::Count { y + 0.5 } else { y });
        self.kind.log_slope_at(t) - self.scale.ln()
    }

    /// `log |dz/dy|` where the networks see `z`.
    pub(crate) fn log_jacobian_at_model(&self, z: f64) -> f64 {
        self.kind.log_slope_at(self.shift + self.scale * z) - self.scale.ln()
    }

    /// Where `z` may lie: the image of the support, as far as its numbers are.
    pub(crate) fn model_support(&self) -> [f64; 2] {
        use std::f64::consts::PI;
        match self.kind {
            TargetKind::Real => [f64::NEG_INFINITY, f64::INFINITY],
            TargetKind::Positive => [-LARGEST, LARGEST].map(|t| (t - self.shift) / self.scale),
            TargetKind::Bounded { low, high } => [low, high].map(|y| self.continuous_to_model(y)),
            TargetKind::Count => [self.continuous_to_model(0.0), (LARGEST - self.shift) / self.scale],
            TargetKind::Angle { .. } => [-PI, PI],
        }
    }

    /// Where labels are expected as the networks see them: those fitted to, and a tenth more on either side.
    pub(crate) fn model_range(&self) -> [f64; 2] {
        if self.axis() == Axis::Circle {
            return self.model_support();
        }
        let [low, high] = self.seen.map(|y| self.to_model(y));
        let margin = 0.1 * (high - low);
        let [least, most] = self.model_support();
        [(low - margin).max(least), (high + margin).min(most)]
    }
}
