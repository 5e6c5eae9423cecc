//! The negative log-likelihood of mixtures at the observed targets, and its gradient.

use pulp::{Arch, Simd, WithSimd};

use super::dense::stride;
use super::gemm::LINE;
use super::mixture::{Mixture, Prepared};
use super::mixtures::Mixtures;
use super::step::{Outcome, Sums};

/// The mean over the batch and its gradient; `targets` is `[batch, target]`.
pub(crate) fn likelihood(arch: Arch, mixtures: &Mixtures, targets: &[f32], target: usize) -> Outcome {
    let [log_weights, means, log_scales] =
        [&mixtures.log_weights, &mixtures.means, &mixtures.log_scales].map(|numbers| vec![0.0; numbers.len()]);
    let losses = Sums::default();
    let mut outcome =
        Outcome { losses, parameters: Vec::new(), from_features: Vec::new(), log_weights, means, log_scales };
    arch.dispatch(Batch { mixtures, targets, target, outcome: &mut outcome });
    outcome
}

struct Batch<'a> {
    mixtures: &'a Mixtures,
    targets: &'a [f32],
    target: usize,
    outcome: &'a mut Outcome,
}

impl WithSimd for Batch<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { mixtures, targets, target, outcome } = self;
        let (k, batch) = (mixtures.components, targets.len() / target);
        let zero = simd.splat_f32s(0.0);
        // Of every vector, one lane is the example; the others have weight 0.
        let mut weight = [0.0; LINE];
        weight[0] = 1.0 / batch as f32;
        let weight = S::as_simd_f32s(&weight).0[0];
        let mut y = vec![zero; target * stride::<S>()];
        let mut shares = vec![zero; k * stride::<S>()];
        let mut moments = vec![zero; k * Prepared::moments_of_a_component(target)];
        let mut mixture = Prepared::default();
        for (example, targets) in targets.chunks_exact(target).enumerate() {
            let (weights, own) = (example * k..(example + 1) * k, example * target * k..(example + 1) * target * k);
            mixture.set(&Mixture {
                log_weights: &mixtures.log_weights[weights.clone()],
                means: &mixtures.means[own.clone()],
                log_scales: &mixtures.log_scales[own.clone()],
            });
            for (y, &target) in y.chunks_exact_mut(stride::<S>()).zip(targets) {
                y[0] = simd.splat_f32s(target);
            }
            let log_q = simd.reduce_max_f32s(mixture.log_density(simd, &y, 0, &mut shares));
            // A maximum can hide NaN.
            let flaw = if mixture.is_finite() { targets.iter().map(|y| y * 0.0).sum() } else { f32::NAN };
            outcome.losses.nll -= f64::from(log_q + flaw) / batch as f64;
            moments.fill(zero);
            mixture.moments(simd, &y, &[weight], &shares, &mut moments);
            let log_weights = &mut outcome.log_weights[weights];
            let (means, log_scales) = (&mut outcome.means[own.clone()], &mut outcome.log_scales[own]);
            mixture.gradient(simd, &moments, log_weights, means, log_scales);
        }
    }
}
