//! What the energy-based methods share: an energy, a proposal to contrast it with, and what each learns from.

mod fused;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
mod gpu;
mod surrogate;
mod whole;

use burn::tensor::Tensor;

use super::losses::{Losses, Terms};
use super::phase::Phase;
use crate::data::dataset::Batch;
use crate::density::{Density, GaussianMixture};
use crate::kernel::{Kernels, MixtureLosses};
use crate::loss::{Candidates, Objective, importance_nll, mixture_nll, nce, proposal_kl};
use crate::math::noise::Noise;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::mdn::Mdn;

/// An energy and the proposal `q` that its candidates come from.
pub(super) struct Contrast<'a> {
    pub backbone: &'a Backbone,
    pub energy: &'a EnergyNet,
    pub proposal: Proposal<'a>,
    /// The energy's loss, eq. (2) or (6).
    pub objective: Objective,
}

/// Where the candidates come from.
#[derive(Clone, Copy)]
pub(super) enum Proposal<'a> {
    /// Equal Gaussians of these scales around the target: nothing of it learns. Paper: Sec. 2.1.
    Centred(&'a [f64]),
    /// A mixture density network on the energy's features, constants for it; it learns by eq. (4), (5). Sec. 3.2.
    OnFeatures(&'a Mdn),
    /// A mixture density network on a backbone of its own, and the weights of its losses. Sec. 3.3.
    OnOwn { backbone: &'a Backbone, mdn: &'a Mdn, nll: f64, proposal_kl: f64 },
}

impl Contrast<'_> {
    /// The losses of a batch with `phase.m` candidates an example.
    ///
    /// What computes them is chosen here and nowhere else: a kernel for the whole step, one for the head on a GPU or on
    /// the CPU, or tensor operations. All draw the same candidates and agree up to rounding.
    pub fn losses(&self, batch: &Batch, phase: Phase, noise: &mut Noise) -> Losses {
        let fused = phase.kernels == Kernels::Fused;
        if let Some(step) = fused.then(|| whole::step(self, batch, phase, noise)).flatten() {
            return self.report(step);
        }
        let features = phase.features(self.backbone, batch);
        let q = self.proposal(batch, &features, phase);
        let head = Head { contrast: self, features: &features, target: &batch.target, q: &q, m: phase.m };
        // The kernels' Gaussians are not wrapped.
        if let Some(step) = (fused && q.axes().is_empty()).then(|| head.by_kernel(noise)).flatten() {
            return self.report(step);
        }
        let scored = head.score(noise);
        let energy = scored.energy_loss(self.objective);
        let Scored { observed, candidates } = scored;
        let parts = self.parts(energy, || proposal_kl(candidates), || mixture_nll(observed.log_q));
        Losses::sum(noise.networks(), parts)
    }

    /// `q(y|x)` for the inputs of a batch whose features are given.
    fn proposal(&self, batch: &Batch, features: &Tensor<2>, phase: Phase) -> GaussianMixture {
        match self.proposal {
            Proposal::Centred(sigmas) => GaussianMixture::centred(batch.target.clone(), sigmas).on(&self.energy.axes),
            Proposal::OnFeatures(mdn) => mdn.forward(features.clone().without_autodiff()),
            Proposal::OnOwn { backbone, mdn, .. } => mdn.forward(phase.features(backbone, batch)),
        }
    }

    /// The weights of the mixture's losses in the total; none where it does not learn.
    fn learned(&self) -> Option<MixtureLosses> {
        match self.proposal {
            Proposal::Centred(_) => None,
            Proposal::OnFeatures(_) => Some(MixtureLosses { proposal_kl: 1.0, nll: 0.0 }),
            Proposal::OnOwn { nll, proposal_kl, .. } => {
                Some(MixtureLosses { proposal_kl: proposal_kl as f32, nll: nll as f32 })
            }
        }
    }

    /// The losses that are reported, with their names and their weights in the total.
    fn parts<T>(
        &self,
        energy: T,
        proposal_kl: impl FnOnce() -> T,
        nll: impl FnOnce() -> T,
    ) -> Vec<(&'static str, f64, T)> {
        let energy = (self.objective.name(), 1.0, energy);
        match self.proposal {
            Proposal::Centred(_) => vec![energy],
            Proposal::OnFeatures(_) => vec![energy, ("proposal_kl", 1.0, proposal_kl())],
            Proposal::OnOwn { nll: nll_weight, proposal_kl: kl_weight, .. } => {
                vec![energy, ("nll", nll_weight, nll()), ("proposal_kl", kl_weight, proposal_kl())]
            }
        }
    }

    /// What a kernel computed, under the names of the parts.
    fn report(&self, step: Terms) -> Losses {
        let parts = self.parts(step.energy, || step.proposal_kl, || step.nll);
        let parts = parts.into_iter().map(|(name, _, value)| (name, value)).collect();
        Losses { total: step.total, parts, gradient: step.gradient }
    }
}

/// The energy's head on a batch: what is left when backbones and mixture were computed.
struct Head<'a> {
    contrast: &'a Contrast<'a>,
    /// `[batch, features]`
    features: &'a Tensor<2>,
    /// `[batch, target]`
    target: &'a Tensor<2>,
    q: &'a GaussianMixture,
    /// Candidates an example.
    m: usize,
}

/// What the losses need of the head: the observed target, `[batch, 1]`, and `m` draws from `q`, `[batch, m]`.
struct Scored {
    observed: Candidates,
    candidates: Candidates,
}

impl Scored {
    /// The energy's loss, `[batch]`.
    fn energy_loss(&self, objective: Objective) -> Tensor<1> {
        match objective {
            Objective::Nce => nce(self.observed.clone(), self.candidates.clone()),
            Objective::Importance => importance_nll(self.observed.score.clone(), self.candidates.clone()),
        }
    }
}

impl Head<'_> {
    /// The losses and their gradient, or nothing where there is no kernel.
    ///
    /// The candidates are those that [`Density::sample`] draws: `noise` is asked for the same numbers.
    fn by_kernel(&self, noise: &mut Noise) -> Option<Terms> {
        #[cfg(any(feature = "wgpu", feature = "cuda"))]
        if let Some(step) = gpu::step(self, noise) {
            return Some(step);
        }
        fused::step(self, noise)
    }

    /// Scores and log-densities by tensor operations.
    fn score(&self, noise: &mut Noise) -> Scored {
        let scored = |y: Tensor<3>| Candidates {
            score: self.contrast.energy.score(self.features.clone(), y.clone()),
            log_q: self.q.log_prob(y),
        };
        Scored {
            observed: scored(self.target.clone().unsqueeze_dim(1)),
            candidates: scored(self.q.sample(self.m, noise)),
        }
    }
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod plain_laws;
