//! Noise-contrastive estimation.

use burn::tensor::Tensor;

use super::Candidates;
use crate::math::num::log_sum_exp;

/// Noise-contrastive estimation: which of `M + 1` candidates is the observed one?
///
/// `log Σ_{m=0..M} exp(f(y_m) − log q(y_m)) − (f(y_0) − log q(y_0))`, where `y_0` is the observed target.
/// It is `ln(M + 1)` when the score is `log q` plus any constant.
///
/// # Shapes
/// - `observed`: `[batch, 1]`
/// - `noise`: `[batch, m]`
/// - returns: `[batch]`
///
/// # Gradient
/// To the scores only: `log_q` is a constant here, so the noise distribution is not trained.
///
/// Paper: eq. (6).
pub fn nce(observed: Candidates, noise: Candidates) -> Tensor<1> {
    let [batch, _] = noise.score.dims();
    assert_shape!(observed.score, [batch, 1]);
    let observed = constant_density(observed).log_weights();
    let noise = constant_density(noise).log_weights();
    let all = Tensor::cat(vec![observed.clone(), log_sum_exp(noise, 1)], 1);
    (log_sum_exp(all, 1) - observed).squeeze_dim(1)
}

/// The candidates with `log_q` detached.
pub(super) fn constant_density(candidates: Candidates) -> Candidates {
    Candidates { log_q: candidates.log_q.without_autodiff(), ..candidates }
}
