//! Kinds of targets, each with its support and its transform `g` to the real line.

use std::f64::consts::TAU;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::box_cox;
use super::lattice::Lattice;

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
    /// A number from 0 on. `g(y) = (v^λ − 1)/λ`, and `log v` for `λ = 0`, with `v = (y + start)/unit`. `start` is positive,
    /// so the density at 0 is finite. Densities end nine label ranges above the largest label. See
    /// [`TargetKind::fit_power`].
    Power {
        /// The exponent λ, 0 to 2.
        lambda: f64,
        /// Added to `y`.
        start: f64,
        /// Divides `y + start`.
        unit: f64,
    },
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
    /// A value `offset + k·step` for any whole `k`. Dequantised to `v = k + u` as counts are; `g(v) = v`. The probability
    /// of the value is the integral of the density over `[k, k + 1)`.
    Step {
        /// The distance of neighbouring values; 1 for whole numbers.
        step: f64,
        /// One of the values.
        offset: f64,
    },
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
            Self::Power { lambda, start, unit } => {
                (0.0..=2.0).contains(&lambda) && [start, unit].iter().all(|x| *x > 0.0 && x.is_normal())
            }
            Self::Bounded { low, high } => low < high && (high - low).is_normal(),
            Self::Step { step, offset } => step > 0.0 && step.is_normal() && offset.is_finite(),
            Self::Angle { period } => period > 0.0 && period.is_normal(),
        }
    }

    /// Whether `y` is a possible value of this kind.
    pub fn contains(self, y: f64) -> bool {
        y.is_finite()
            && match self {
                Self::Real | Self::Angle { .. } => true,
                Self::Positive => y > 0.0,
                Self::Power { .. } => y >= 0.0,
                Self::Bounded { low, high } => low <= y && y <= high,
                Self::Count => y >= 0.0 && y.fract() == 0.0,
                Self::Step { step, offset } => Lattice { step, offset }.holds(y),
            }
    }

    /// The kind as `--target-kind` of the command line has it; `power` there stands for a fit.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Real => "real".to_owned(),
            Self::Positive => "positive".to_owned(),
            Self::Power { .. } => "power".to_owned(),
            Self::Bounded { low, high } => format!("bounded:{low},{high}"),
            Self::Count => "count".to_owned(),
            Self::Step { step: 1.0, offset: 0.0 } => "integer".to_owned(),
            Self::Step { step, offset: 0.0 } => format!("step:{step}"),
            Self::Step { step, offset } => format!("step:{step},{offset}"),
            Self::Angle { period } => format!("angle:{period}"),
        }
    }

    /// The values of a kind whose answers are probabilities. Its transform `g` is a function of `k + u`.
    pub(crate) fn lattice(self) -> Option<Lattice> {
        match self {
            Self::Count => Some(Lattice { step: 1.0, offset: 0.0 }),
            Self::Step { step, offset } => Some(Lattice { step, offset }),
            _ => None,
        }
    }

    /// Whether the target has values with gaps between them, so that its log-density is a log-probability.
    pub fn is_discrete(self) -> bool {
        self.lattice().is_some()
    }

    /// Whether the model's density can have mass outside the support.
    pub(crate) fn is_cut_off(self) -> bool {
        matches!(self, Self::Power { .. } | Self::Bounded { .. } | Self::Count)
    }

    /// The support of this kind, `[from, to]`; a full turn for an angle.
    pub fn support(self) -> [f64; 2] {
        match self {
            Self::Real | Self::Step { .. } => [f64::NEG_INFINITY, f64::INFINITY],
            Self::Positive | Self::Power { .. } | Self::Count => [0.0, f64::INFINITY],
            Self::Bounded { low, high } => [low, high],
            Self::Angle { period } => [0.0, period],
        }
    }

    /// `g(y)`, increasing; for a lattice, of `k + u`.
    pub(super) fn transform(self, y: f64) -> f64 {
        match self {
            Self::Real | Self::Step { .. } => y,
            Self::Positive => y.ln(),
            Self::Power { lambda, start, unit } => box_cox::of_log(lambda, ((y + start) / unit).ln()),
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
            Self::Real | Self::Step { .. } => t,
            Self::Positive => t.exp(),
            Self::Power { lambda, start, unit } => (unit * box_cox::log_of(lambda, t).exp() - start).max(0.0),
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
            Self::Real | Self::Step { .. } => 0.0,
            Self::Positive | Self::Count => -t,
            Self::Power { lambda, unit, .. } => (lambda - 1.0) * box_cox::log_of(lambda, t) - unit.ln(),
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
            Self::Power { .. } => write!(out, "a target on a power scale is a finite number from 0 on"),
            Self::Bounded { low, high } => write!(out, "this target lies in [{low}, {high}]"),
            Self::Count => write!(out, "a count is one of 0, 1, 2, …"),
            Self::Step { step: 1.0, offset: 0.0 } => write!(out, "this target is a whole number"),
            Self::Step { step, offset: 0.0 } => write!(out, "this target is a multiple of {step}"),
            Self::Step { step, offset } => write!(out, "this target is {offset} plus a multiple of {step}"),
            Self::Angle { period } => write!(out, "an angle is a finite number, here with period {period}"),
        }
    }
}
