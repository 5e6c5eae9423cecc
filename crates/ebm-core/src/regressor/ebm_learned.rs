//! Energy-based model with its learned proposal: the paper's method.

use burn::module::Module;

use super::{Contrast, Losses, Regressor};
use crate::feature::Mlp;
use crate::loss::proposal_kl;
use crate::{Batch, EnergyNet, Mdn, Noise, Objective};

/// An energy-based model and its MDN proposal, trained jointly. Paper: Sec. 3.2.
///
/// The proposal's head sits on constant features: its loss never reaches the backbone.
#[derive(Module, Debug)]
pub struct EbmLearned {
    pub(crate) feature: Mlp,
    pub(crate) energy: EnergyNet,
    pub(crate) proposal: Mdn,
    #[module(skip)]
    pub(crate) objective: Objective,
}

impl Regressor for EbmLearned {
    fn losses(&self, batch: &Batch, m: usize, noise: &mut Noise) -> Losses {
        let features = self.feature.forward(batch.input.clone());
        let q = self.proposal.forward(features.clone().without_autodiff());
        let contrast = Contrast::new(&self.energy, features, batch.target.clone(), &q, m, noise);
        Losses::sum(vec![
            (self.objective.name(), 1.0, contrast.energy_loss(self.objective)),
            ("proposal_kl", 1.0, proposal_kl(contrast.noise)),
        ])
    }
}
