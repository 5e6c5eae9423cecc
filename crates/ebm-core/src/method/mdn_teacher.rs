//! MDN with a jointly trained energy-based teacher.

use burn::module::Module;

use super::contrast::{Contrast, fused, layers, whole};
use super::losses::Losses;
use super::phase::{MixtureLoss, Phase};
use super::regressor::Regressor;
use crate::data::dataset::Batch;
use crate::density::GaussianMixture;
use crate::kernel::{MixtureLosses, Proposal, Sums, WholeStep};
use crate::loss::{Objective, mixture_nll, proposal_kl};
use crate::math::noise::Noise;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::features::Features;
use crate::network::mdn::Mdn;

/// A mixture density network guided by an energy-based teacher; two whole networks. Paper: Sec. 3.3.
///
/// The MDN is the product: `½ KL + ½ NLL`, eq. (8), with the gradient into its own backbone.
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
        let [nll, kl] = match phase.mixture {
            MixtureLoss::Method => [0.5, 0.5],
            MixtureLoss::Likelihood => [1.0, 0.0],
        };
        let mixture_losses = MixtureLosses { proposal_kl: kl as f32, nll: nll as f32 };
        let name = self.objective.name();
        if let (Some((batch, feature)), Some((_, own))) =
            (layers(&self.teacher_feature, batch), layers(&self.feature, batch))
        {
            let step = WholeStep {
                feature: &feature,
                energy: &self.teacher,
                mixture: Proposal::Learned { mdn: &self.mdn, feature: Some(&own), losses: mixture_losses },
                objective: self.objective,
                m: phase.m,
                backbone: phase.backbone,
            };
            let parts =
                |losses: &Sums| vec![(name, losses.energy), ("nll", losses.nll), ("proposal_kl", losses.proposal_kl)];
            if let Some(losses) = whole(phase, step, &batch, noise, parts) {
                return losses;
            }
        }
        let q = self.mdn.forward(phase.features(&self.feature, batch));
        let features = phase.features(&self.teacher_feature, batch);
        let learned = Some(mixture_losses);
        let fused = fused(phase, self.objective, &self.teacher, &features, &batch.target, &q, learned);
        if let Some(step) = fused.and_then(|losses| losses.step(noise)) {
            return Losses::computed(step, |step| {
                vec![(name, step.energy.clone()), ("nll", step.nll.clone()), ("proposal_kl", step.proposal_kl.clone())]
            });
        }
        let contrast = Contrast::new(&self.teacher, features, batch.target.clone(), &q, phase.m, noise);
        let energy_loss = contrast.energy_loss(self.objective);
        Losses::sum(
            noise.networks(),
            vec![
                (self.objective.name(), 1.0, energy_loss),
                ("nll", nll, mixture_nll(contrast.observed.log_q)),
                ("proposal_kl", kl, proposal_kl(contrast.noise)),
            ],
        )
    }
}
