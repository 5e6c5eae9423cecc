//! Monte-Carlo errors and diagnostics of importance sampling.

mod pareto;

use serde::Serialize;

pub use pareto::{PARETO_K_LIMIT, pareto_k};

/// A number and its Monte-Carlo standard error (0 if it is exact or by quadrature).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// One standard error.
    pub standard_error: f64,
}

impl Estimate {
    /// A number without Monte-Carlo error.
    pub fn exact(value: f64) -> Self {
        Self { value, standard_error: 0.0 }
    }
}

/// `log p(y|x)` at one target, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogProb {
    /// The estimate; exact for a mixture and for a scalar.
    pub estimate: Estimate,
    /// The target's share of all importance weights, `w_0 / Σ_{m=0..M} w_m`: about `1/(M+1)` if the proposal fits, near
    /// 1 if the proposal has almost no mass near the target. `None` without a proposal.
    pub label_weight: Option<f64>,
}

/// How well candidates from the proposal represent the density of one input. No single number is sufficient.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Reliability {
    /// Effective sample size divided by the number of candidates; for a scalar, that of draws from its proposal.
    pub ess_share: f64,
    /// Pareto k̂ of the weights; estimates are unreliable above [`PARETO_K_LIMIT`]. NaN for a scalar.
    pub pareto_k: f64,
}
