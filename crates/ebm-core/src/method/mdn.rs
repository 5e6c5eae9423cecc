//! MDN trained by its likelihood: the baseline.

use burn::module::Module;
use burn::tensor::Tensor;

use super::losses::Losses;
use super::phase::Phase;
use super::regressor::Regressor;
use crate::data::dataset::Batch;
use crate::density::{Density, GaussianMixture};
use crate::loss::mixture_nll;
use crate::math::noise::Noise;
use crate::network::backbone::Backbone;
use crate::network::mdn::Mdn;

/// A mixture density network on its own backbone, trained by its negative log-likelihood. Paper: Sec. 2.2.
#[derive(Module, Debug)]
pub struct MdnRegressor {
    pub(crate) feature: Backbone,
    pub(crate) mdn: Mdn,
}

impl MdnRegressor {
    /// `q(y|x)` for inputs `[batch, input]`.
    pub fn mixture(&self, input: Tensor<2>) -> GaussianMixture {
        self.mdn.forward(self.feature.forward(input))
    }
}

impl Regressor for MdnRegressor {
    fn losses(&self, batch: &Batch, phase: Phase, noise: &mut Noise) -> Losses {
        likelihood(&self.mdn.forward(phase.features(&self.feature, batch)), batch, noise)
    }
}

/// The negative log-likelihood of a mixture at the targets of a batch.
pub(super) fn likelihood(q: &GaussianMixture, batch: &Batch, noise: &Noise) -> Losses {
    let log_q = q.log_prob(batch.target.clone().unsqueeze_dim(1));
    Losses::sum(noise.networks(), vec![("nll", 1.0, mixture_nll(log_q))])
}
