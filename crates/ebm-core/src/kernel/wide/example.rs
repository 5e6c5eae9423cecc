//! The training step of one example on a wide head, and its buffers.

use pulp::{Simd, WithSimd};

use super::super::contrast::{Observed, contrast};
use super::super::dense::TILE as BLOCK;
use super::super::elementary::exp;
use super::super::gemm::{vectors, vectors_mut};
use super::super::mixture::{Mixture, Prepared};
use super::super::step::{Rows, Step, Sums};
use super::super::workspace::with_buffers;
use super::{TILE, WideHead};
use crate::loss::Form;

/// Most nats by which a log-weight may exceed the reference before the sums are rescaled. Sums stay far from overflow.
const HEADROOM: f32 = 16.0;

/// Consecutive examples: one work item of a thread.
pub(in super::super) struct Examples<'a> {
    pub head: &'a WideHead,
    pub step: &'a Step<'a>,
    pub first: usize,
    pub gradients: Rows<'a>,
    /// Gradient of the head's parameters, summed over the examples.
    pub parameters: &'a mut [f32],
}

/// Buffers of a thread for one example. Their initial contents are arbitrary.
struct Buffers<'a> {
    /// Per candidate: log-weights, then unnormalised weights.
    log_weights: &'a mut [f32],
    /// Per candidate: log-densities.
    log_q: &'a mut [f32],
    /// Per candidate: uniform numbers, then weights of the log-densities in the mixture's loss.
    uniforms: &'a mut [f32],
    /// Normal numbers, then the candidates; one row per dimension in each block.
    y: &'a mut [f32],
    /// The components' shares, one row per component in each block.
    shares: &'a mut [f32],
    /// Units of a tile.
    units: &'a mut [f32],
    /// Units of the observed target.
    observed: &'a mut [f32],
    /// Slopes of a layer's units and of the previous layer's units, for a tile.
    deltas: [&'a mut [f32]; 2],
    /// Padded gradient of this example's candidates.
    own: &'a mut [f32],
    /// Padded gradient, summed over the examples.
    sums: &'a mut [f32],
    /// Moments of the mixture, one vector per sum.
    moments: &'a mut [f32],
}

impl Examples<'_> {
    /// Losses and gradients.
    pub(in super::super) fn run(self, arch: pulp::Arch) -> Sums {
        let Self { head, step, .. } = self;
        let slots = (step.m + 1).next_multiple_of(BLOCK);
        let moments = step.components * Prepared::moments_of_a_component(step.target);
        let lengths = [
            slots,
            slots,
            slots,
            slots * step.target,
            slots * step.components,
            TILE * head.units(),
            head.units(),
            TILE * head.widest(),
            TILE * head.widest(),
            head.padded_parameters(),
            head.padded_parameters(),
            16 * moments,
        ];
        with_buffers(lengths, |buffers| {
            let [log_weights, log_q, uniforms, y, shares, units, observed, delta, next, own, sums, moments] = buffers;
            let deltas = [delta, next];
            let buffers =
                Buffers { log_weights, log_q, uniforms, y, shares, units, observed, deltas, own, sums, moments };
            arch.dispatch(Work { examples: self, buffers })
        })
    }
}

struct Work<'a, 'b> {
    examples: Examples<'a>,
    buffers: Buffers<'b>,
}

impl WithSimd for Work<'_, '_> {
    type Output = Sums;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> Sums {
        let mut losses = Sums::default();
        let mut mixture = Prepared::default();
        self.buffers.sums.fill(0.0);
        for row in 0..self.examples.gradients.from_features.len() / self.examples.head.hidden() {
            self.example(simd, row, &mut mixture, &mut losses);
        }
        self.examples.head.without_padding(self.buffers.sums, self.examples.parameters);
        losses
    }
}

