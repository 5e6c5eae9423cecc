//! Candidates of a mixture and their log-weights `f − log q`: what prediction is made of.

use burn::tensor::Tensor;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::dense::TILE;
use super::gemm::{vectors, vectors_mut};
use super::head::Head;
use super::mixture::{Mixture, Prepared};
use super::workspace::with_buffers;
use crate::density::GaussianMixture;
use crate::math::host::host;
use crate::math::host::on_cpu;
use crate::math::noise::Noise;
use crate::network::energy::EnergyNet;

/// `m` candidates of each example, `[batch, m]` row by row, and their log-weights; nothing where there is no kernel for
/// the network or the device, and then no noise is drawn.
///
/// The candidates are those that [`crate::density::Density::sample`] draws.
pub(crate) fn importance(
    energy: &EnergyNet,
    features: &Tensor<2>,
    q: &GaussianMixture,
    m: usize,
    noise: &mut Noise,
) -> Option<[Vec<f32>; 2]> {
    let [_, target, components] = q.means().dims();
    let head = Head::of(energy).filter(|_| target == 1 && q.axes().is_empty() && on_cpu(features))?;
    let from_features = host(&energy.from_features.forward(features.clone()));
    let [log_weights, means, log_scales] = [host(&q.log_weights()), host(&q.means()), host(&q.log_scales())];
    let batch = log_weights.len() / components;
    let normals = noise.normals(batch * m);
    let uniforms = if components > 1 { noise.uniforms(batch * m) } else { Vec::new() };
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
            arch.dispatch(Draw { head: &head, from_features, mixture, normals, uniforms, y, log_weights, buffers });
        });
    });
    Some([y, found])
}

struct Draw<'a> {
    head: &'a Head,
    from_features: &'a [f32],
    mixture: Prepared,
    normals: &'a [f32],
    /// None when there is one component.
    uniforms: &'a [f32],
    y: &'a mut [f32],
    log_weights: &'a mut [f32],
    /// Of a tile the normal and uniform numbers, the scores, the units and the components' shares.
    buffers: [&'a mut [f32]; 5],
}

impl WithSimd for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { head, from_features, mixture, normals, uniforms, y, log_weights, buffers } = self;
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
            // Vectors come in pairs.
            let count_of_vectors = count.div_ceil(2 * S::F32_LANES) * 2;
            let drawn = &mut vectors_mut::<S>(units)[..count_of_vectors];
            for (v, drawn) in drawn.iter_mut().enumerate() {
                *drawn = mixture.draw(simd, 0, vectors::<S>(normal)[v], vectors::<S>(unit)[v]);
            }
            y.copy_from_slice(&units[..count]);
            let found = &mut vectors_mut::<S>(scores)[..count_of_vectors];
            head.forward(simd, from_features, vectors_mut::<S>(units), found);
            for (v, score) in found.iter_mut().enumerate() {
                let log_q = mixture.log_density(simd, vectors::<S>(units), v, vectors_mut::<S>(shares));
                *score = simd.sub_f32s(*score, log_q);
            }
            log_weights.copy_from_slice(&scores[..count]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::density::Density;
    use crate::math::noise::Purpose;
    use crate::method::config::{Method, ModelConfig};
    use crate::method::model::Model;
    use burn::tensor::Device;

    #[test]
    fn candidates_and_log_weights_are_those_of_the_tensor_operations() {
        for (components, m) in [(1, 5), (4, 192), (3, 500)] {
            let Model::Ebm(model) = ModelConfig::scalar(Method::ebm(components)).init(2, &Device::flex()) else {
                unreachable!("the method asked for")
            };
            let features = Noise::new(0, Purpose::Prediction, 0, 0).normal([9, 10], &Device::flex());
            let q = model.proposal.forward(features.clone());
            let noise = || Noise::new(1, Purpose::Prediction, 0, 0);
            let [y, log_weights] = importance(&model.energy, &features, &q, m, &mut noise()).expect("a kernel");
            let drawn = q.sample(m, &mut noise());
            let expected = model.energy.score(features, drawn.clone()) - q.log_prob(drawn.clone());
            for (found, expected) in [(y, host(&drawn)), (log_weights, host(&expected))] {
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(&expected) {
                    // Rounding of numbers of order 1 to 10.
                    assert!((found - expected).abs() < 1e-5, "{found} against {expected}");
                }
            }
        }
    }
}
