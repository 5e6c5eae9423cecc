//! Candidates drawn from a mixture and their log-weights `f − log q`, for prediction.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::dense::TILE;
use super::gemm::{vectors, vectors_mut};
use super::head::Head;
use super::mixture::{Mixture, Prepared};
use super::workspace::with_buffers;
use crate::loss::Form;

/// Inputs of [`importance`]. Rows are examples.
pub(crate) struct Request<'a> {
    pub head: &'a Head,
    /// What the head computes.
    pub form: Form,
    /// `W_x h_x + b`, `[batch, hidden]`.
    pub from_features: &'a [f32],
    /// `[batch, components]`, as are the means and the log-scales.
    pub log_weights: &'a [f32],
    pub means: &'a [f32],
    pub log_scales: &'a [f32],
    pub components: usize,
    /// Candidates per example.
    pub m: usize,
    /// Standard normal numbers, `[batch, m]`.
    pub normals: &'a [f32],
    /// Uniform numbers on `[0, 1)`, `[batch, m]`; empty if there is one component.
    pub uniforms: &'a [f32],
}

/// The candidates of each example and their log-weights, both row-major `[batch, m]`.
pub(crate) fn importance(request: &Request<'_>) -> [Vec<f32>; 2] {
    let &Request { head, form, from_features, log_weights, means, log_scales, components, m, normals, uniforms } =
        request;
    let batch = log_weights.len() / components;
    let [mut y, mut found] = [(); 2].map(|()| vec![0.0; batch * m]);
    let arch = Arch::new();
    let lengths = [TILE, TILE, TILE, TILE * head.rows(), TILE * components];
    y.par_chunks_mut(m).zip(found.par_chunks_mut(m)).enumerate().for_each(|(example, (y, log_weights_of_y))| {
        let own = example * components..(example + 1) * components;
        let mut mixture = Prepared::default();
        mixture.set(&Mixture {
            log_weights: &log_weights[own.clone()],
            means: &means[own.clone()],
            log_scales: &log_scales[own],
        });
        let from_features = &from_features[example * head.hidden()..][..head.hidden()];
        let normals = &normals[example * m..][..m];
        let uniforms = uniforms.get(example * m..(example + 1) * m).unwrap_or_default();
        with_buffers(lengths, |buffers| {
            let log_weights = log_weights_of_y;
            arch.dispatch(Draw { head, form, from_features, mixture, normals, uniforms, y, log_weights, buffers });
        });
    });
    [y, found]
}

struct Draw<'a> {
    head: &'a Head,
    form: Form,
    from_features: &'a [f32],
    mixture: Prepared,
    normals: &'a [f32],
    /// Empty if there is one component.
    uniforms: &'a [f32],
    y: &'a mut [f32],
    log_weights: &'a mut [f32],
    /// Buffers of a tile: normal numbers, uniform numbers, scores, units, the components' shares.
    buffers: [&'a mut [f32]; 5],
}

impl WithSimd for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { head, form, from_features, mixture, normals, uniforms, y, log_weights, buffers } = self;
        let [normal, unit, scores, units, shares] = buffers;
        let in_tiles = y.chunks_mut(TILE).zip(log_weights.chunks_mut(TILE)).enumerate();
        for (tile, (y, log_weights)) in in_tiles {
            let (start, count) = (tile * TILE, y.len());
            for (buffer, numbers) in [(&mut *normal, normals), (&mut *unit, uniforms)] {
                buffer.fill(0.0);
                if let Some(numbers) = numbers.get(start..start + count) {
                    buffer[..count].copy_from_slice(numbers);
                }
            }
            // Vectors are processed in pairs.
            let count_of_vectors = count.div_ceil(2 * S::F32_LANES) * 2;
            let drawn = &mut vectors_mut::<S>(units)[..count_of_vectors];
            for (v, drawn) in drawn.iter_mut().enumerate() {
                *drawn = mixture.draw(simd, 0, vectors::<S>(normal)[v], vectors::<S>(unit)[v]);
            }
            y.copy_from_slice(&units[..count]);
            let found = &mut vectors_mut::<S>(scores)[..count_of_vectors];
            head.forward(simd, from_features, vectors_mut::<S>(units), found);
            let free = &mut found[..if form == Form::Free { count_of_vectors } else { 0 }];
            for (v, score) in free.iter_mut().enumerate() {
                let log_q = mixture.log_density(simd, vectors::<S>(units), v, vectors_mut::<S>(shares));
                *score = simd.sub_f32s(*score, log_q);
            }
            log_weights.copy_from_slice(&scores[..count]);
        }
    }
}
