//! A training step on the host: its inputs and its results.

use super::head::Head;
use super::wide::WideHead;
use crate::loss::{Form, Objective};

/// Factors of the mixture's losses in the total loss.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MixtureLosses {
    pub proposal_kl: f32,
    pub nll: f32,
}

impl MixtureLosses {
    /// The mixture's part of the total loss. A loss with factor 0 adds nothing, even if it is infinite.
    pub(crate) fn of(self, losses: &Sums) -> f64 {
        let term = |factor: f32, loss: f64| if factor == 0.0 { 0.0 } else { f64::from(factor) * loss };
        term(self.proposal_kl, losses.proposal_kl) + term(self.nll, losses.nll)
    }
}

/// The head's weights in the layout of its kernel.
pub(crate) enum AnyHead {
    /// Scalar targets and layers of at most 64 units: SIMD lanes are candidates.
    Narrow(Head),
    /// All other heads: SIMD lanes are units.
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

    /// Length of a gradient: weights and bias of each layer, then of the score.
    pub(super) fn parameters(&self) -> usize {
        match self {
            Self::Narrow(head) => head.parameters(),
            Self::Wide(head) => head.parameters(),
        }
    }
}

/// Inputs of a training step, on the host. Rows are examples.
pub(crate) struct Step<'a> {
    pub head: &'a AnyHead,
    /// `W_x h_x + b`, `[batch, hidden]`.
    pub from_features: &'a [f32],
    /// `[batch, target]`
    pub targets: &'a [f32],
    /// Dimensions of a target.
    pub target: usize,
    /// `[batch, components]`, nats.
    pub log_weights: &'a [f32],
    /// `[batch, target, components]`
    pub means: &'a [f32],
    /// `[batch, target, components]`
    pub log_scales: &'a [f32],
    pub components: usize,
    /// Candidates per example.
    pub m: usize,
    /// Standard normal numbers, `[batch, m, target]`.
    pub normals: &'a [f32],
    /// Uniform numbers on `[0, 1)`, `[batch, m]`; empty if there is one component.
    pub uniforms: &'a [f32],
    pub objective: Objective,
    /// What the head computes. For [`Form::Residual`] the log-densities of candidates are not computed, so
    /// `mixture.proposal_kl` must be 0.
    pub form: Form,
    /// `None` if the mixture is not trained.
    pub mixture: Option<MixtureLosses>,
}

/// Losses summed over examples, nats.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    pub energy: f64,
    pub proposal_kl: f64,
    pub nll: f64,
}

/// Output buffers for the gradients that belong to single examples, one row per example.
pub(super) struct Rows<'a> {
    pub from_features: &'a mut [f32],
    pub log_weights: &'a mut [f32],
    pub means: &'a mut [f32],
    pub log_scales: &'a mut [f32],
}

/// Results of a step: mean losses and the gradient of the total loss.
pub(crate) struct Outcome {
    pub losses: Sums,
    pub parameters: Vec<f32>,
    pub from_features: Vec<f32>,
    pub log_weights: Vec<f32>,
    pub means: Vec<f32>,
    pub log_scales: Vec<f32>,
}