impl Work<'_, '_> {
    #[inline(always)]
    fn example<S: Simd>(&mut self, simd: S, row: usize, mixture: &mut Prepared, losses: &mut Sums) {
        let Examples { head, step, first, .. } = self.examples;
        let example = first + row;
        let (m, k, target) = (step.m, step.components, step.target);
        let (weights, own) = (example * k..(example + 1) * k, example * target * k..(example + 1) * target * k);
        mixture.set(&Mixture {
            log_weights: &step.log_weights[weights],
            means: &step.means[own.clone()],
            log_scales: &step.log_scales[own],
        });
        let slots = (m + 1).next_multiple_of(S::F32_LANES);
        self.candidates(simd, example, slots, mixture);

        let hidden = head.hidden();
        let from_features = &step.from_features[example * hidden..][..hidden];
        let work = &mut self.buffers;
        work.observed[..target].copy_from_slice(&step.targets[example * target..][..target]);
        let mut score = [0.0];
        head.forward(simd, from_features, work.observed, 1, &mut score);
        let observed = Observed { log_q: work.log_q[m], score: score[0] };
        let reference = self.tiles(simd, from_features);

        let work = &mut self.buffers;
        let contrast = contrast(simd, &mut work.log_weights[..slots], m, observed, (step.objective, step.form));
        losses.energy += contrast.loss;
        losses.proposal_kl += contrast.log_partition;
        losses.nll -= f64::from(observed.log_q);

        let mean = 1.0 / (step.targets.len() / target) as f32;
        let factor = contrast.slope * mean * (reference - contrast.largest).exp();
        let factor = simd.splat_f32s(factor);
        for (sum, &own) in vectors_mut::<S>(work.sums).iter_mut().zip(vectors::<S>(work.own)) {
            *sum = simd.mul_add_e_f32s(factor, own, *sum);
        }
        let [delta, next] = &mut work.deltas;
        head.backward(simd, work.observed, 1, &[contrast.observed_slope * mean], [delta, next], work.sums);
        let joint = &mut work.sums[head.joint_bias()];
        self.examples.gradients.from_features[row * hidden..][..hidden].copy_from_slice(joint);
        joint.fill(0.0);

        if let Some(losses) = step.mixture {
            let factor = contrast.inverse_sum * mean * losses.proposal_kl;
            for (slope, weight) in work.uniforms[..slots].iter_mut().zip(&work.log_weights[..slots]) {
                *slope = factor * weight;
            }
            work.uniforms[m] = mean * losses.nll;
            self.mixture(simd, row, slots, mixture);
        }
    }

    /// Whether log-densities are computed in the block at `start`: of all candidates, or for a residual energy only
    /// beside the observed target.
    fn has_shares(step: &Step<'_>, start: usize) -> bool {
        step.form == Form::Free || (start..start + BLOCK).contains(&step.m)
    }

    /// Draws the candidates, appends the observed target and computes their log-densities.
    #[inline(always)]
    fn candidates<S: Simd>(&mut self, simd: S, example: usize, slots: usize, mixture: &Prepared) {
        let (step, work) = (self.examples.step, &mut self.buffers);
        let (m, k, target) = (step.m, step.components, step.target);
        let normals = &step.normals[example * m * target..][..m * target];
        work.uniforms[..slots].fill(0.0);
        if k > 1 {
            work.uniforms[..m].copy_from_slice(&step.uniforms[example * m..][..m]);
        }
        for start in (0..slots).step_by(BLOCK) {
            let count = (slots - start).min(BLOCK);
            let drawn = m.saturating_sub(start).min(BLOCK);
            let y = &mut work.y[start * target..][..BLOCK * target];
            for (d, row) in y.chunks_exact_mut(BLOCK).enumerate() {
                for (y, normal) in row.iter_mut().zip(normals[start.min(m) * target..].chunks_exact(target)) {
                    *y = normal[d];
                }
                row[drawn..].fill(0.0);
                let uniforms = vectors::<S>(&work.uniforms[start..][..count]);
                for (y, &uniform) in vectors_mut::<S>(&mut row[..count]).iter_mut().zip(uniforms) {
                    *y = mixture.draw(simd, d, *y, uniform);
                }
                if (start..start + BLOCK).contains(&m) {
                    row[m - start] = step.targets[example * target + d];
                }
            }
            if !Self::has_shares(step, start) {
                continue;
            }
            let shares = vectors_mut::<S>(&mut work.shares[start * k..][..BLOCK * k]);
            let y = vectors::<S>(y);
            let log_q = vectors_mut::<S>(&mut work.log_q[start..][..count]);
            for (v, log_q) in log_q.iter_mut().enumerate() {
                *log_q = mixture.log_density(simd, y, v, shares);
            }
        }
    }

