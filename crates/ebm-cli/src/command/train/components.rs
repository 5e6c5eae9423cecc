//! Components of a model's mixture that have collapsed.

use burn::tensor::Tensor;
use ebm_core::{Conditional, GaussianMixture};

/// A component with less weight at a row takes no part there.
const LEAST_WEIGHT: f64 = 0.01;
/// A component that is narrower, in units of the labels' spread, describes single labels.
const NARROWEST: f64 = 1e-3;

/// The components of a mixture, or of a proposal, at some rows.
#[derive(Default)]
pub struct Components {
    rows: usize,
    /// The largest weight of each at any row.
    weights: Vec<f64>,
    /// Rows at which a component with weight is too narrow.
    narrow: usize,
}

impl Components {
    /// Adds those at some rows; nothing for a model without a mixture.
    pub fn add(&mut self, conditional: &Conditional<'_>) {
        if let Conditional::Mixture(mixture) | Conditional::Energy { proposal: Some(mixture), .. } = conditional {
            self.add_mixture(mixture);
        }
    }

    fn add_mixture(&mut self, mixture: &GaussianMixture) {
        let [rows, _, components] = mixture.means().dims();
        // The narrowest dimension of each.
        let scales = numbers(mixture.log_scales().min_dim(1).exp().reshape([rows, components]));
        let weights = numbers(mixture.log_weights().exp());
        self.rows += rows;
        self.weights.resize(components, 0.0);
        for (weights, scales) in weights.chunks(components).zip(scales.chunks(components)) {
            self.weights.iter_mut().zip(weights).for_each(|(most, weight)| *most = most.max(*weight));
            let mut both = weights.iter().zip(scales);
            self.narrow += usize::from(both.any(|(&weight, &scale)| weight >= LEAST_WEIGHT && scale < NARROWEST));
        }
    }

    /// `[without weight at any row, all]`; nothing for a model without a mixture.
    pub fn unused(&self) -> Option<[usize; 2]> {
        let unused = self.weights.iter().filter(|&&weight| weight < LEAST_WEIGHT).count();
        (self.rows > 0).then_some([unused, self.weights.len()])
    }

    /// What is poor about them, if they have become too narrow.
    pub fn poor(&self) -> Option<String> {
        (self.narrow > 0).then(|| {
            format!(
                "a component of its mixture is narrower than {NARROWEST} of the labels' spread at {} of {} rows: it describes \
                 single labels; use fewer --components or more --weight-decay, or --target-kind step:STEP for labels that \
                 repeat",
                self.narrow, self.rows
            )
        })
    }
}

fn numbers(tensor: Tensor<2>) -> Vec<f64> {
    tensor.into_data().iter::<f32>().map(f64::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    /// Two rows of three components of one target.
    fn found(weights: [[f32; 3]; 2], scales: [[[f32; 3]; 1]; 2]) -> Components {
        let device = Device::flex();
        let scales = Tensor::<3>::from_floats(scales, &device).log();
        let weights = Tensor::<2>::from_floats(weights, &device).log();
        let mut components = Components::default();
        components.add_mixture(&GaussianMixture::new(weights, scales.zeros_like(), scales));
        components
    }

    #[test]
    fn a_component_that_is_narrow_or_without_weight_is_counted() {
        let wide = [[[0.5, 0.1, 0.02]]; 2];
        let all = found([[0.3, 0.3, 0.4], [0.6, 0.395, 0.005]], wide);
        assert_eq!((all.unused(), all.poor()), (Some([0, 3]), None));
        let one = found([[0.7, 0.295, 0.005], [0.6, 0.395, 0.005]], wide);
        assert_eq!((one.unused(), one.poor()), (Some([1, 3]), None));
        let narrow = found([[0.3, 0.3, 0.4]; 2], [[[0.5, 0.1, 1e-4]], [[0.5, 0.1, 0.1]]]);
        assert!(narrow.poor().expect("one is").contains("narrower than 0.001 of the labels' spread at 1 of 2 rows"));
        // A narrow component without weight changes nothing.
        assert_eq!(found([[0.6, 0.395, 0.005]; 2], [[[0.5, 0.1, 1e-4]]; 2]).poor(), None);
        assert_eq!(Components::default().unused(), None);
    }
}
