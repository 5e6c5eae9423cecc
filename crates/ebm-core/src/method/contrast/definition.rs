//! Definition of a contrast: an energy, its proposal, and their losses.

use burn::tensor::Tensor;

use crate::data::dataset::Batch;
use crate::density::GaussianMixture;
use crate::kernel::MixtureLosses;
use crate::loss::{Candidates, Form, Objective, importance_nll, nce};
use crate::math::noise::Noise;
use crate::method::phase::Phase;
use crate::network::energy::EnergyNet;
use crate::network::features::Features;
use crate::network::mdn::Mdn;

/// An energy and the proposal `q` from which its candidates are drawn.
pub(in crate::method) struct Contrast<'a, F> {
    pub backbone: &'a F,
    pub energy: &'a EnergyNet,
    pub proposal: Proposal<'a, F>,
    /// The energy's loss, eq. (2) or (6).
    pub objective: Objective,
}

/// Where the candidates come from.
pub(in crate::method) enum Proposal<'a, F> {
    /// Equally weighted Gaussians of these scales, centred at the target; not trained. Paper: Sec. 2.1.
    Centred(&'a [f64]),
    /// A mixture density network on the energy's features, detached; trained with eq. (4), (5). Paper: Sec. 3.2.
    OnFeatures(&'a Mdn),
    /// A mixture density network on the energy's features, trained by its likelihood; the energy is relative to it.
    Base(&'a Mdn),
    /// A mixture density network on its own backbone, and the weights of its losses. Paper: Sec. 3.3.
    OnOwn { backbone: &'a F, mdn: &'a Mdn, nll: f64, proposal_kl: f64 },
}

impl<F: Features> Contrast<'_, F> {
    /// `q(y|x)` for the inputs of a batch whose features, `[batch, features]`, are given.
    pub fn proposal(&self, batch: &Batch<F::Input>, features: &Tensor<2>, phase: Phase) -> GaussianMixture {
        match self.proposal {
            Proposal::Centred(sigmas) => GaussianMixture::centred(batch.target.clone(), sigmas).on(&self.energy.axes),
            Proposal::OnFeatures(mdn) => mdn.forward(features.clone().without_autodiff()),
            Proposal::Base(mdn) => mdn.forward(features.clone()),
            Proposal::OnOwn { backbone, mdn, .. } => mdn.forward(phase.features(backbone, batch)),
        }
    }

    /// What the energy network computes.
    pub fn form(&self) -> Form {
        match self.proposal {
            Proposal::Centred(_) | Proposal::OnFeatures(_) | Proposal::OnOwn { .. } => Form::Free,
            Proposal::Base(_) => Form::Residual,
        }
    }

    /// The weights of the mixture's losses in the total; `None` if the mixture is not trained.
    pub fn learned(&self) -> Option<MixtureLosses> {
        match self.proposal {
            Proposal::Centred(_) => None,
            Proposal::OnFeatures(_) => Some(MixtureLosses { proposal_kl: 1.0, nll: 0.0 }),
            Proposal::Base(_) => Some(MixtureLosses { proposal_kl: 0.0, nll: 1.0 }),
            Proposal::OnOwn { nll, proposal_kl, .. } => {
                Some(MixtureLosses { proposal_kl: proposal_kl as f32, nll: nll as f32 })
            }
        }
    }

    /// The reported losses, with their names and their weights in the total.
    pub fn parts<T>(
        &self,
        energy: T,
        proposal_kl: impl FnOnce() -> T,
        nll: impl FnOnce() -> T,
    ) -> Vec<(&'static str, f64, T)> {
        let energy = (self.objective.name(), 1.0, energy);
        match self.proposal {
            Proposal::Centred(_) => vec![energy],
            Proposal::OnFeatures(_) => vec![energy, ("proposal_kl", 1.0, proposal_kl())],
            Proposal::Base(_) => vec![energy, ("nll", 1.0, nll())],
            Proposal::OnOwn { nll: nll_weight, proposal_kl: kl_weight, .. } => {
                vec![energy, ("nll", nll_weight, nll()), ("proposal_kl", kl_weight, proposal_kl())]
            }
        }
    }
}

/// The energy's head on a batch, after the backbones and the mixture have been evaluated.
pub(super) struct Head<'a, F> {
    pub contrast: &'a Contrast<'a, F>,
    /// `[batch, features]`
    pub features: &'a Tensor<2>,
    /// `[batch, target]`
    pub target: &'a Tensor<2>,
    pub q: &'a GaussianMixture,
    /// Candidates for each example.
    pub m: usize,
}

/// Scores and log-densities at the observed target, `[batch, 1]`, and at `m` draws from `q`, `[batch, m]`.
///
/// For [`Form::Residual`] both are relative to `q`: the network's output, and 0. Only their difference matters to the
/// energy's loss.
pub(super) struct Scored {
    pub observed: Candidates,
    pub candidates: Candidates,
    /// `log q` at the observed target, `[batch, 1]`.
    pub log_q: Tensor<2>,
}

impl Scored {
    /// The energy's loss, `[batch]`.
    pub fn energy_loss(&self, objective: Objective) -> Tensor<1> {
        match objective {
            Objective::Nce => nce(self.observed.clone(), self.candidates.clone()),
            Objective::Importance => importance_nll(self.observed.score.clone(), self.candidates.clone()),
        }
    }
}

impl<F: Features> Head<'_, F> {
    /// Draws the candidates and computes scores and log-densities by tensor operations.
    pub fn score(&self, noise: &mut Noise) -> Scored {
        let form = self.contrast.form();
        let score = |y: &Tensor<3>| self.contrast.energy.score(self.features.clone(), y.clone());
        let relative = |score: Tensor<2>, log_q: &dyn Fn() -> Tensor<2>| {
            let log_q = match form {
                Form::Free => log_q(),
                Form::Residual => score.zeros_like().without_autodiff(),
            };
            Candidates { score, log_q }
        };
        let target = self.target.clone().unsqueeze_dim(1);
        let observed = score(&target);
        let log_q = self.q.log_prob(target);
        let observed = relative(observed, &|| log_q.clone());
        let drawn = self.q.sample(self.m, noise);
        let candidates = relative(score(&drawn), &|| self.q.log_prob(drawn.clone()));
        Scored { observed, candidates, log_q }
    }
}
