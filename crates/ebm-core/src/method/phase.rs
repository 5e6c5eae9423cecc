//! A phase of training: which parameters are trained, and with which losses.

use burn::tensor::Tensor;

use crate::data::dataset::Batch;
use crate::kernel::Kernels;
use crate::network::features::Features;
use crate::network::input::Input;

/// A phase of training: which parameters are trained, and with which losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// Candidates drawn for each example, M.
    pub m: usize,
    /// Whether the backbone is trained.
    pub backbone: BackboneTraining,
    /// The loss of the mixture.
    pub mixture: MixtureLoss,
    /// Which implementation computes the step.
    pub kernels: Kernels,
}

impl Phase {
    /// All parameters are trained with the method's own losses and `m` candidates for each example.
    pub fn method(m: usize) -> Self {
        Self { m, backbone: BackboneTraining::Trained, mixture: MixtureLoss::Method, kernels: Kernels::default() }
    }

    /// The features `[batch, features]` of a batch; detached for a frozen backbone, whose batch statistics are updated.
    pub(super) fn features<F: Features>(self, backbone: &F, batch: &Batch<F::Input>) -> Tensor<2> {
        match self.backbone {
            BackboneTraining::Trained => backbone.forward_by(batch.input.clone().autodiff(), self.kernels),
            BackboneTraining::Frozen => backbone.frozen(batch.input.clone(), self.kernels),
        }
    }
}

/// Whether the backbone is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackboneTraining {
    /// It receives the gradient of every loss that depends on it.
    Trained,
    /// It receives no gradient; its batch statistics are still updated.
    Frozen,
}

/// The loss of a mixture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MixtureLoss {
    /// The method's own loss.
    Method,
    /// The likelihood alone. An energy that uses the mixture as its proposal is not trained.
    Likelihood,
}
