//! What the energy-based methods share.

use burn::tensor::Tensor;

use crate::data::dataset::Batch;
use crate::density::{Density, GaussianMixture};
use crate::kernel::{FusedLosses, Kernels, MixtureLosses, Sums, WholeStep};
use crate::loss::{Candidates, Objective, importance_nll, nce};
use crate::math::noise::Noise;
use crate::method::losses::Losses;
use crate::method::phase::Phase;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::features::Features;

/// What a kernel computes a step from; nothing where the phase wants tensor operations.
pub(super) fn fused<'a>(
    phase: Phase,
    objective: Objective,
    energy: &'a EnergyNet,
    features: &'a Tensor<2>,
    target: &'a Tensor<2>,
    mixture: &'a GaussianMixture,
    learned: Option<MixtureLosses>,
) -> Option<FusedLosses<'a>> {
    let losses = FusedLosses { energy, features, target, mixture, learned, objective, m: phase.m };
    // The kernel's Gaussians are not wrapped.
    (phase.kernels == Kernels::Fused && mixture.axes().is_empty()).then_some(losses)
}

/// The batch and the layers of a feature network as the kernel of whole steps wants them, where it is of that kind.
pub(super) fn layers<F: Features>(feature: &F, batch: &Batch<F::Input>) -> Option<(Batch, Backbone)> {
    let (input, mlp) = feature.as_mlp(&batch.input)?;
    Some((Batch { input: input.clone(), target: batch.target.clone() }, Backbone::Mlp(mlp.clone())))
}

/// The losses of a step that a kernel computes whole; nothing where there is none, or the phase wants tensor operations.
pub(super) fn whole(
    phase: Phase,
    step: WholeStep<'_>,
    batch: &Batch,
    noise: &mut Noise,
    parts: impl FnOnce(&Sums) -> Vec<(&'static str, f64)>,
) -> Option<Losses> {
    let outcome = (phase.kernels == Kernels::Fused).then(|| step.run(batch, noise))??;
    Some(Losses::whole(outcome, &batch.input.device().inner(), parts))
}

/// What the energy's losses need of a batch: the observed target and `m` draws from `q`, scored.
pub(super) struct Contrast {
    pub(super) observed: Candidates,
    pub(super) noise: Candidates,
}

impl Contrast {
    pub(super) fn new(
        energy: &EnergyNet,
        features: Tensor<2>,
        y: Tensor<2>,
        q: &GaussianMixture,
        m: usize,
        noise: &mut Noise,
    ) -> Self {
        let scored =
            |y: Tensor<3>| Candidates { score: energy.score(features.clone(), y.clone()), log_q: q.log_prob(y) };
        Self { observed: scored(y.unsqueeze_dim(1)), noise: scored(q.sample(m, noise)) }
    }

    /// The energy's loss, `[batch]`.
    pub(super) fn energy_loss(&self, objective: Objective) -> Tensor<1> {
        match objective {
            Objective::Nce => nce(self.observed.clone(), self.noise.clone()),
            Objective::Importance => importance_nll(self.observed.score.clone(), self.noise.clone()),
        }
    }
}
