//! Passes gradients that a kernel computed to automatic differentiation.

use burn::tensor::{Tensor, TensorData};

/// A surrogate function of tensors with a known gradient at their current values.
#[derive(Default)]
pub(super) struct Surrogate {
    tensors: Vec<Tensor<1>>,
    gradient: Vec<f32>,
}

impl Surrogate {
    /// Adds a tensor of any shape, and the gradient with respect to it, row-major.
    pub(super) fn push<const D: usize>(&mut self, tensor: Tensor<D>, gradient: &[f32]) {
        assert_eq!(tensor.shape().num_elements(), gradient.len());
        self.tensors.push(tensor.reshape([gradient.len()]));
        self.gradient.extend_from_slice(gradient);
    }

    /// A tensor with this value, shape `[1]`, whose `backward` gives every tensor its gradient.
    ///
    /// `value + s − s` with `s = Σ tensor · gradient`, where the second `s` is detached.
    pub(super) fn finish(self, value: f64) -> Tensor<1> {
        let tensors = Tensor::cat(self.tensors, 0);
        let count = self.gradient.len();
        let gradient = Tensor::from_data(TensorData::new(self.gradient, [count]), &tensors.device().inner());
        let sum = (tensors * gradient).sum();
        let constant = sum.clone().without_autodiff();
        sum - (constant - value)
    }
}
