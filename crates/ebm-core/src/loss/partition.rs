//! The estimator of `log Z` behind training and grid evaluation.
//!
//! [`crate::predict::Draws`] does the same on the host in `f64`, with its error.

use burn::tensor::Tensor;

use super::Candidates;
use crate::math::num::log_mean_exp;

/// Importance-sampled `log Z(x)` in nats.
///
/// `log (1/M) Σ_m exp(f(x, y_m) − log q(y_m|x))`, `y_m ~ q`. Unbiased for `Z`; biased low for `log Z` by O(1/M).
///
/// # Shapes
/// - both fields of the candidates: `[batch, m]`
/// - returns: `[batch]`
///
/// # Gradient
/// Flows through both fields. The losses built on it stop what they must not train.
///
/// Paper: the first term of eq. (2).
pub fn log_partition(candidates: Candidates) -> Tensor<1> {
    log_mean_exp(candidates.log_weights())
}
