//! The law of y at one input: its density and its entropy.

use crate::normal::{log_normal, normal_entropy};
use crate::toy::rounded;

/// Number of examples, all splits together.
pub const LEN: usize = 3800;
/// Smallest input.
pub const X_MIN: f64 = 0.0;
/// Largest input.
pub const X_MAX: f64 = 1.0;

pub(super) const BETA_LEN: usize = 800;
pub(super) const NORMAL_LEN: usize = 1000;
pub(super) const UNIFORM_LEN: usize = 500;
/// Examples drawn from each of [`INTERVALS`].
pub(super) const INTERVAL_LEN: usize = 500;
/// The three equally likely intervals of the last region, in the order of the published draw.
pub(super) const INTERVALS: [(f64, f64); 3] = [(8.0, 8.5), (1.0, 4.0), (-4.5, -3.0)];

/// Law of y at one input.
enum Law {
    /// `0.5 + 5·Beta(½, 1)`.
    Beta,
    Normal {
        mean: f64,
        sd: f64,
    },
    Uniform {
        lo: f64,
        hi: f64,
    },
    /// One of [`INTERVALS`].
    Intervals,
}

/// The law at order `i`, a whole number for an example; regions change midway between examples.
fn law(i: f64) -> Law {
    let after_beta = i - BETA_LEN as f64;
    let after_normal = after_beta - NORMAL_LEN as f64;
    let after_uniform = after_normal - UNIFORM_LEN as f64;
    if after_beta < -0.5 {
        Law::Beta
    } else if after_normal < -0.5 {
        let mean = normal_mean(5.0 * after_beta / 999.0);
        Law::Normal { mean, sd: mean.abs() / 4.0 }
    } else if after_uniform < -0.5 {
        let k = after_normal / 499.0;
        Law::Uniform { lo: -2.0 - 2.5 * k, hi: -0.5 + 9.5 * k }
    } else {
        Law::Intervals
    }
}

/// Mean of the second region at angle `t` in radians.
pub(super) fn normal_mean(t: f64) -> f64 {
    3.0 * rounded::cos(t) - 2.0
}

/// Exact `log p(y | x)` in nats.
///
/// `−∞` outside the support, whose ends belong to it; `+∞` where the density is infinite: at
/// y = 0.5 in the first region, and at y = 0 where the normal's standard deviation is zero.
/// Inputs outside [0, 1] have the law of the nearer end. NaN in gives NaN out.
#[must_use]
pub fn log_density(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    match law(x * (LEN - 1) as f64) {
        Law::Beta => {
            // Beta(½, 1) has density ½ b^{−½} on (0, 1]; the Jacobian is 1/5.
            let b = (y - 0.5) / 5.0;
            if (0.0..=1.0).contains(&b) { -0.5 * libm::log(b) - libm::log(10.0) } else { f64::NEG_INFINITY }
        }
        Law::Normal { mean, sd } => log_normal(y, mean, sd),
        Law::Uniform { lo, hi } => log_uniform(y, lo, hi),
        Law::Intervals => {
            INTERVALS.iter().map(|&(lo, hi)| log_uniform(y, lo, hi) - libm::log(3.0)).fold(f64::NEG_INFINITY, f64::max)
        }
    }
}

/// Log-density of the uniform law on [lo, hi].
fn log_uniform(y: f64, lo: f64, hi: f64) -> f64 {
    if (lo..=hi).contains(&y) { -libm::log(hi - lo) } else { f64::NEG_INFINITY }
}

/// Mean conditional differential entropy over the [`LEN`] inputs, nats, in closed form.
///
/// No model has a lower expected negative log-likelihood; on one test set the true density itself
/// scatters about it.
#[must_use]
pub fn entropy() -> f64 {
    let total: f64 = (0..LEN)
        .map(|i| match law(i as f64) {
            // E[log b] = ψ(½) − ψ(3/2) = −2, so −E[log(½ b^{−½}/5)] = log 10 − 1.
            Law::Beta => libm::log(10.0) - 1.0,
            Law::Normal { sd, .. } => normal_entropy(sd),
            Law::Uniform { lo, hi } => libm::log(hi - lo),
            Law::Intervals => {
                let logs: f64 = INTERVALS.iter().map(|(lo, hi)| libm::log(3.0 * (hi - lo))).sum();
                logs / 3.0
            }
        })
        .sum();
    total / LEN as f64
}
