//! One fully-connected layer on a batch on the host.

use burn::nn::Linear;
use pulp::Arch;

use super::gradients::Gradients;
use super::matrix::Matrix;
use crate::math::host::{host, with_values};

/// A layer `W x + b`.
pub(crate) struct Layer<'a> {
    linear: &'a Linear,
    /// `[inputs, outputs]`
    weights: Matrix,
    bias: Vec<f32>,
}

impl<'a> Layer<'a> {
    pub(crate) fn of(linear: &'a Linear) -> Self {
        let [_, outputs] = linear.weight.dims();
        let weights = with_values(&linear.weight.val(), |weights| Matrix::of(weights, outputs));
        let bias = linear.bias.as_ref().map_or_else(|| vec![0.0; outputs], |bias| host(&bias.val()));
        Self { linear, weights, bias }
    }

    /// `W x + b` of every row.
    pub(crate) fn forward(&self, arch: Arch, x: &Matrix) -> Matrix {
        let mut y = Matrix::repeat(&self.bias, x.height());
        y.add_product(arch, x, &self.weights);
        y
    }

    /// `ReLU(W x + b)` of every row. Keeps NaN.
    pub(crate) fn forward_rectified(&self, arch: Arch, x: &Matrix) -> Matrix {
        let mut y = self.forward(arch, x);
        let units = y.padded_mut();
        arch.dispatch(
            #[inline(always)]
            || units.iter_mut().for_each(|unit| *unit = if *unit > 0.0 { *unit } else { *unit * 0.0 }),
        );
        y
    }

    /// Adds the gradient of the layer to `gradients`; `delta` is the gradient of its output.
    pub(crate) fn gradient(&self, arch: Arch, x: &Matrix, delta: &Matrix, gradients: &mut Gradients) {
        let mut weights = Matrix::zeros(x.width(), delta.width());
        weights.add_outer(arch, x, delta);
        gradients.add(&self.linear.weight, weights.to_numbers());
        if let Some(bias) = &self.linear.bias {
            gradients.add(bias, delta.column_sums(arch));
        }
    }

    /// Adds the gradient with respect to the input to `by_input`.
    pub(crate) fn backward(&self, arch: Arch, delta: &Matrix, by_input: &mut Matrix) {
        by_input.add_product(arch, delta, &self.weights.transposed());
    }
}

/// Backward pass of a ReLU: sets `delta` to 0 where `output` is not positive.
pub(super) fn rectify(arch: Arch, delta: &mut Matrix, output: &Matrix) {
    let (delta, output) = (delta.padded_mut(), output.padded());
    arch.dispatch(
        #[inline(always)]
        || delta.iter_mut().zip(output).for_each(|(delta, &output)| *delta = if output > 0.0 { *delta } else { 0.0 }),
    );
}
