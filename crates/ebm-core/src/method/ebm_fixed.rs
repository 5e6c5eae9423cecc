//! Energy-based model trained against hand-made noise: the earlier work's method.

use burn::module::Module;

use super::contrast::{Contrast, fused, layers, whole};
use super::losses::Losses;
use super::phase::Phase;
use super::regressor::Regressor;
use crate::data::dataset::Batch;
use crate::density::GaussianMixture;
use crate::kernel::{Proposal, WholeStep};
use crate::loss::Objective;
use crate::math::noise::Noise;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::features::Features;

/// An energy-based model trained with the fixed noise `(1/K) Σ_k N(y; y_i, σ_k² I)`. Paper: Sec. 2.1, Sec. 5.1.
///
/// The noise knows the target, so nothing is left to predict with: densities come from quadrature over a given range.
#[derive(Module, Debug)]
pub struct EbmFixed<F: Features = Backbone> {
    pub(crate) feature: F,
    pub(crate) energy: EnergyNet,
    #[module(skip)]
    pub(crate) sigmas: Vec<f64>,
    #[module(skip)]
    pub(crate) objective: Objective,
}

impl<F: Features> Regressor for EbmFixed<F> {
    type Input = F::Input;

    fn losses(&self, batch: &Batch<F::Input>, phase: Phase, noise: &mut Noise) -> Losses {
        let name = self.objective.name();
        if let Some((batch, feature)) = layers(&self.feature, batch) {
            let step = WholeStep {
                feature: &feature,
                energy: &self.energy,
                mixture: Proposal::Centred(&self.sigmas),
                objective: self.objective,
                m: phase.m,
                backbone: phase.backbone,
            };
            if let Some(losses) = whole(phase, step, &batch, noise, |losses| vec![(name, losses.energy)]) {
                return losses;
            }
        }
        let features = phase.features(&self.feature, batch);
        let q = GaussianMixture::centred(batch.target.clone(), &self.sigmas).on(&self.energy.axes);
        let fused = fused(phase, self.objective, &self.energy, &features, &batch.target, &q, None);
        if let Some(step) = fused.and_then(|losses| losses.step(noise)) {
            return Losses::computed(step, |step| vec![(name, step.energy.clone())]);
        }
        let contrast = Contrast::new(&self.energy, features, batch.target.clone(), &q, phase.m, noise);
        Losses::sum(noise.networks(), vec![(self.objective.name(), 1.0, contrast.energy_loss(self.objective))])
    }
}
