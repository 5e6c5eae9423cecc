//! Energy-based model trained with a fixed noise distribution, the method of earlier work.

use burn::module::Module;

use super::contrast::{Contrast, Proposal};
use super::losses::Losses;
use super::phase::Phase;
use super::regressor::Regressor;
use crate::data::dataset::Batch;
use crate::loss::Objective;
use crate::math::noise::Noise;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::features::Features;

/// An energy-based model trained with the fixed noise `(1/K) Σ_k N(y; y_i, σ_k² I)`. Paper: Sec. 2.1, Sec. 5.1.
///
/// The noise is centred at the target, so it cannot serve as a proposal in prediction. Densities are computed by
/// quadrature over a given range.
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
        let Self { feature, energy, sigmas, objective } = self;
        let contrast =
            Contrast { backbone: feature, energy, proposal: Proposal::Centred(sigmas), objective: *objective };
        contrast.losses(batch, phase, noise)
    }
}
