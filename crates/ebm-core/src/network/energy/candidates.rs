//! Candidates drawn from a mixture and their log-weights, by a kernel on the host.

use burn::tensor::Tensor;

use super::EnergyNet;
use crate::density::GaussianMixture;
use crate::kernel::{Request, importance};
use crate::loss::Form;
use crate::math::host::{host, on_cpu};
use crate::math::noise::Noise;

impl EnergyNet {
    /// `m` candidates of each example, row-major `[batch, m]`, and their log-weights `f − log q`. `None`, with no noise drawn, if
    /// there is no kernel for the network or the device.
    ///
    /// The candidates are the same as those of [`crate::density::GaussianMixture::sample`].
    pub(crate) fn candidates_by_kernel(
        &self,
        features: &Tensor<2>,
        q: &GaussianMixture,
        (m, form): (usize, Form),
        noise: &mut Noise,
    ) -> Option<[Vec<f32>; 2]> {
        let [batch, target, components] = q.means().dims();
        let head = self.narrow_head().filter(|_| target == 1 && q.axes().is_empty() && on_cpu(features))?;
        let normals = noise.normals(batch * m);
        let uniforms = if components > 1 { noise.uniforms(batch * m) } else { Vec::new() };
        Some(importance(&Request {
            head: &head,
            form,
            from_features: &host(&self.from_features.forward(features.clone())),
            log_weights: &host(&q.log_weights()),
            means: &host(&q.means()),
            log_scales: &host(&q.log_scales()),
            components,
            m,
            normals: &normals,
            uniforms: &uniforms,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            for form in [Form::Free, Form::Residual] {
                let found = model.energy.candidates_by_kernel(&features, &q, (m, form), &mut noise());
                let [y, log_weights] = found.expect("a kernel");
                let drawn = q.sample(m, &mut noise());
                let output = model.energy.score(features.clone(), drawn.clone());
                let expected = form.log_weight(output, || q.log_prob(drawn.clone()));
                for (found, expected) in [(y, host(&drawn)), (log_weights, host(&expected))] {
                    assert_eq!(found.len(), expected.len());
                    for (found, expected) in found.iter().zip(&expected) {
                        // Rounding of numbers between 1 and 10.
                        assert!((found - expected).abs() < 1e-5, "{found} against {expected}");
                    }
                }
            }
        }
    }
}
