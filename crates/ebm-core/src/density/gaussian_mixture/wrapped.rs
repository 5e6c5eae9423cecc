//! Gaussians wrapped around a circle.

use std::f64::consts::{PI, TAU};

use burn::tensor::Tensor;

use crate::math::axis::{Axis, wrap_tensor};
use crate::math::num::log_sum_exp;

/// Upper limit of log-scales on a circle, `ln π`. A wrapped Gaussian of this scale is within 1.5 % of uniform. A larger
/// scale would change little and need more windings.
pub const CIRCLE_LOG_SCALE_LIMIT: f64 = 1.144_729_885_849_400_2;

/// Windings summed in each direction. At the largest scale the first omitted term is below 1e-10 of the density.
const WINDINGS: usize = 3;

/// Log-scales `[batch, target, components]`, clamped to [`CIRCLE_LOG_SCALE_LIMIT`] on circles.
pub(super) fn clamp(log_scales: Tensor<3>, axes: &[Axis]) -> Tensor<3> {
    let [batch, target, components] = log_scales.dims();
    assert_eq!(axes.len(), target, "an axis for every dimension of the target");
    let rows = axes.iter().enumerate().map(|(d, axis)| {
        let row = log_scales.clone().slice([0..batch, d..d + 1, 0..components]);
        match axis {
            Axis::Line => row,
            Axis::Circle => row.clamp_max(CIRCLE_LOG_SCALE_LIMIT),
        }
    });
    Tensor::cat(rows.collect(), 1)
}

/// `log Σ_k exp(log w_k + Σ_d log p_kd(y_d))`, where `p_kd` is a Gaussian on a line and a wrapped Gaussian on a circle.
///
/// The difference `δ` of angle and mean is wrapped to `(−π, π]`. Winding 0 is then the largest term, and
/// `Σ_n N(δ + 2πn) = N(δ) (1 + Σ_{n>0} e^{−2πn(πn + δ)/σ²} + e^{−2πn(πn − δ)/σ²})` has no exponent above 0.
///
/// # Shapes
/// - `log_weights`: `[batch, components]`; `means`, `log_scales`: `[batch, target, components]`
/// - `y`: `[batch, m, target]`; returns `[batch, m]`
pub(super) fn log_prob(
    log_weights: &Tensor<2>,
    [means, log_scales]: [&Tensor<3>; 2],
    axes: &[Axis],
    y: &Tensor<3>,
) -> Tensor<2> {
    let [batch, target, components] = means.dims();
    let m = y.dims()[1];
    let at = |of: &Tensor<3>, d: usize| of.clone().slice([0..batch, d..d + 1, 0..components]);
    let along = |d: usize| {
        let precision = (at(log_scales, d) * -2.0).exp();
        let difference = y.clone().slice([0..batch, 0..m, d..d + 1]) - at(means, d);
        match axes[d] {
            Axis::Line => difference.powi_scalar(2) * precision * -0.5,
            Axis::Circle => {
                let short = wrap_tensor(difference);
                let windings = (1..=WINDINGS).flat_map(|n| {
                    let n = n as f64;
                    let term = |distance: Tensor<3>| (distance * precision.clone() * (-TAU * n)).exp();
                    [term(short.clone() + PI * n), term(-short.clone() + PI * n)]
                });
                let others = windings.reduce(|sum, term| sum + term).expect("there are windings");
                short.powi_scalar(2) * precision.clone() * -0.5 + others.log1p()
            }
        }
    };
    let logs = (0..target).map(along).reduce(|sum, log| sum + log).expect("a target has at least one dimension");
    let log_heights =
        log_weights.clone().unsqueeze_dim::<3>(1) - log_scales.clone().sum_dim(1) - 0.5 * target as f64 * TAU.ln();
    log_sum_exp(log_heights + logs, 2).squeeze_dim(2)
}

/// `log Σ_n N(y + 2πn; mean, scale²)`, on the host.
pub(crate) fn log_wrapped(y: f64, mean: f64, scale: f64) -> f64 {
    let short = crate::math::axis::wrap(y - mean);
    let precision = scale.powi(-2);
    let others: f64 = (1..=WINDINGS)
        .map(|n| PI * n as f64)
        .map(|turn| (-2.0 * turn * (turn + short) * precision).exp() + (-2.0 * turn * (turn - short) * precision).exp())
        .sum();
    -0.5 * short * short * precision + others.ln_1p() - scale.ln() - 0.5 * TAU.ln()
}

#[cfg(test)]
mod laws;
