//! A training step on the host: what its losses and gradients follow from, and what it computes.

use super::head::Head;
use super::wide::WideHead;
use crate::loss::Objective;

/// What the mixture learns from: factors of its losses in the total.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MixtureLosses {
    pub proposal_kl: f32,
    pub nll: f32,
}

impl MixtureLosses {
    /// What the mixture adds to the total. A loss of factor 0 adds nothing, be it infinite.
    pub(crate) fn of(self, losses: &Sums) -> f64 {
        let term = |factor: f32, loss: f64| if factor == 0.0 { 0.0 } else { f64::from(factor) * loss };
        term(self.proposal_kl, losses.proposal_kl) + term(self.nll, losses.nll)
    }
}

/// The head's weights, as its kernel wants them.
pub(crate) enum AnyHead {
    /// Scalar targets, layers of at most 64 units: candidates along the vectors.
    Narrow(Head),
    /// Any other: units along the vectors.
    Wide(WideHead),
}

impl AnyHead {
    /// Width of `h`.
    pub(super) fn hidden(&self) -> usize {
        match self {
            Self::Narrow(head) => head.hidden(),
            Self::Wide(head) => head.hidden(),
        }
    }

    /// Numbers in a gradient: of each layer the weights and the bias, then of the score.
    pub(super) fn parameters(&self) -> usize {
        match self {
            Self::Narrow(head) => head.parameters(),
            Self::Wide(head) => head.parameters(),
        }
    }
}

/// Everything that a step's losses and gradients follow from, on the host. Rows are examples.
pub(crate) struct Step<'a> {
    pub head: &'a AnyHead,
    /// `W_x h_x + b`, `[batch, hidden]`.
    pub from_features: &'a [f32],
    /// `[batch, target]`
    pub targets: &'a [f32],
    /// Dimensions of a target.
    pub target: usize,
    /// Of each mixture, `[batch, components]`.
    pub log_weights: &'a [f32],
    /// `[batch, target, components]`
    pub means: &'a [f32],
    /// `[batch, target, components]`
    pub log_scales: &'a [f32],
    pub components: usize,
    /// Candidates an example.
    pub m: usize,
    /// Standard normal numbers, `[batch, m, target]`.
    pub normals: &'a [f32],
    /// Uniform numbers on `[0, 1)`, `[batch, m]`; none when there is one component.
    pub uniforms: &'a [f32],
    pub objective: Objective,
    /// None when the mixture is given.
    pub mixture: Option<MixtureLosses>,
}

/// Losses of some examples, nats, each a sum over them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    pub energy: f64,
    pub proposal_kl: f64,
    pub nll: f64,
}

/// Where the gradients of some examples go: rows of what belongs to each example.
pub(super) struct Rows<'a> {
    pub from_features: &'a mut [f32],
    pub log_weights: &'a mut [f32],
    pub means: &'a mut [f32],
    pub log_scales: &'a mut [f32],
}

/// What a step computes: mean losses, and the gradient of the total.
pub(crate) struct Outcome {
    pub losses: Sums,
    pub parameters: Vec<f32>,
    pub from_features: Vec<f32>,
    pub log_weights: Vec<f32>,
    pub means: Vec<f32>,
    pub log_scales: Vec<f32>,
}
