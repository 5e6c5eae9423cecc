//! Power scales of positive targets, and the fit of their exponent.
//!
//! `g(y) = (v^λ − 1)/λ` and `log v` for `λ = 0`, with `v = (y + start)/unit`.
//!
//! Source: Box, Cox, "An analysis of transformations", J. Royal Statistical Society B 26 (1964).

use super::box_cox::of_log;
use super::kind::TargetKind;

/// Exponents searched.
const EXPONENTS: [f64; 2] = [0.0, 2.0];
/// This fraction of the labels is left out at either end while the exponent is fitted, so that outliers do not decide it.
const TRIMMED: f64 = 0.01;
/// `start` is this fraction of the smallest positive label, but at least [`LEAST_START`] of `unit`.
const START: f64 = 0.1;
const LEAST_START: f64 = 1e-3;
/// The exponent is 1 unless another gains more than this, nats in total.
const LEAST_GAIN: f64 = 2.0;

/// A fitted power scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fitted {
    pub kind: TargetKind,
    /// Profile log-likelihood of a Gaussian on this scale minus that on the scale of `y`, nats per label.
    pub gain: f64,
}

impl TargetKind {
    /// The power scale of positive labels with the largest profile likelihood of a Gaussian, λ in `[0, 2]`.
    ///
    /// `ℓ(λ) = −n/2 log var(g_λ) + Σ log g_λ'`, by golden-section search; λ is 1 unless another gains 2 nats. 1 % of the
    /// labels are left out at either end. Labels of 0 are allowed; negative ones are ignored here and refused by
    /// [`super::Target::fit`].
    #[must_use]
    pub fn fit_power(labels: &[f64]) -> Self {
        fit(labels).kind
    }
}

pub(super) fn fit(labels: &[f64]) -> Fitted {
    let mut labels: Vec<f64> = labels.iter().copied().filter(|y| y.is_finite() && *y >= 0.0).collect();
    labels.sort_unstable_by(f64::total_cmp);
    let Some(least) = labels.iter().copied().find(|y| *y > 0.0) else {
        return Fitted { kind: TargetKind::Power { lambda: 1.0, start: 1.0, unit: 1.0 }, gain: 0.0 };
    };
    let out = (TRIMMED * labels.len() as f64) as usize;
    let kept = &labels[out..labels.len() - out];
    let centre = |start: f64| (kept.iter().map(|y| (y + start).ln()).sum::<f64>() / kept.len() as f64).exp();
    let start = (START * least).max(LEAST_START * centre(START * least));
    let unit = centre(start);
    // Their mean is 0 by the choice of the unit, so the sum of the log-slopes is the same for every exponent.
    let logs: Vec<f64> = kept.iter().map(|y| ((y + start) / unit).ln()).collect();
    let log_likelihood = |lambda: f64| -0.5 * variance(logs.iter().map(|&log| of_log(lambda, log))).ln();
    let linear = log_likelihood(1.0);
    // Two decimals: more say nothing, and the same labels in another unit get the same exponent.
    let lambda = (100.0 * maximum(log_likelihood, EXPONENTS)).round() / 100.0;
    let gain = log_likelihood(lambda) - linear;
    let kind = |lambda| TargetKind::Power { lambda, start, unit };
    if gain.is_finite() && gain * kept.len() as f64 > LEAST_GAIN {
        Fitted { kind: kind(lambda), gain }
    } else {
        Fitted { kind: kind(1.0), gain: 0.0 }
    }
}

pub(super) fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    values.map(|value| (value - mean).powi(2)).sum::<f64>() / n
}

/// The maximum of a function with one, by golden-section search.
fn maximum(f: impl Fn(f64) -> f64, [mut low, mut high]: [f64; 2]) -> f64 {
    let golden = 0.5 * (5f64.sqrt() - 1.0);
    for _ in 0..32 {
        let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
        if f(left) > f(right) {
            high = right;
        } else {
            low = left;
        }
    }
    0.5 * (low + high)
}
