//! Losses shared by the energy-based methods: an energy is contrasted with candidates from a proposal.

mod definition;
mod fused;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
mod gpu;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod plain_laws;
mod surrogate;
mod whole;

use super::losses::{Losses, Terms};
use super::phase::Phase;
use crate::data::dataset::Batch;
use crate::kernel::Kernels;
use crate::loss::{mixture_nll, proposal_kl};
use crate::math::noise::Noise;
use crate::network::features::Features;
pub(super) use definition::{Contrast, Proposal};
use definition::{Head, Scored};

impl<F: Features> Contrast<'_, F> {
    /// The losses of a batch with `phase.m` candidates for each example.
    ///
    /// This is the only place that chooses the implementation: a kernel for the whole step, a kernel for the head on a
    /// GPU or the CPU, or tensor operations. All draw the same candidates and agree up to rounding.
    pub fn losses(&self, batch: &Batch<F::Input>, phase: Phase, noise: &mut Noise) -> Losses {
        let fused = phase.kernels == Kernels::Fused;
        if let Some(step) = fused.then(|| whole::step(self, batch, phase, noise)).flatten() {
            return self.report(step);
        }
        let features = phase.features(self.backbone, batch);
        let q = self.proposal(batch, &features, phase);
        let head = Head { contrast: self, features: &features, target: &batch.target, q: &q, m: phase.m };
        // The kernels do not support wrapped Gaussians.
        if let Some(step) = (fused && q.axes().is_empty()).then(|| by_kernel(&head, noise)).flatten() {
            return self.report(step);
        }
        let scored = head.score(noise);
        let energy = scored.energy_loss(self.objective);
        let Scored { candidates, log_q, .. } = scored;
        let parts = self.parts(energy, || proposal_kl(candidates), || mixture_nll(log_q));
        Losses::sum(noise.networks(), parts)
    }

    /// The losses that a kernel computed, under their names.
    fn report(&self, step: Terms) -> Losses {
        let parts = self.parts(step.energy, || step.proposal_kl, || step.nll);
        let parts = parts.into_iter().map(|(name, _, value)| (name, value)).collect();
        Losses { total: step.total, parts, gradient: step.gradient }
    }
}

/// The losses of the head and their gradient; `None` if there is no kernel for the network or device.
///
/// The candidates are the same as those of [`crate::density::GaussianMixture::sample`], from the same random numbers.
fn by_kernel<F: Features>(head: &Head<'_, F>, noise: &mut Noise) -> Option<Terms> {
    #[cfg(any(feature = "wgpu", feature = "cuda"))]
    if let Some(step) = gpu::step(head, noise) {
        return Some(step);
    }
    fused::step(head, noise)
}
