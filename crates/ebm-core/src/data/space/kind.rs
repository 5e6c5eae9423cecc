//! What a target may be, and the function that makes a real number of it.

use std::f64::consts::TAU;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How far beyond its bounds the logit of a bounded target begins, as a share of their distance: a label on a bound is
/// an ordinary label.
const MARGIN: f64 = 0.005;

/// What a target is: where its values lie and what is the same about them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TargetKind {
    /// Any number. `g(y) = y`.
    Real,
    /// Above 0, on a scale of ratios. `g(y) = log y`.
    Positive,
    /// Between two bounds, which labels may reach. `g(y) = logit` of the place between bounds half a percent wider.
    Bounded {
        /// The least value.
        low: f64,
        /// The greatest value.
        high: f64,
    },
    /// 0, 1, 2, … Networks see `n + u`, `u` uniform on `[0, 1)`, by `g(v) = log(1 + v)`; a count's probability is the
    /// integral over its unit.
    Count,
    /// A direction: `y` and `y + period` are the same. `g(y) = 2π y / period` on the circle.
    Angle {
        /// What a full turn measures: 360 in degrees, 24 in hours.
        period: f64,
    },
}

impl TargetKind {
    /// Whether its bounds or its period make sense.
    pub(super) fn is_valid(self) -> bool {
        match self {
            Self::Real | Self::Positive | Self::Count => true,
            Self::Bounded { low, high } => low < high && (high - low).is_normal(),
            Self::Angle { period } => period > 0.0 && period.is_normal(),
        }
    }

    /// Whether a target of this kind may have the value.
    pub fn contains(self, y: f64) -> bool {
        y.is_finite()
            && match self {
                Self::Real | Self::Angle { .. } => true,
                Self::Positive => y > 0.0,
                Self::Bounded { low, high } => low <= y && y <= high,
                Self::Count => y >= 0.0 && y.fract() == 0.0,
            }
    }

    /// Whether networks can put mass where no target is.
    pub(crate) fn is_cut_off(self) -> bool {
        matches!(self, Self::Bounded { .. } | Self::Count)
    }

    /// All that a target of this kind can be, `[from, to]`: a full turn for an angle.
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
                // From the nearer end, so that neither loses its digits.
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
