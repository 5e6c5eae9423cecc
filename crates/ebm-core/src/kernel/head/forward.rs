//! Forward pass: from candidates to scores.

use pulp::Simd;

use super::super::dense::{product, stride};
use super::Head;
use crate::math::lanes::greatest;

impl Head {
    /// Scores of the candidates in the first row of a tile. Writes the units to the other rows.
    #[inline(always)]
    pub(in super::super) fn forward<S: Simd>(
        &self,
        simd: S,
        from_features: &[f32],
        tile: &mut [S::f32s],
        score: &mut [S::f32s],
    ) {
        let vectors = score.len();
        let mut rest = tile;
        for index in 0..self.joint {
            self.layer(simd, index, &self.layers[index].bias, rest, vectors);
            rest = &mut rest[self.layers[index].inputs * stride::<S>()..];
        }
        self.layer(simd, self.joint, from_features, rest, vectors);
        let hidden = &mut rest[self.layers[self.joint].inputs * stride::<S>()..];
        self.score_hidden(simd, hidden, score);
    }

    /// `W_y h_y` of the candidates in the first row of a tile, shared by all examples.
    #[inline(always)]
    pub(in super::super) fn embed<'a, S: Simd>(
        &self,
        simd: S,
        tile: &'a mut [S::f32s],
        vectors: usize,
    ) -> &'a [S::f32s] {
        let stride = stride::<S>();
        let mut rest = tile;
        for index in 0..self.joint {
            self.layer(simd, index, &self.layers[index].bias, rest, vectors);
            rest = &mut rest[self.layers[index].inputs * stride..];
        }
        let joint = &self.layers[self.joint];
        let (x, out) = rest.split_at_mut(joint.inputs * stride);
        product(
            simd,
            &joint.forward,
            x,
            vectors,
            #[inline(always)]
            |_, _| [simd.splat_f32s(0.0); 2],
            #[inline(always)]
            |o, v, [first, second]| {
                out[o * stride + v] = first;
                out[o * stride + v + 1] = second;
            },
        );
        &out[..self.hidden() * stride]
    }

    /// Scores of embedded candidates for one example. Writes `h` and the residual layer's units to `rows`.
    #[inline(always)]
    pub(in super::super) fn combine<S: Simd>(
        &self,
        simd: S,
        from_features: &[f32],
        embedded: &[S::f32s],
        rows: &mut [S::f32s],
        score: &mut [S::f32s],
    ) {
        let stride = stride::<S>();
        let rows_of_h = embedded.chunks_exact(stride).zip(rows.chunks_exact_mut(stride));
        for ((embedded, h), &from_features) in rows_of_h.zip(from_features) {
            let from_features = simd.splat_f32s(from_features);
            for (h, &embedded) in h.iter_mut().zip(embedded).take(score.len()) {
                *h = relu(simd, simd.add_f32s(from_features, embedded));
            }
        }
        self.score_hidden(simd, rows, score);
    }

    /// Scores from the rows of `h`. Writes `r` to the rows after them.
    #[inline(always)]
    fn score_hidden<S: Simd>(&self, simd: S, rows: &mut [S::f32s], score: &mut [S::f32s]) {
        let stride = stride::<S>();
        if self.residual {
            let last = self.layers.len() - 1;
            self.layer(simd, last, &self.layers[last].bias, rows, score.len());
        }
        for (v, score) in score.iter_mut().enumerate() {
            *score = simd.splat_f32s(self.score_bias);
            for (j, &weight) in self.score.iter().enumerate() {
                let unit = self.scored_unit(simd, rows, j * stride + v);
                *score = simd.mul_add_e_f32s(simd.splat_f32s(weight), unit, *score);
            }
        }
    }

    /// `h + r`, or `h` without a residual layer, at `offset` in the rows of `h`.
    #[inline(always)]
    pub(super) fn scored_unit<S: Simd>(&self, simd: S, rows: &[S::f32s], offset: usize) -> S::f32s {
        if self.residual {
            simd.add_f32s(rows[offset], rows[self.hidden() * stride::<S>() + offset])
        } else {
            rows[offset]
        }
    }

    /// One layer: reads its input from the first rows and writes its output to the rows after them.
    #[inline(always)]
    pub(super) fn layer<S: Simd>(&self, simd: S, index: usize, bias: &[f32], rows: &mut [S::f32s], vectors: usize) {
        let stride = stride::<S>();
        let layer = &self.layers[index];
        let (x, out) = rows.split_at_mut(layer.inputs * stride);
        product(
            simd,
            &layer.forward,
            x,
            vectors,
            #[inline(always)]
            |o, _| [simd.splat_f32s(bias[o]); 2],
            #[inline(always)]
            |o, v, [first, second]| {
                out[o * stride + v] = relu(simd, first);
                out[o * stride + v + 1] = relu(simd, second);
            },
        );
    }
}

/// `max(0, x)`. NaN is kept if the instruction set allows it.
#[inline(always)]
fn relu<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    greatest(simd, simd.splat_f32s(0.0), x)
}
