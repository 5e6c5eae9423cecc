//! Monte-Carlo errors and diagnostics of importance sampling.

mod pareto;

use serde::Serialize;

use crate::math::num::log_sum_exp_of;

pub use pareto::{PARETO_K_LIMIT, pareto_k};

/// A smaller [`Reliability::ess_share`] tells of a proposal that does not fit: the energy has mass where it was hardly
/// trained. Its error rates: `docs/results/thresholds.md`.
pub const ESS_SHARE_LIMIT: f64 = 0.1;

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

impl LogProb {
    /// `(1/α) log Σ_i w_i p_i(y|x)^α − log Z` of the members of an ensemble, of weights whose sum is 1. Errors of the
    /// members are independent; label weights are averaged.
    pub(crate) fn pool(members: impl Iterator<Item = (f64, Self)>, power: f64, log_partition: f64) -> Self {
        let members: Vec<(f64, Self)> = members.filter(|(weight, _)| *weight > 0.0).collect();
        let terms: Vec<f64> = members.iter().map(|(weight, of)| weight.ln() + power * of.estimate.value).collect();
        let all = log_sum_exp_of(&terms);
        let errors = terms.iter().zip(&members).map(|(term, (_, of))| (term - all).exp() * of.estimate.standard_error);
        let standard_error = errors.filter(|error| error.is_finite()).map(|error| error * error).sum::<f64>().sqrt();
        let weighted = members.iter().filter_map(|(weight, of)| Some((*weight, of.label_weight?)));
        let (sum, total) = weighted.fold((0.0, 0.0), |(sum, total), (w, value)| (sum + w * value, total + w));
        let value = all / power - log_partition;
        Self { estimate: Estimate { value, standard_error }, label_weight: (total > 0.0).then(|| sum / total) }
    }
}

impl Reliability {
    /// The weighted mean over the members of an ensemble that have a proposal; `None` if none has.
    pub(crate) fn pool(members: impl Iterator<Item = (f64, Option<Self>)>) -> Option<Self> {
        let known: Vec<(f64, Self)> = members.filter_map(|(weight, of)| Some((weight, of?))).collect();
        let total: f64 = known.iter().map(|(weight, _)| weight).sum();
        let mean =
            |of: &dyn Fn(&Self) -> f64| known.iter().map(|(weight, known)| weight * of(known)).sum::<f64>() / total;
        (total > 0.0)
            .then(|| Self { ess_share: mean(&|known| known.ess_share), pareto_k: mean(&|known| known.pareto_k) })
    }
}
