//! MDN with a jointly trained energy-based teacher.

use burn::module::Module;

use super::contrast::{Contrast, Proposal};
use super::losses::Losses;
use super::phase::{MixtureLoss, Phase};
use super::regressor::Regressor;
use crate::data::dataset::Batch;
use crate::density::GaussianMixture;
use crate::loss::Objective;
use crate::math::noise::Noise;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::features::Features;
use crate::network::mdn::Mdn;

/// A mixture density network guided by an energy-based teacher, each on its own backbone. Paper: Sec. 3.3.
///
/// Predictions are made by the MDN. Its loss is `½ KL + ½ NLL`, eq. (8), with the gradient also in its own backbone.
#[derive(Module, Debug)]
pub struct MdnTeacher<F: Features = Backbone> {
    pub(crate) feature: F,
    pub(crate) mdn: Mdn,
    pub(crate) teacher_feature: F,
    pub(crate) teacher: EnergyNet,
    #[module(skip)]
    pub(crate) objective: Objective,
}

impl<F: Features> MdnTeacher<F> {
    /// `q(y|x)` for the inputs of a batch.
    pub fn mixture(&self, input: F::Input) -> GaussianMixture {
        self.mdn.forward(self.feature.forward(input))
    }
}

impl<F: Features> Regressor for MdnTeacher<F> {
    type Input = F::Input;

    fn losses(&self, batch: &Batch<F::Input>, phase: Phase, noise: &mut Noise) -> Losses {
        let Self { feature, mdn, teacher_feature, teacher, objective } = self;
        let [nll, proposal_kl] = match phase.mixture {
            MixtureLoss::Method => [0.5, 0.5],
            MixtureLoss::Likelihood => [1.0, 0.0],
        };
        let proposal = Proposal::OnOwn { backbone: feature, mdn, nll, proposal_kl };
        Contrast { backbone: teacher_feature, energy: teacher, proposal, objective: *objective }
            .losses(batch, phase, noise)
    }
}
