//! MDN trained by maximum likelihood, the baseline.

use burn::module::Module;
use burn::tensor::Tensor;

use super::losses::Losses;
use super::phase::Phase;
use super::regressor::Regressor;
use crate::data::dataset::Batch;
use crate::density::GaussianMixture;
use crate::loss::mixture_nll;
use crate::math::noise::Noise;
use crate::network::backbone::Backbone;
use crate::network::features::Features;
use crate::network::mdn::Mdn;

/// A mixture density network on its own backbone, trained by its negative log-likelihood. Paper: Sec. 2.2.
#[derive(Module, Debug)]
pub struct MdnRegressor<F: Features = Backbone> {
    pub(crate) feature: F,
    pub(crate) mdn: Mdn,
}

impl<F: Features> MdnRegressor<F> {
    /// `q(y|x)` for the inputs of a batch.
    pub fn mixture(&self, input: F::Input) -> GaussianMixture {
        self.mdn.forward(self.feature.forward(input))
    }
}

impl<F: Features> Regressor for MdnRegressor<F> {
    type Input = F::Input;

    fn losses(&self, batch: &Batch<F::Input>, phase: Phase, noise: &mut Noise) -> Losses {
        likelihood(&self.mdn.forward(phase.features(&self.feature, batch)), &batch.target, noise)
    }
}

/// The negative log-likelihood of a mixture at targets `[batch, target]`.
pub(super) fn likelihood(q: &GaussianMixture, target: &Tensor<2>, noise: &Noise) -> Losses {
    let log_q = q.log_prob(target.clone().unsqueeze_dim(1));
    Losses::sum(noise.networks(), vec![("nll", 1.0, mixture_nll(log_q))])
}
