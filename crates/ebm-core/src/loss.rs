//! The paper's losses, per example, in nats, all in log space. Take the mean over the batch to train.
//!
//! The losses take scores and log-densities of candidates, not networks. Each loss detaches what it must not train;
//! callers never do.

mod form;
mod kl;
mod nce;
mod nll;
mod objective;
pub mod partition;

use burn::tensor::Tensor;

pub use form::Form;
pub use kl::proposal_kl;
pub use nce::nce;
pub use nll::{importance_nll, mixture_nll};
pub use objective::Objective;
pub use partition::log_partition;

/// Scores and proposal log-densities of candidate targets `y_m`.
#[derive(Debug, Clone)]
pub struct Candidates {
    /// `f(x, y_m)`, shape `[batch, m]`.
    pub score: Tensor<2>,
    /// `log q(y_m | x)`, shape `[batch, m]`.
    pub log_q: Tensor<2>,
}

impl Candidates {
    /// `score − log_q`: the logarithm of the unnormalised importance weight. Shape `[batch, m]`.
    pub fn log_weights(&self) -> Tensor<2> {
        let [batch, m] = self.score.dims();
        assert_shape!(self.log_q, [batch, m]);
        self.score.clone() - self.log_q.clone()
    }
}

#[cfg(test)]
mod laws;
