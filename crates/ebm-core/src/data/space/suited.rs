//! The kind of target that labels suggest.

use super::kind::TargetKind;
use super::lattice::Lattice;
use super::power::{fit, variance};

/// Fewer labels than this say nothing about their kind.
const LEAST_LABELS: usize = 30;
/// Values with a common step other than 1 are a lattice if there are at least this many labels for each.
const LABELS_PER_VALUE: usize = 5;
/// Another scale is taken if it gains at least this much, nats per label.
const GAIN_PER_LABEL: f64 = 0.02;
/// … and this much in total.
const GAIN: f64 = 5.0;

/// Why a kind suits labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Suits {
    /// There are too few labels to tell: real.
    TooFew,
    /// Neither of the others: real.
    Continuous,
    /// They have a common step.
    Lattice {
        /// The step; 1 for whole numbers.
        step: f64,
        /// The smallest label.
        low: f64,
        /// The largest label.
        high: f64,
        /// How many different values there are.
        values: usize,
    },
    /// They are positive, and a Gaussian fits them better on a power scale.
    Skewed {
        /// The exponent; 0 for the logarithm.
        lambda: f64,
        /// The gain in log-likelihood, nats per label.
        gain: f64,
    },
}

impl Suits {
    /// What was found in the labels, where it makes a difference: "whole numbers from 0 to 9".
    #[must_use]
    pub fn finding(self) -> Option<String> {
        match self {
            Self::Lattice { step: 1.0, low, high, .. } if low.fract() == 0.0 => {
                Some(format!("whole numbers from {low} to {high}"))
            }
            Self::Lattice { step, low, high, values } => {
                Some(format!("{values} values from {low} to {high}, multiples of {step} apart"))
            }
            Self::Skewed { lambda, .. } => Some(format!("positive and skewed, exponent {lambda}")),
            Self::TooFew | Self::Continuous => None,
        }
    }
}

impl TargetKind {
    /// The kind that suits these labels, and why. Angles and bounds are never guessed.
    ///
    /// - Whole numbers over at most 10,000 steps, or values with another common step that repeat five times on average:
    ///   [`TargetKind::Step`]; [`TargetKind::Count`] if they are not negative and a Gaussian fits `log(1 + y)` better.
    /// - Positive labels that a Gaussian fits better on another scale: [`TargetKind::Power`].
    /// - All others, and fewer than 30 labels: [`TargetKind::Real`].
    ///
    /// A scale is better if it gains 0.02 nats per label and 5 in total.
    #[must_use]
    pub fn suited(labels: &[f64]) -> (Self, Suits) {
        if labels.len() < LEAST_LABELS || labels.iter().any(|y| !y.is_finite()) {
            return (Self::Real, Suits::TooFew);
        }
        let mut distinct = labels.to_vec();
        distinct.sort_unstable_by(f64::total_cmp);
        distinct.dedup();
        let [low, high] = [distinct[0], distinct[distinct.len() - 1]];
        let lattice = Lattice::of(&distinct).filter(|lattice| {
            let is_whole = lattice.step == 1.0 && lattice.offset == 0.0;
            is_whole || labels.len() >= LABELS_PER_VALUE * distinct.len()
        });
        if let Some(Lattice { step, offset }) = lattice {
            let is_count = step == 1.0 && offset == 0.0 && low >= 0.0 && is_clear(gain_of_count(labels), labels.len());
            let kind = if is_count { Self::Count } else { Self::Step { step, offset } };
            return (kind, Suits::Lattice { step, low, high, values: distinct.len() });
        }
        if low > 0.0 {
            let found = fit(labels);
            if let (Self::Power { lambda, .. }, true) = (found.kind, is_clear(found.gain, labels.len())) {
                return (found.kind, Suits::Skewed { lambda, gain: found.gain });
            }
        }
        (Self::Real, Suits::Continuous)
    }
}

fn is_clear(gain: f64, labels: usize) -> bool {
    gain >= GAIN_PER_LABEL && gain * labels as f64 >= GAIN
}

/// Profile log-likelihood of a Gaussian on the scale of counts minus that on the scale of `n`, nats per label.
fn gain_of_count(labels: &[f64]) -> f64 {
    // At the middle of a dequantised count.
    let transformed = labels.iter().map(|n| (n + 0.5).ln_1p());
    let log_slope = -transformed.clone().sum::<f64>() / labels.len() as f64;
    0.5 * (variance(labels.iter().copied()) / variance(transformed)).ln() + log_slope
}

#[cfg(test)]
mod laws;
