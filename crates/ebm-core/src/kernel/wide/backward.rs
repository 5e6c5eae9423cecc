//! Backward pass: from the slopes of a tile's scores to the gradient of the head.

use pulp::Simd;

use super::super::gemm::{Rows, RowsMut, multiply, outer, stride, vectors, vectors_mut};
use super::{WideHead, lines};

impl WideHead {
    /// Adds the gradient of `Σ slope · score` to `sums`, with padded rows.
    ///
    /// `tile` holds the units that [`WideHead::forward`] wrote.
    #[inline(always)]
    pub(super) fn backward<S: Simd>(
        &self,
        simd: S,
        tile: &[f32],
        tile_rows: usize,
        slopes: &[f32],
        [mut delta, mut next]: [&mut [f32]; 2],
        sums: &mut [f32],
    ) {
        let rows = slopes.len();
        let last = self.layers.len() - 1;
        let mut start = tile_rows * (self.units() - stride(self.hidden));
        let of_score = self.padded_parameters() - stride(self.hidden) - stride(1);
        let (mut sums, score_sums) = sums.split_at_mut(of_score);
        self.slopes_of_units(simd, &tile[start..], slopes, delta, score_sums);
        if self.residual {
            self.add_to_score(simd, &tile[start - tile_rows * stride(self.hidden)..], slopes, score_sums);
        }

        for (index, layer) in self.layers.iter().enumerate().rev() {
            let [x_stride, delta_stride] = [stride(layer.inputs), stride(layer.outputs)];
            let [x_width, width] = [lines(layer.inputs), lines(layer.outputs)];
            start -= tile_rows * x_stride;
            let x = Rows { numbers: &tile[start..], stride: x_stride };
            let (before, own) = sums.split_at_mut(sums.len() - layer.padded_parameters());
            let (weights, bias) = own.split_at_mut(layer.inputs * delta_stride);
            let slope = Rows { numbers: delta, stride: delta_stride };
            add_rows(simd, rows, slope, &mut bias[..width]);
            outer(simd, [rows, layer.inputs, width], x, slope, &mut RowsMut { numbers: weights, stride: delta_stride });
            if index == 0 {
                break;
            }
            let next_rows = &mut next[..rows * x_stride];
            if self.residual && index == last {
                // The score also depends on `h` directly.
                let score = vectors::<S>(&self.score[..x_width]);
                for (row, &slope) in next_rows.chunks_exact_mut(x_stride).zip(slopes) {
                    let slope = simd.splat_f32s(slope);
                    for (next, &weight) in vectors_mut::<S>(&mut row[..x_width]).iter_mut().zip(score) {
                        *next = simd.mul_f32s(slope, weight);
                    }
                }
            } else {
                next_rows.fill(0.0);
            }
            multiply(
                simd,
                [rows, layer.outputs, x_width],
                slope,
                layer.transposed_rows(),
                &mut RowsMut { numbers: next_rows, stride: x_stride },
            );
            let zero = simd.splat_f32s(0.0);
            for (row, x) in next_rows.chunks_exact_mut(x_stride).zip(x.numbers.chunks_exact(x_stride)) {
                let x = vectors::<S>(&x[..x_width]);
                for (slope, &x) in vectors_mut::<S>(&mut row[..x_width]).iter_mut().zip(x) {
                    *slope = simd.select_f32s(simd.greater_than_f32s(x, zero), *slope, zero);
                }
            }
            std::mem::swap(&mut delta, &mut next);
            sums = before;
        }
    }

    /// Writes the slopes of the last layer's units to `delta` and adds the gradient of the score's weights and bias to
    /// `sums`.
    #[inline(always)]
    fn slopes_of_units<S: Simd>(&self, simd: S, units: &[f32], slopes: &[f32], delta: &mut [f32], sums: &mut [f32]) {
        let stride = stride(self.hidden);
        let width = lines(self.hidden);
        let zero = simd.splat_f32s(0.0);
        let score = vectors::<S>(&self.score[..width]);
        for ((units, delta), &slope) in units.chunks(stride).zip(delta.chunks_mut(stride)).zip(slopes) {
            let slope = simd.splat_f32s(slope);
            let delta = vectors_mut::<S>(&mut delta[..width]);
            for ((&unit, delta), &weight) in vectors::<S>(&units[..width]).iter().zip(delta).zip(score) {
                let active = simd.greater_than_f32s(unit, zero);
                *delta = simd.select_f32s(active, simd.mul_f32s(slope, weight), zero);
            }
        }
        self.add_to_score(simd, units, slopes, sums);
        sums[stride] += slopes.iter().sum::<f32>();
    }

    /// Adds `Σ slope · unit` to the gradient of the score's weights.
    #[inline(always)]
    fn add_to_score<S: Simd>(&self, simd: S, units: &[f32], slopes: &[f32], sums: &mut [f32]) {
        let stride = stride(self.hidden);
        let width = lines(self.hidden);
        let sums = vectors_mut::<S>(&mut sums[..width]);
        for (units, &slope) in units.chunks(stride).zip(slopes) {
            let slope = simd.splat_f32s(slope);
            for (&unit, sum) in vectors::<S>(&units[..width]).iter().zip(sums.iter_mut()) {
                *sum = simd.mul_add_e_f32s(slope, unit, *sum);
            }
        }
    }
}

/// Adds every row to `sums`.
#[inline(always)]
fn add_rows<S: Simd>(simd: S, rows: usize, of: Rows<'_>, sums: &mut [f32]) {
    let width = sums.len();
    let sums = vectors_mut::<S>(sums);
    for row in of.numbers.chunks(of.stride).take(rows) {
        for (sum, &number) in sums.iter_mut().zip(vectors::<S>(&row[..width])) {
            *sum = simd.add_f32s(*sum, number);
        }
    }
}
