//! What one step minimises, and its gradient.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use crate::kernel::{FusedStep, Sums, WholeOutcome};

/// What one step minimises, and its named parts; means over the batch in nats, shape `[networks]`: one, but for a stack.
pub struct Losses {
    /// The sum that is minimised; a constant where a kernel computed its gradient as well.
    pub total: Tensor<1>,
    /// Its parts, constants for the gradient, always the same names in the same order.
    pub parts: Vec<(&'static str, Tensor<1>)>,
    /// Of the total, where a kernel computed it.
    pub(super) gradients: Option<GradientsParams>,
    /// What has the total's gradient, where the total is a constant.
    pub(super) surrogate: Option<Tensor<1>>,
}

impl Losses {
    /// The gradient of the total by every parameter of a module that it trains; to be asked for once.
    pub fn gradients<M: Module>(&mut self, module: &M) -> GradientsParams {
        self.gradients.take().unwrap_or_else(|| {
            let root = self.surrogate.as_ref().unwrap_or(&self.total);
            GradientsParams::from_grads(root.backward(), module)
        })
    }

    /// Per-example losses `[batch]`, each with its name and weight in the total. A part of weight 0 is reported only:
    /// were it infinite, its product with 0 would spoil the total. The batch is as many equal parts as there are
    /// networks.
    pub(super) fn sum(networks: usize, parts: Vec<(&'static str, f64, Tensor<1>)>) -> Self {
        let mean = |loss: Tensor<1>| {
            let [batch] = loss.dims();
            loss.reshape([networks, batch / networks]).mean_dim(1).squeeze_dim::<1>(1)
        };
        let means = parts.into_iter().map(|(name, weight, loss)| (name, weight, mean(loss))).collect::<Vec<_>>();
        let weighted = means.iter().filter(|(_, weight, _)| *weight != 0.0);
        let total = weighted.map(|(_, weight, mean)| mean.clone() * *weight).reduce(|sum, part| sum + part);
        Self {
            total: total.expect("a method has at least one loss"),
            parts: means.into_iter().map(|(name, _, mean)| (name, mean.without_autodiff())).collect(),
            gradients: None,
            surrogate: None,
        }
    }

    /// A sum that a kernel computed, and its parts.
    pub(super) fn computed(step: FusedStep, parts: impl FnOnce(&FusedStep) -> Vec<(&'static str, Tensor<1>)>) -> Self {
        let parts = parts(&step);
        Self { total: step.total, parts, gradients: None, surrogate: step.surrogate }
    }

    /// What a kernel computed, gradients included.
    pub(super) fn whole(
        outcome: WholeOutcome,
        device: &Device,
        parts: impl FnOnce(&Sums) -> Vec<(&'static str, f64)>,
    ) -> Self {
        let constant = |value: f64| Tensor::from_floats([value as f32], device);
        let WholeOutcome { total, losses, gradients } = outcome;
        let parts = parts(&losses).into_iter().map(|(name, value)| (name, constant(value))).collect();
        Self { total: constant(total), parts, gradients: Some(gradients), surrogate: None }
    }
}
