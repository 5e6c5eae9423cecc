//! The training step of one example, by the segments on which its score is linear.

use pulp::Simd;

use super::contrast::{Observed, contrast};
use super::dense::TILE;
use super::example::{Examples, scale};
use super::gemm::{vectors, vectors_mut};
use super::mixture::Prepared;
use super::segments::{MOST, Segments, SharedEnds, Wanted, sort_columns};
use super::step::Sums;
use crate::loss::Form;

/// With fewer candidates, each is scored separately.
const FEWEST: usize = 2 * TILE;

impl Examples<'_> {
    /// Whether `m` candidates can be scored by segments.
    pub(super) fn has_segments(m: usize) -> bool {
        // A multiple of 32 fills whole vectors of every instruction set.
        m >= FEWEST && m.is_multiple_of(32)
    }

    /// Adds the losses and gradients of an example. `None`, with nothing added, if there are too many segments or the
    /// mixture is not finite.
    #[inline(always)]
    pub(super) fn by_segments<S: Simd>(
        &mut self,
        simd: S,
        row: usize,
        shared: &SharedEnds,
        (mixture, segments): (&Prepared, &mut Segments),
        losses: &mut Sums,
    ) -> Option<()> {
        let Self { head, step, workspace: work, .. } = self;
        let (m, k) = (step.m, step.components);
        let example = self.first + row;
        let hidden = head.hidden();
        let from_features = &step.from_features[example * hidden..][..hidden];
        let target = step.targets[example];
        let rows = m / S::F32_LANES;
        if !mixture.is_finite() {
            return None;
        }

        // Sort the candidates of each lane in ascending order; their order does not matter.
        let y = &mut vectors_mut::<S>(work.normals)[..rows];
        let normals = vectors::<S>(&step.normals[example * m..][..m]);
        if k > 1 {
            let uniforms = vectors::<S>(&step.uniforms[example * m..][..m]);
            for ((y, &normal), &unit) in y.iter_mut().zip(normals).zip(uniforms) {
                *y = mixture.draw(simd, 0, normal, unit);
            }
        } else {
            for (y, &normal) in y.iter_mut().zip(normals) {
                *y = mixture.draw(simd, 0, normal, simd.splat_f32s(0.0));
            }
        }
        sort_columns(simd, y);
        let range = [simd.reduce_min_f32s(y[0]), simd.reduce_max_f32s(y[rows - 1])];
        let (tile, sums) = work.units.split_at_mut(TILE * head.rows());
        let buffers = [&mut *tile, &mut *work.slopes];
        let wanted = Wanted { head, from_features, range, observed: target };
        let score = segments.find(simd, shared, wanted, buffers)?;
        let sums = vectors_mut::<S>(sums).as_chunks_mut::<2>().0.get_mut(..segments.count())?;

        let log_weights = &mut vectors_mut::<S>(work.log_weights)[..rows];
        segments.score(simd, y, log_weights);
        let in_tile = TILE / S::F32_LANES;
        let shares = vectors_mut::<S>(work.shares);
        if step.form == Form::Free {
            for (v, log_weight) in log_weights.iter_mut().enumerate() {
                let first = v / in_tile * in_tile;
                let log_q = mixture.log_density(simd, &y[first..], v - first, &mut shares[first * k..]);
                *log_weight = simd.sub_f32s(*log_weight, log_q);
            }
        }
        // The row after the candidates holds the observed target.
        work.normals[m..][..S::F32_LANES].fill(target);
        let y = &vectors::<S>(work.normals)[..=rows];
        let first = rows / in_tile * in_tile;
        let log_q = mixture.log_density(simd, &y[first..], rows - first, &mut shares[first * k..]);
        let observed = Observed { log_q: simd.reduce_max_f32s(log_q), score };

        let contrast = contrast(simd, &mut work.log_weights[..m], m, observed, (step.objective, step.form));
        losses.energy += contrast.loss;
        losses.proposal_kl += contrast.log_partition;
        losses.nll -= f64::from(observed.log_q);
        let mean = 1.0 / step.targets.len() as f32;

        // Energy: one candidate per segment, at the weighted mean of its candidates, and the observed target.
        segments.gather(simd, &y[..rows], vectors::<S>(&work.log_weights[..m]), sums);
        let count = segments.count() + 1;
        let padded = count.next_multiple_of(2 * S::F32_LANES);
        for (index, &sums) in sums.iter().enumerate() {
            let [weight, centre] = segments.centre(simd, index, sums);
            tile[index] = centre;
            work.slopes[index] = weight * contrast.slope * mean;
        }
        tile[count - 1..padded].fill(target);
        work.slopes[count - 1..padded].fill(0.0);
        work.slopes[count - 1] = contrast.observed_slope * mean;
        let scores = &mut vectors_mut::<S>(work.uniforms)[..padded / S::F32_LANES];
        head.forward(simd, from_features, vectors_mut::<S>(tile), scores);
        let [delta, next] = work.deltas.each_mut().map(
            #[inline(always)]
            |delta| vectors_mut::<S>(delta),
        );
        let (parameters, moments) = vectors_mut::<S>(work.sums).split_at_mut(head.parameters());
        head.backward(
            simd,
            vectors::<S>(tile),
            &vectors::<S>(work.slopes)[..padded / S::F32_LANES],
            [delta, next],
            parameters,
        );

        // Mixture: every candidate has its own shares; with a residual energy, only the observed target has any.
        let moments = &mut moments[..3 * k];
        moments.fill(simd.splat_f32s(0.0));
        if let Some(losses) = step.mixture {
            let factor = contrast.inverse_sum * mean * losses.proposal_kl;
            scale(&work.log_weights[..m], factor, work.uniforms);
            work.uniforms[m..][..S::F32_LANES].fill(0.0);
            work.uniforms[m] = mean * losses.nll;
            let weights = &vectors::<S>(work.uniforms)[..=rows];
            let (start, of_start) = match step.form {
                Form::Free => (0, 0),
                Form::Residual => (rows, first * k + (rows - first)),
            };
            let tiles = y[start..].chunks(in_tile).zip(weights[start..].chunks(in_tile));
            let tiles = tiles.zip(shares[of_start..].chunks(in_tile * k));
            for ((y, weights), shares) in tiles {
                mixture.moments(simd, y, weights, shares, moments);
            }
        }
        self.finish(simd, row, mixture);
        Some(())
    }
}

const _: () = assert!(MOST < TILE);
