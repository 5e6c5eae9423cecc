//! Kinds of targets, each with its support and its transform `g` to the real line.

use std::f64::consts::TAU;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The logit of a bounded target uses bounds widened by this fraction of their distance, so that it is finite for a
/// label on a bound.
const MARGIN: f64 = 0.005;

/// The kind of a target: its support and its transform `g`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TargetKind {
    /// Any number. `g(y) = y`.
    Real,
    /// A number above 0. `g(y) = log y`.
    Positive,
    /// A number between two bounds, both included. `g(y)` is the logit of the position between bounds that are widened
    /// by 0.5 % of their distance on either side.
    Bounded {
        /// The least value.
        low: f64,
        /// The greatest value.
        high: f64,
    },
    /// 0, 1, 2, … Dequantised to `v = n + u` with `u` uniform on `[0, 1)`; `g(v) = log(1 + v)`. The probability of `n`
    /// is the integral of the density over `[n, n + 1)`.
    Count,
    /// An angle: `y` and `y + period` are the same direction. `g(y) = 2π y / period` on the circle.
    Angle {
        /// The length of a full turn: 360 for degrees, 24 for hours.
        period: f64,
    },
}

impl TargetKind {
    /// Whether the bounds or the period are valid.
    pub(super) fn is_valid(self) -> bool {
        match self {
            Self::Real | Self::Positive | Self::Count => true,
            Self::Bounded { low, high } => low < high && (high - low).is_normal(),
            Self::Angle { period } => period > 0.0 && period.is_normal(),
        }
    }

    /// Whether `y` is a possible value of this kind.
    pub fn contains(self, y: f64) -> bool {
        y.is_finite()
            && match self {
                Self::Real | Self::Angle { .. } => true,
                Self::Positive => y > 0.0,
                Self::Bounded { low, high } => low <= y && y <= high,
                Self::Count => y >= 0.0 && y.fract() == 0.0,
            }
    }

    /// Whether the model's density can have mass outside the support.
    pub(crate) fn is_cut_off(self) -> bool {
        matches!(self, Self::Bounded { .. } | Self::Count)
    }

    /// The support of this kind, `[from, to]`; a full turn for an angle.
    pub fn support(self) -> [f64; 2] {
        match self {
            Self::Real => [f64::NEG_INFINITY, f64::INFINITY],
            Self::Positive | Self::Count => [0.0, f64::INFINITY],
            Self::Bounded { low, high } => [low, high],
            Self::Angle { period } => [0.0, period],
        }
    }

    /// `g(y)`, increasing.
    pub(super) fn transform(self, y: f64) -> f64 {
        match self {
            Self::Real => y,
            Self::Positive => y.ln(),
            Self::Bounded { low, high } => {
                let margin = MARGIN * (high - low);
                ((y - low + margin) / (high - y + margin)).ln()
            }
            Self::Count => y.ln_1p(),
            Self::Angle { period } => y / period * TAU,
        }
    }

    /// `g⁻¹(t)`
    pub(super) fn inverse(self, t: f64) -> f64 {
        match self {
            Self::Real => t,
            Self::Positive => t.exp(),
            Self::Bounded { low, high } => {
                let margin = MARGIN * (high - low);
                // Relative to the nearer bound, for precision.
                let from_end = (high - low + 2.0 * margin) / (1.0 + t.abs().exp());
                if t < 0.0 { low - margin + from_end } else { high + margin - from_end }
            }
            Self::Count => t.exp_m1(),
            Self::Angle { period } => t / TAU * period,
        }
    }

    /// `log g'(y)` where `g(y) = t`.
    pub(super) fn log_slope_at(self, t: f64) -> f64 {
        match self {
            Self::Real => 0.0,
            Self::Positive | Self::Count => -t,
            // 1 / (width σ(t) (1 − σ(t)))
            Self::Bounded { low, high } => {
                let width = (high - low) * (1.0 + 2.0 * MARGIN);
                t.abs() + 2.0 * (-t.abs()).exp().ln_1p() - width.ln()
            }
            Self::Angle { period } => (TAU / period).ln(),
        }
    }
}

impl fmt::Display for TargetKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => write!(out, "a real target is a finite number"),
            Self::Positive => write!(out, "a positive target is a finite number above 0"),
            Self::Bounded { low, high } => write!(out, "this target lies in [{low}, {high}]"),
            Self::Count => write!(out, "a count is one of 0, 1, 2, …"),
            Self::Angle { period } => write!(out, "an angle is a finite number, here with period {period}"),
        }
    }
}
