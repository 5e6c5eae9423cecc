//! Backward pass: from the slopes of the scores to the gradient of the head.

use pulp::Simd;

use super::super::dense::{outer, product, stride};
use super::Head;

impl Head {
    /// Adds the gradient of `Σ delta_score · score` to `sums`, lane by lane.
    #[inline(always)]
    pub(in super::super) fn backward<S: Simd>(
        &self,
        simd: S,
        tile: &[S::f32s],
        delta_score: &[S::f32s],
        [mut delta, mut next]: [&mut [S::f32s]; 2],
        sums: &mut [S::f32s],
    ) {
        let stride = stride::<S>();
        let vectors = delta_score.len();
        let zero = simd.splat_f32s(0.0);
        let hidden = self.hidden();
        let mut start = self.rows() - hidden;
        let (mut sums, score_sums) = sums.split_at_mut(self.parameters() - hidden - 1);

        let scored = &tile[(start - if self.residual { hidden } else { 0 }) * stride..];
        let bias_sums = &mut sums[self.parameters() - 2 * hidden - 1..];
        for (j, &weight) in self.score.iter().enumerate() {
            let weight = simd.splat_f32s(weight);
            let [mut bias_sum, mut weight_sum] = [bias_sums[j], score_sums[j]];
            for (v, &slope) in delta_score.iter().enumerate() {
                let active = simd.greater_than_f32s(tile[(start + j) * stride + v], zero);
                let slope_here = simd.select_f32s(active, simd.mul_f32s(slope, weight), zero);
                delta[j * stride + v] = slope_here;
                bias_sum = simd.add_f32s(bias_sum, slope_here);
                let unit = self.scored_unit(simd, scored, j * stride + v);
                weight_sum = simd.mul_add_e_f32s(slope, unit, weight_sum);
            }
            [bias_sums[j], score_sums[j]] = [bias_sum, weight_sum];
        }
        for &slope in delta_score {
            score_sums[hidden] = simd.add_f32s(score_sums[hidden], slope);
        }

        for (index, layer) in self.layers.iter().enumerate().rev() {
            start -= layer.inputs;
            let x = &tile[start * stride..];
            let at = sums.len() - (layer.inputs + 1) * layer.outputs;
            let (before, own) = sums.split_at_mut(at);
            outer(simd, x, delta, [layer.inputs, layer.outputs], vectors, own);
            if index == 0 {
                break;
            }
            let skipped = self.residual && index + 1 == self.layers.len();
            let bias = before.len() - layer.inputs;
            product(
                simd,
                &layer.backward,
                delta,
                vectors,
                #[inline(always)]
                |i, v| {
                    if skipped {
                        let weight = simd.splat_f32s(self.score[i]);
                        [simd.mul_f32s(delta_score[v], weight), simd.mul_f32s(delta_score[v + 1], weight)]
                    } else {
                        [zero; 2]
                    }
                },
                #[inline(always)]
                |i, v, sums| {
                    for (v, sum) in (v..).zip(sums) {
                        let active = simd.greater_than_f32s(x[i * stride + v], zero);
                        let slope = simd.select_f32s(active, sum, zero);
                        next[i * stride + v] = slope;
                        before[bias + i] = simd.add_f32s(before[bias + i], slope);
                    }
                },
            );
            std::mem::swap(&mut delta, &mut next);
            sums = before;
        }
    }
}