    /// Forward and backward pass of the candidates, tile by tile. Writes their log-weights, and to `own` the gradient
    /// of `Σ exp(log-weight − reference) · score`. Returns the reference, nats.
    #[inline(always)]
    fn tiles<S: Simd>(&mut self, simd: S, from_features: &[f32]) -> f32 {
        let (step, head, work) = (self.examples.step, self.examples.head, &mut self.buffers);
        let target = step.target;
        work.own.fill(0.0);
        let mut reference = f32::MIN;
        for start in (0..step.m).step_by(TILE) {
            let rows = (step.m - start).min(TILE);
            let y_stride = super::super::gemm::stride(target);
            for (row, y) in work.units.chunks_exact_mut(y_stride).take(rows).enumerate() {
                let (block, column) = ((start + row) / BLOCK * BLOCK, (start + row) % BLOCK);
                for (d, y) in y[..target].iter_mut().enumerate() {
                    *y = work.y[block * target + d * BLOCK + column];
                }
            }
            let mut slopes = [f32::NEG_INFINITY; TILE];
            head.forward(simd, from_features, work.units, TILE, &mut slopes[..rows]);
            let mut largest = f32::MIN;
            for (slope, &log_q) in slopes[..rows].iter_mut().zip(&work.log_q[start..]) {
                *slope = step.form.log_weight(*slope, || log_q);
                largest = largest.max(*slope);
            }
            work.log_weights[start..][..rows].copy_from_slice(&slopes[..rows]);
            if largest > reference + HEADROOM {
                let factor = simd.splat_f32s((reference - largest).exp());
                for sum in vectors_mut::<S>(work.own) {
                    *sum = simd.mul_f32s(factor, *sum);
                }
                reference = largest;
            }
            let shift = simd.splat_f32s(reference);
            for slope in vectors_mut::<S>(&mut slopes) {
                *slope = exp(simd, simd.sub_f32s(*slope, shift));
            }
            let [delta, next] = &mut work.deltas;
            head.backward(simd, work.units, TILE, &slopes[..rows], [delta, next], work.own);
        }
        reference
    }

    /// The mixture's gradient, from the weights in `uniforms`.
    #[inline(always)]
    fn mixture<S: Simd>(&mut self, simd: S, row: usize, slots: usize, mixture: &Prepared) {
        let (step, work, gradients) = (self.examples.step, &mut self.buffers, &mut self.examples.gradients);
        let (k, target) = (step.components, step.target);
        let moments = k * Prepared::moments_of_a_component(target);
        let moments = &mut vectors_mut::<S>(work.moments)[..moments];
        moments.fill(simd.splat_f32s(0.0));
        for start in (0..slots).step_by(BLOCK).filter(|&start| Self::has_shares(step, start)) {
            let count = (slots - start).min(BLOCK);
            let slopes = vectors::<S>(&work.uniforms[start..][..count]);
            let y = vectors::<S>(&work.y[start * target..][..BLOCK * target]);
            let shares = vectors::<S>(&work.shares[start * k..][..BLOCK * k]);
            mixture.moments(simd, y, slopes, shares, moments);
        }
        let log_weights = &mut gradients.log_weights[row * k..][..k];
        let own = row * target * k..(row + 1) * target * k;
        let (means, log_scales) = (&mut gradients.means[own.clone()], &mut gradients.log_scales[own]);
        mixture.gradient(simd, moments, log_weights, means, log_scales);
    }
}
