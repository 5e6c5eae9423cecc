//! Forward pass: from a tile of candidates to scores.

use pulp::Simd;

use super::super::gemm::{LINE, Rows, RowsMut, multiply, stride, vectors, vectors_mut};
use super::{Layer, WideHead, lines};
use crate::math::lanes::greatest;

impl WideHead {
    /// Scores of the `score.len()` candidates in the first rows of a tile. Writes the units after them, layer by layer.
    #[inline(always)]
    pub(super) fn forward<S: Simd>(
        &self,
        simd: S,
        from_features: &[f32],
        tile: &mut [f32],
        tile_rows: usize,
        score: &mut [f32],
    ) {
        let rows = score.len();
        let mut rest = tile;
        for (index, layer) in self.layers.iter().enumerate() {
            let (x, after) = rest.split_at_mut(tile_rows * stride(layer.inputs));
            let x = Rows { numbers: x, stride: stride(layer.inputs) };
            let bias = if index == self.joint { from_features } else { &layer.bias };
            layer.forward(simd, rows, x, bias, after);
            if index == self.joint && !self.residual {
                self.score(simd, [after, &[]], score);
            } else if index > self.joint {
                self.score(simd, [x.numbers, after], score);
            }
            rest = after;
        }
    }

    /// `w·(h + r) + b` of every row, or `w·h + b` without a residual layer.
    #[inline(always)]
    fn score<S: Simd>(&self, simd: S, [h, r]: [&[f32]; 2], score: &mut [f32]) {
        let stride = stride(self.hidden);
        let width = lines(self.hidden);
        let weights = vectors::<S>(&self.score[..width]);
        for (row, score) in score.iter_mut().enumerate() {
            let mut sum = simd.splat_f32s(0.0);
            for (&weight, &h) in weights.iter().zip(vectors::<S>(&h[row * stride..][..width])) {
                sum = simd.mul_add_e_f32s(weight, h, sum);
            }
            if self.residual {
                for (&weight, &r) in weights.iter().zip(vectors::<S>(&r[row * stride..][..width])) {
                    sum = simd.mul_add_e_f32s(weight, r, sum);
                }
            }
            *score = simd.reduce_sum_f32s(sum) + self.score_bias;
        }
    }
}

impl Layer {
    #[inline(always)]
    fn forward<S: Simd>(&self, simd: S, rows: usize, x: Rows<'_>, bias: &[f32], out: &mut [f32]) {
        let stride = stride(self.outputs);
        let width = lines(self.outputs);
        let out = &mut out[..rows * stride];
        for row in out.chunks_exact_mut(stride) {
            row[..bias.len()].copy_from_slice(bias);
            row[bias.len()..].fill(0.0);
        }
        multiply(simd, [rows, self.inputs, width], x, self.rows(), &mut RowsMut { numbers: out, stride });
        let zero = simd.splat_f32s(0.0);
        debug_assert!(width.is_multiple_of(LINE));
        for row in out.chunks_exact_mut(stride) {
            for unit in vectors_mut::<S>(&mut row[..width]) {
                // `max(0, unit)`. NaN is kept if the instruction set allows it.
                *unit = greatest(simd, zero, *unit);
            }
        }
    }
}
