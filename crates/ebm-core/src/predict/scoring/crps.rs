//! The continuous ranked probability score of a scalar.

use std::f64::consts::{PI, SQRT_2};

use crate::math::order::ascending;

/// CRPS of weighted draws, in units of the target.
///
/// `∫ (F(t) − 1{t ≥ observed})² dt = Σ w_i |y_i − observed| − ½ ΣΣ w_i w_j |y_i − y_j|`
///
/// Exact for the weighted draws, in O(M log M), because `F` is constant between neighbours. As an estimate of the CRPS
/// of the distribution they were drawn from, it is too high by about `E|Y − Y'| / (2 ESS)`.
///
/// # Shapes
/// - `y`, `weights`: `[m]`, weights with sum 1
///
/// Source: Gneiting, Raftery (2007), eq. (20), (21).
pub fn crps(y: &[f64], weights: &[f64], observed: f64) -> f64 {
    assert_eq!(y.len(), weights.len(), "every draw needs a weight");
    let order = ascending(y);
    let (first, last) = (y[order[0]], y[order[order.len() - 1]]);
    // An observation outside the range of the draws: F is 0 or 1 there, and the integrand is 1.
    let mut sum = (first - observed).max(0.0) + (observed - last).max(0.0);
    let mut below = 0.0;
    for pair in order.windows(2) {
        below += weights[pair[0]];
        let (left, right) = (y[pair[0]], y[pair[1]]);
        let cut = observed.clamp(left, right);
        sum += below * below * (cut - left) + (1.0 - below) * (1.0 - below) * (right - cut);
    }
    sum
}

/// CRPS of a Gaussian mixture of `(weight, mean, scale)`, in units of the target; exact.
///
/// `Σ w_i A(observed − μ_i, σ_i²) − ½ ΣΣ w_i w_j A(μ_i − μ_j, σ_i² + σ_j²)`, where
/// `A(μ, σ²) = E|N(μ, σ²)| = 2σ φ(μ/σ) + μ (2Φ(μ/σ) − 1)`.
///
/// Source: Grimit, Gneiting, Berrocal, Johnson, "The continuous ranked probability score for circular variables",
/// Q. J. R. Meteorol. Soc. 132 (2006), eq. (5), (6).
pub fn mixture_crps(components: impl Iterator<Item = (f64, f64, f64)> + Clone, observed: f64) -> f64 {
    let to_observed: f64 =
        components.clone().map(|(w, mean, scale)| w * expected_distance(observed - mean, scale)).sum();
    let apart = |(a, mean_a, scale_a): (f64, f64, f64), (b, mean_b, scale_b): (f64, f64, f64)| {
        a * b * expected_distance(mean_a - mean_b, scale_a.hypot(scale_b))
    };
    let among: f64 = components.clone().map(|a| components.clone().map(|b| apart(a, b)).sum::<f64>()).sum();
    to_observed - 0.5 * among
}

/// `E|Y|` of `Y ~ N(mean, scale²)`.
fn expected_distance(mean: f64, scale: f64) -> f64 {
    let z = mean / scale;
    2.0 * scale * (-0.5 * z * z).exp() / (2.0 * PI).sqrt() + mean * libm::erf(z / SQRT_2)
}
