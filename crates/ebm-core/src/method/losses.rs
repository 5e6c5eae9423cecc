//! What one step minimises, and its gradient.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// What one step minimises, and its named parts; means over the batch in nats, shape `[networks]`: one, but for a stack.
pub struct Losses {
    /// The sum that is minimised; a constant where a kernel computed its gradient as well.
    pub total: Tensor<1>,
    /// Its parts, constants for the gradient, always the same names in the same order.
    pub parts: Vec<(&'static str, Tensor<1>)>,
    pub(super) gradient: Gradient,
}

/// How the gradient of a total is had.
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub(super) enum Gradient {
    /// By differentiating this: the total, or what has the same gradient.
    Of(Tensor<1>),
    /// It was computed with the total.
    Computed(Option<GradientsParams>),
}

/// The losses of a contrast as a kernel computes them: means over the batch in nats, `[networks]`.
pub(super) struct Terms {
    pub total: Tensor<1>,
    pub energy: Tensor<1>,
    pub proposal_kl: Tensor<1>,
    pub nll: Tensor<1>,
    pub gradient: Gradient,
}

impl Losses {
    /// The gradient of the total by every parameter of a module that it trains; to be asked for once.
    pub fn gradients<M: Module>(&mut self, module: &M) -> GradientsParams {
        match &mut self.gradient {
            Gradient::Of(root) => GradientsParams::from_grads(root.backward(), module),
            Gradient::Computed(gradients) => gradients.take().expect("gradients are asked for once"),
        }
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
        let total = total.expect("a method has at least one loss");
        let parts = means.into_iter().map(|(name, _, mean)| (name, mean.without_autodiff())).collect();
        Self { gradient: Gradient::Of(total.clone()), total, parts }
    }
}
