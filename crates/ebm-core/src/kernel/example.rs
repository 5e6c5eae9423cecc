//! The training step of one example: candidates are drawn, scored and weighted, gradients computed, all in cache.

use pulp::{Simd, WithSimd};

use super::contrast::{Observed, contrast};
use super::dense::TILE;
use super::gemm::{vectors, vectors_mut};
use super::head::Head;
use super::mixture::{Mixture, Prepared};
use super::segments::{Segments, SharedEnds};
use super::step::{Rows, Step, Sums};
use super::workspace::Workspace;
use crate::loss::Form;

/// Consecutive examples: one work item of a thread.
pub(super) struct Examples<'a> {
    pub head: &'a Head,
    pub step: &'a Step<'a>,
    pub first: usize,
    pub gradients: Rows<'a>,
    /// Gradient of the head's parameters, summed over the examples.
    pub parameters: &'a mut [f32],
    pub workspace: Workspace<'a>,
    /// Shared ends of the segments on which scores are linear; `None` if candidates are scored one by one.
    pub shared: Option<&'a SharedEnds>,
}

impl WithSimd for Examples<'_> {
    type Output = Sums;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) -> Sums {
        let head = self.head;
        let mut losses = Sums::default();
        let (mut mixture, mut segments) = (Prepared::default(), Segments::default());
        vectors_mut::<S>(self.workspace.sums)[..head.parameters()].fill(simd.splat_f32s(0.0));
        for row in 0..self.gradients.from_features.len() / head.hidden() {
            self.example(simd, row, (&mut mixture, &mut segments), &mut losses);
        }
        let sums = vectors::<S>(self.workspace.sums);
        for (gradient, &sum) in self.parameters.iter_mut().zip(sums) {
            *gradient = simd.reduce_sum_f32s(sum);
        }
        losses
    }
}

