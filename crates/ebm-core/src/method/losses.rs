//! The losses of one training step, and their gradient.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// The total loss of one step and its named parts: means over the batch in nats, shape `[networks]`. There is one
/// network, except in a stack.
pub struct Losses {
    /// The weighted sum of the parts, which is minimised, `[networks]`. Detached if a kernel computed its gradient.
    pub total: Tensor<1>,
    /// The parts, detached, `[networks]` each; always the same names in the same order.
    pub parts: Vec<(&'static str, Tensor<1>)>,
    pub(super) gradient: Gradient,
}

/// How the gradient of the total is obtained.
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub(super) enum Gradient {
    /// By differentiating this tensor: the total, or a surrogate with the same gradient.
    Of(Tensor<1>),
    /// Already computed together with the total; `None` once it was taken.
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
    /// The gradient of the total with respect to the parameters of `module`. May be called only once.
    pub fn gradients<M: Module>(&mut self, module: &M) -> GradientsParams {
        match &mut self.gradient {
            Gradient::Of(root) => GradientsParams::from_grads(root.backward(), module),
            Gradient::Computed(gradients) => gradients.take().expect("gradients can be taken only once"),
        }
    }

    /// From per-example losses `[batch]`, each with its name and weight in the total. The batch consists of equal
    /// parts, one for each network. A loss with weight 0 is reported but not added: 0 times infinity is NaN.
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
