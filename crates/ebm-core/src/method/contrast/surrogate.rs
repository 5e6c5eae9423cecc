//! How gradients that were computed by hand reach automatic differentiation.

use burn::tensor::{Tensor, TensorData};

/// A function of tensors of which the gradient is known, at the point where the tensors are.
#[derive(Default)]
pub(super) struct Surrogate {
    tensors: Vec<Tensor<1>>,
    gradient: Vec<f32>,
}

impl Surrogate {
    /// Adds a tensor and the gradient of the function by it.
    pub(super) fn push<const D: usize>(&mut self, tensor: Tensor<D>, gradient: &[f32]) {
        assert_eq!(tensor.shape().num_elements(), gradient.len());
        self.tensors.push(tensor.reshape([gradient.len()]));
        self.gradient.extend_from_slice(gradient);
    }

    /// A tensor of this value, shape `[1]`, whose `backward` gives the tensors their gradients.
    ///
    /// It is `value + s − s` with `s = Σ tensor · gradient`, the second `s` a constant.
    pub(super) fn finish(self, value: f64) -> Tensor<1> {
        let tensors = Tensor::cat(self.tensors, 0);
        let count = self.gradient.len();
        let gradient = Tensor::from_data(TensorData::new(self.gradient, [count]), &tensors.device().inner());
        let sum = (tensors * gradient).sum();
        let constant = sum.clone().without_autodiff();
        sum - (constant - value)
    }
}
