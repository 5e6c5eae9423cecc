//! Negative log-likelihoods: of the energy model (importance sampling) and of a normalised density (exact).

use burn::tensor::Tensor;

use super::nce::constant_density;
use super::{Candidates, log_partition};

/// Negative log-likelihood of the energy model, `log Z` estimated by importance sampling.
///
/// `log (1/M) Σ_m exp(f(x, y_m) − log q(y_m|x)) − f(x, y)`
///
/// # Shapes
/// - `observed_score`: `[batch, 1]`
/// - both fields of the candidates: `[batch, m]`
/// - returns: `[batch]`
///
/// # Gradient
/// To the scores only: `log_q` is a constant. Add [`super::proposal_kl`] to minimise eq. (2) with respect to both
/// networks, as in Sec. 3.2 of the paper.
///
/// Paper: eq. (2).
pub fn importance_nll(observed_score: Tensor<2>, candidates: Candidates) -> Tensor<1> {
    let [batch, _] = candidates.score.dims();
    assert_shape!(observed_score, [batch, 1]);
    log_partition(constant_density(candidates)) - observed_score.squeeze_dim::<1>(1)
}

/// Negative log-likelihood of a normalised density at the observed target: `−log q(y|x)`.
///
/// # Shapes
/// - `log_q`: `[batch, 1]`
/// - returns: `[batch]`
///
/// # Gradient
/// To `log_q`.
///
/// Paper: Sec. 2.2.
pub fn mixture_nll(log_q: Tensor<2>) -> Tensor<1> {
    let [batch, _] = log_q.dims();
    assert_shape!(log_q, [batch, 1]);
    -log_q.squeeze_dim::<1>(1)
}
