//! Result 1: the proposal's loss, whose gradient estimates that of KL(p ‖ q).

use burn::tensor::Tensor;

use super::{Candidates, log_partition};

/// The proposal's loss: its gradient estimates `∇_φ KL(p_θ ‖ q_φ)`.
///
/// `log (1/M) Σ_m exp(f(x, y_m) − log q(y_m|x))`, the value of [`log_partition`] with samples and scores held
/// constant. The value is not a divergence. The gradient is `−Σ_m w̃_m ∇ log q(y_m)` with self-normalised weights `w̃`;
/// it is mass-covering and has bias O(1/M).
///
/// # Shapes
/// - both fields: `[batch, m]`
/// - returns: `[batch]`
///
/// # Gradient
/// To `log_q` only: the energy is not trained. The candidates must be constants (as [`crate::density::GaussianMixture::sample`]
/// returns them): no reparameterisation.
///
/// Paper: eq. (4), (5), Result 1.
pub fn proposal_kl(candidates: Candidates) -> Tensor<1> {
    log_partition(Candidates { score: candidates.score.without_autodiff(), ..candidates })
}
