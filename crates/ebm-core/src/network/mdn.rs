//! The mixture density network: features → a Gaussian mixture over targets.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::{Device, Tensor};

use crate::density::GaussianMixture;
use crate::math::axis::Axis;
use crate::math::noise::Noise;
use crate::network::linear::{apply, linear};

/// Sizes of an [`Mdn`].
#[derive(Debug, Clone, Copy)]
pub struct MdnConfig {
    /// Width of the features, and of each branch's hidden layer.
    pub features: usize,
    /// Dimensions of the target, D.
    pub target: usize,
    /// Gaussians in the mixture, K.
    pub components: usize,
}

/// Mixture density network `q_φ(y|x)`: three branches `features → features (ReLU) → K·D, K·D, K`.
///
/// The branches output means, `log σ²` and the logits of the weights. Paper: eq. (3), App. F.
#[derive(Module, Debug)]
pub struct Mdn {
    mean_hidden: Linear,
    mean: Linear,
    log_variance_hidden: Linear,
    log_variance: Linear,
    logit_hidden: Linear,
    logit: Linear,
    #[module(skip)]
    axes: Vec<Axis>,
}

impl MdnConfig {
    /// A network with weights drawn from `noise`.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> Mdn {
        let &Self { features, target, components } = self;
        Mdn {
            mean_hidden: linear(features, features, noise, device),
            mean: linear(features, target * components, noise, device),
            log_variance_hidden: linear(features, features, noise, device),
            log_variance: linear(features, target * components, noise, device),
            logit_hidden: linear(features, features, noise, device),
            logit: linear(features, components, noise, device),
            axes: Vec::new(),
        }
    }
}

impl Mdn {
    /// The same network with mixtures over `axes`: see [`GaussianMixture::on`].
    #[must_use]
    pub fn on(self, axes: &[Axis]) -> Self {
        Self { axes: axes.to_vec(), ..self }
    }

    /// Whether a dimension of the target is an angle.
    pub(crate) fn has_circles(&self) -> bool {
        Axis::any_circle(&self.axes)
    }

    /// The two layers of each branch: means, log-variances, logits.
    pub(crate) fn branches(&self) -> [[&Linear; 2]; 3] {
        [
            [&self.mean_hidden, &self.mean],
            [&self.log_variance_hidden, &self.log_variance],
            [&self.logit_hidden, &self.logit],
        ]
    }

    /// # Shapes
    /// - `features`: `[batch, features]`
    ///
    /// # Gradient
    /// Flows to the network and to the features. Pass constant features if the head must not train its backbone.
    pub fn forward(&self, features: Tensor<2>) -> GaussianMixture {
        let branch = |hidden: &Linear, last: &Linear| apply(last, relu(apply(hidden, features.clone())));
        let means = branch(&self.mean_hidden, &self.mean);
        let log_variances = branch(&self.log_variance_hidden, &self.log_variance);
        let logits = branch(&self.logit_hidden, &self.logit);
        let [batch, components] = logits.dims();
        let target = means.dims()[1] / components;
        GaussianMixture::new(
            log_softmax(logits, 1),
            means.reshape([batch, target, components]),
            (log_variances * 0.5).reshape([batch, target, components]),
        )
        .on(&self.axes)
    }
}
