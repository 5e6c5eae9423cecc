//! Energy-based model with its learned proposal: the paper's method.

use burn::module::Module;

use super::contrast::{Contrast, fused, layers, whole};
use super::losses::Losses;
use super::phase::{MixtureLoss, Phase};
use super::regressor::Regressor;
use crate::data::dataset::Batch;
use crate::density::Density;
use crate::kernel::{MixtureLosses, Proposal, Sums, WholeStep};
use crate::loss::{Objective, mixture_nll, proposal_kl};
use crate::math::noise::Noise;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::features::Features;
use crate::network::mdn::Mdn;

/// An energy-based model and its MDN proposal, trained jointly. Paper: Sec. 3.2.
///
/// The proposal's head sits on constant features: its loss never reaches the backbone.
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
        let mixture_losses = MixtureLosses { proposal_kl: 1.0, nll: 0.0 };
        if phase.mixture == MixtureLoss::Method
            && let Some((batch, feature)) = layers(&self.feature, batch)
        {
            let step = WholeStep {
                feature: &feature,
                energy: &self.energy,
                mixture: Proposal::Learned { mdn: &self.proposal, feature: None, losses: mixture_losses },
                objective: self.objective,
                m: phase.m,
                backbone: phase.backbone,
            };
            let name = self.objective.name();
            let parts = |losses: &Sums| vec![(name, losses.energy), ("proposal_kl", losses.proposal_kl)];
            if let Some(losses) = whole(phase, step, &batch, noise, parts) {
                return losses;
            }
        }
        let features = phase.features(&self.feature, batch);
        let q = self.proposal.forward(features.clone().without_autodiff());
        if phase.mixture == MixtureLoss::Likelihood {
            let log_q = q.log_prob(batch.target.clone().unsqueeze_dim(1));
            return Losses::sum(noise.networks(), vec![("nll", 1.0, mixture_nll(log_q))]);
        }
        let learned = Some(mixture_losses);
        let fused = fused(phase, self.objective, &self.energy, &features, &batch.target, &q, learned);
        if let Some(step) = fused.and_then(|losses| losses.step(noise)) {
            return Losses::computed(step, |step| {
                vec![(self.objective.name(), step.energy.clone()), ("proposal_kl", step.proposal_kl.clone())]
            });
        }
        let contrast = Contrast::new(&self.energy, features, batch.target.clone(), &q, phase.m, noise);
        Losses::sum(
            noise.networks(),
            vec![
                (self.objective.name(), 1.0, contrast.energy_loss(self.objective)),
                ("proposal_kl", 1.0, proposal_kl(contrast.noise)),
            ],
        )
    }
}
