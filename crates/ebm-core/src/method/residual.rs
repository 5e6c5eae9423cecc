//! Energy relative to a mixture that is trained by its likelihood. Beyond the paper.

use burn::module::Module;

use super::contrast::{Contrast, Proposal};
use super::losses::Losses;
use super::mdn::likelihood;
use super::phase::{MixtureLoss, Phase};
use super::regressor::Regressor;
use crate::data::dataset::Batch;
use crate::loss::Objective;
use crate::math::noise::Noise;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::features::Features;
use crate::network::mdn::Mdn;

/// A residual energy `g` on a mixture `q`: `f = log q + g`, so `p = q e^g / E_q[e^g]`.
///
/// The last layer of `g` starts at 0, so training starts from `p = q`. `q` is trained by its likelihood and is a
/// constant for the energy's loss. Both train the backbone. With eq. (6), the energy's loss is
/// `log Σ_{m=0..M} e^{g(y_m)} − g(y_0)`; with eq. (2), `log (1/M) Σ_m e^{g(y_m)} − g(y_0)`, and then the total is an
/// estimate of `−log p(y|x)`.
#[derive(Module, Debug)]
pub struct EbmResidual<F: Features = Backbone> {
    pub(crate) feature: F,
    pub(crate) energy: EnergyNet,
    pub(crate) proposal: Mdn,
    #[module(skip)]
    pub(crate) objective: Objective,
}

impl<F: Features> Regressor for EbmResidual<F> {
    type Input = F::Input;

    fn losses(&self, batch: &Batch<F::Input>, phase: Phase, noise: &mut Noise) -> Losses {
        let Self { feature, energy, proposal, objective } = self;
        match phase.mixture {
            MixtureLoss::Likelihood => {
                likelihood(&proposal.forward(phase.features(feature, batch)), &batch.target, noise)
            }
            MixtureLoss::Method => {
                let proposal = Proposal::Base(proposal);
                Contrast { backbone: feature, energy, proposal, objective: *objective }.losses(batch, phase, noise)
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod laws;