impl Examples<'_> {
    #[inline(always)]
    fn example<S: Simd>(
        &mut self,
        simd: S,
        row: usize,
        (mixture, segments): (&mut Prepared, &mut Segments),
        losses: &mut Sums,
    ) {
        let step = self.step;
        let (m, k) = (step.m, step.components);
        let example = self.first + row;
        let own = example * k..(example + 1) * k;
        mixture.set(&Mixture {
            log_weights: &step.log_weights[own.clone()],
            means: &step.means[own.clone()],
            log_scales: &step.log_scales[own],
        });
        if let Some(shared) = self.shared
            && self.by_segments(simd, row, shared, (&*mixture, segments), losses).is_some()
        {
            return;
        }
        // The observed target follows the candidates. Vectors are processed in pairs.
        let slots = (m + 1).next_multiple_of(2 * S::F32_LANES);
        let observed = self.forward(simd, example, slots, mixture);

        let work = &mut self.workspace;
        let contrast = contrast(simd, &mut work.log_weights[..slots], m, observed, (step.objective, step.form));
        losses.energy += contrast.loss;
        losses.proposal_kl += contrast.log_partition;
        losses.nll -= f64::from(observed.log_q);

        // Slopes of the energy's loss by the scores, and weights of the log-densities in the mixture's loss.
        let mean = 1.0 / step.targets.len() as f32;
        scale(&work.log_weights[..slots], contrast.slope * mean, work.slopes);
        work.slopes[m] = contrast.observed_slope * mean;
        if let Some(mixture) = step.mixture {
            let factor = contrast.inverse_sum * mean * mixture.proposal_kl;
            scale(&work.log_weights[..slots], factor, work.normals);
            work.normals[m] = mean * mixture.nll;
        }
        self.backward(simd, row, slots, mixture);
    }

    /// Draws the candidates and writes their log-weights to the workspace.
    #[inline(always)]
    fn forward<S: Simd>(&mut self, simd: S, example: usize, slots: usize, mixture: &Prepared) -> Observed {
        let Self { head, step, workspace: work, .. } = self;
        let (m, k) = (step.m, step.components);
        let hidden = head.hidden();
        let from_features = &step.from_features[example * hidden..][..hidden];
        work.normals[..m].copy_from_slice(&step.normals[example * m..][..m]);
        work.normals[m..slots].fill(0.0);
        if k > 1 {
            work.uniforms[..m].copy_from_slice(&step.uniforms[example * m..][..m]);
            work.uniforms[m..slots].fill(0.0);
        }
        let mut observed = Observed { log_q: 0.0, score: 0.0 };
        for start in (0..slots).step_by(TILE) {
            let count = (slots - start).min(TILE) / S::F32_LANES;
            let units = &mut work.units[start * head.rows()..][..TILE * head.rows()];
            let normals = vectors::<S>(&work.normals[start..]);
            let uniforms = vectors::<S>(&work.uniforms[start..]);
            for (v, y) in vectors_mut::<S>(units)[..count].iter_mut().enumerate() {
                *y = mixture.draw(simd, 0, normals[v], uniforms[v]);
            }
            let holds_observed = (start..start + TILE).contains(&m);
            if holds_observed {
                units[m - start] = step.targets[example];
            }
            let units = vectors_mut::<S>(units);
            let log_weights = &mut vectors_mut::<S>(&mut work.log_weights[start..])[..count];
            head.forward(simd, from_features, units, log_weights);
            if step.form == Form::Residual && !holds_observed {
                continue;
            }
            let log_q = &mut vectors_mut::<S>(&mut work.slopes[start..])[..count];
            let shares = vectors_mut::<S>(&mut work.shares[start * k..]);
            for (v, log_q) in log_q.iter_mut().enumerate() {
                *log_q = mixture.log_density(simd, units, v, shares);
            }
            if holds_observed {
                observed = Observed { log_q: work.slopes[m], score: work.log_weights[m] };
            }
            if step.form == Form::Residual {
                continue;
            }
            let log_q = vectors::<S>(&work.slopes[start..]);
            let log_weights = &mut vectors_mut::<S>(&mut work.log_weights[start..])[..count];
            for (log_weight, &log_q) in log_weights.iter_mut().zip(log_q) {
                *log_weight = simd.sub_f32s(*log_weight, log_q);
            }
        }
        observed
    }

    /// Computes the gradients from the slopes in the workspace.
    #[inline(always)]
    fn backward<S: Simd>(&mut self, simd: S, row: usize, slots: usize, mixture: &Prepared) {
        let Self { head, step, workspace: work, .. } = self;
        let k = step.components;
        let (parameters, moments) = vectors_mut::<S>(work.sums).split_at_mut(head.parameters());
        let moments = &mut moments[..3 * k];
        let deltas = work.deltas.each_mut().map(|delta| vectors_mut::<S>(delta));
        let [delta, next] = deltas;
        moments.fill(simd.splat_f32s(0.0));
        for start in (0..slots).step_by(TILE) {
            let count = (slots - start).min(TILE) / S::F32_LANES;
            let units = vectors::<S>(&work.units[start * head.rows()..][..TILE * head.rows()]);
            let slopes = &vectors::<S>(&work.slopes[start..])[..count];
            head.backward(simd, units, slopes, [delta, next], parameters);
            // Shares of other candidates are not known to a residual energy, which does not weight them either.
            let has_shares = step.form == Form::Free || (start..start + TILE).contains(&step.m);
            if step.mixture.is_some() && has_shares {
                let slopes = &vectors::<S>(&work.normals[start..])[..count];
                mixture.moments(simd, units, slopes, vectors::<S>(&work.shares[start * k..]), moments);
            }
        }

        self.finish(simd, row, mixture);
    }

    /// Writes the example's own gradients: of its projected features and of its mixture.
    #[inline(always)]
    pub(super) fn finish<S: Simd>(&mut self, simd: S, row: usize, mixture: &Prepared) {
        let Self { head, step, workspace: work, gradients, .. } = self;
        let k = step.components;
        let (parameters, moments) = vectors_mut::<S>(work.sums).split_at_mut(head.parameters());
        let hidden = head.hidden();
        let joint = &mut parameters[head.joint_bias()];
        for (gradient, sum) in gradients.from_features[row * hidden..].iter_mut().zip(joint) {
            *gradient = simd.reduce_sum_f32s(*sum);
            *sum = simd.splat_f32s(0.0);
        }
        if step.mixture.is_some() {
            let own = row * k..(row + 1) * k;
            let [means, log_scales] =
                [&mut *gradients.means, &mut *gradients.log_scales].map(|of| &mut of[own.clone()]);
            mixture.gradient(simd, &moments[..3 * k], &mut gradients.log_weights[own.clone()], means, log_scales);
        }
    }
}

/// `scaled = factor · values`
#[inline(always)]
pub(super) fn scale(values: &[f32], factor: f32, scaled: &mut [f32]) {
    for (scaled, value) in scaled.iter_mut().zip(values) {
        *scaled = factor * value;
    }
}
