//! What a step trains, and how.

use burn::tensor::Tensor;

use crate::data::dataset::Batch;
use crate::kernel::Kernels;
use crate::network::features::Features;
use crate::network::input::Input;

/// What a step trains, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// Candidates drawn for each example, M.
    pub m: usize,
    /// Whether the backbone learns.
    pub backbone: BackboneTraining,
    /// What the mixture learns from.
    pub mixture: MixtureLoss,
    /// What computes the step.
    pub kernels: Kernels,
}

impl Phase {
    /// Everything learns by the method's own losses, with `m` candidates an example.
    pub fn method(m: usize) -> Self {
        Self { m, backbone: BackboneTraining::Trained, mixture: MixtureLoss::Method, kernels: Kernels::default() }
    }

    /// The features of a batch: constants where the backbone is frozen, whose statistics are updated all the same.
    pub(super) fn features<F: Features>(self, backbone: &F, batch: &Batch<F::Input>) -> Tensor<2> {
        match self.backbone {
            BackboneTraining::Trained => backbone.forward_by(batch.input.clone().autodiff(), self.kernels),
            BackboneTraining::Frozen => backbone.frozen(batch.input.clone(), self.kernels),
        }
    }
}

/// Whether the backbone learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackboneTraining {
    /// By every loss that reaches it.
    Trained,
    /// It gets no gradient; its batch statistics are updated.
    Frozen,
}

/// What a mixture learns from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MixtureLoss {
    /// The method's own loss.
    Method,
    /// The likelihood alone. An energy that needs the mixture as its proposal waits.
    Likelihood,
}
