//! Energy-based model with a learned proposal, the method of the paper.

use burn::module::Module;

use super::contrast::{Contrast, Proposal};
use super::losses::Losses;
use super::mdn::likelihood;
use super::phase::{BackboneTraining, MixtureLoss, Phase};
use super::regressor::Regressor;
use crate::data::dataset::Batch;
use crate::loss::Objective;
use crate::math::noise::Noise;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::features::Features;
use crate::network::mdn::Mdn;

/// An energy-based model and its MDN proposal, trained jointly. Paper: Sec. 3.2.
///
/// The proposal receives detached features, so its loss has no gradient in the backbone.
#[derive(Module, Debug)]
pub struct EbmLearned<F: Features = Backbone> {
    pub(crate) feature: F,
    pub(crate) energy: EnergyNet,
    pub(crate) proposal: Mdn,
    #[module(skip)]
    pub(crate) objective: Objective,
}

impl<F: Features> Regressor for EbmLearned<F> {
    type Input = F::Input;

    fn losses(&self, batch: &Batch<F::Input>, phase: Phase, noise: &mut Noise) -> Losses {
        let Self { feature, energy, proposal, objective } = self;
        match phase.mixture {
            MixtureLoss::Likelihood => {
                let phase = Phase { backbone: BackboneTraining::Frozen, ..phase };
                likelihood(feature, proposal, batch, phase, noise)
            }
            MixtureLoss::Method => {
                let proposal = Proposal::OnFeatures(proposal);
                Contrast { backbone: feature, energy, proposal, objective: *objective }.losses(batch, phase, noise)
            }
        }
    }
}
