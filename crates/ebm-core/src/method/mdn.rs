//! MDN trained by maximum likelihood, the baseline.

use burn::module::Module;

use super::losses::Losses;
use super::phase::{BackboneTraining, Phase};
use super::regressor::Regressor;
use super::whole::Whole;
use crate::data::dataset::Batch;
use crate::density::GaussianMixture;
use crate::kernel::{Branches, Kernels, Mixtures};
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
        likelihood(&self.feature, &self.mdn, batch, phase, noise)
    }
}

/// The negative log-likelihood of a mixture density network on the features of a backbone.
pub(super) fn likelihood<F: Features>(
    backbone: &F,
    mdn: &Mdn,
    batch: &Batch<F::Input>,
    phase: Phase,
    noise: &Noise,
) -> Losses {
    if let Some(losses) = (phase.kernels == Kernels::Fused).then(|| whole(backbone, mdn, batch, phase, noise)).flatten()
    {
        return losses;
    }
    let q = mdn.forward(phase.features(backbone, batch));
    let log_q = q.log_prob(batch.target.clone().unsqueeze_dim(1));
    Losses::sum(noise.networks(), vec![("nll", 1.0, mixture_nll(log_q))])
}

/// [`likelihood`] and its gradient by kernels on the CPU; `None` if a network is not supported, not on the CPU, or in a
/// stack.
fn whole<F: Features>(backbone: &F, mdn: &Mdn, batch: &Batch<F::Input>, phase: Phase, noise: &Noise) -> Option<Losses> {
    let mut whole = (!mdn.has_circles()).then(|| Whole::of(backbone, batch, noise)).flatten()?;
    let arch = whole.arch;
    let branches = Branches::of(mdn.branches());
    let features = whole.trace.last();
    let outputs = branches.forward(arch, features);
    let mixtures = Mixtures::of(&outputs);
    let outcome = crate::kernel::likelihood(arch, &mixtures, &whole.targets, whole.target);

    let gradients = &mut whole.gradients;
    let mut by_features = (phase.backbone == BackboneTraining::Trained).then(|| features.zeros_like());
    branches.backward(arch, features, &outputs, mixtures.deltas(&outcome), by_features.as_mut(), gradients);
    if let Some(by_features) = by_features {
        whole.backbone.backward(arch, &whole.trace, by_features, gradients);
    }
    let ([total], gradient) = whole.finish([outcome.losses.nll]);
    let parts = vec![("nll", total.clone())];
    Some(Losses { total, parts, gradient })
}
