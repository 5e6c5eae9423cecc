//! One fully-connected layer on a batch on the host: rows are units, columns are examples.
//!
//! Plain loops over blocks of examples, which the compiler vectorises for the instruction set of the caller.

use burn::nn::Linear;

use crate::math::host::host;

/// Examples per block. Row lengths are multiples of it.
pub(crate) const BLOCK: usize = 16;

/// A layer's weights.
pub(crate) struct Layer<'a> {
    pub linear: &'a Linear,
    /// `[inputs, outputs]`
    weights: Vec<f32>,
    bias: Vec<f32>,
    pub outputs: usize,
}

/// The gradient of a loss with respect to the weights `[inputs, outputs]` and the bias of a layer.
pub(crate) struct LayerGradient<'a> {
    pub linear: &'a Linear,
    pub weights: Vec<f32>,
    pub bias: Vec<f32>,
}

impl<'a> Layer<'a> {
    pub(crate) fn of(linear: &'a Linear) -> Self {
        let weights = host(&linear.weight.val());
        let [_, outputs] = linear.weight.dims();
        let bias = linear.bias.as_ref().map_or_else(|| vec![0.0; outputs], |bias| host(&bias.val()));
        Self { linear, weights, bias, outputs }
    }

    /// `W x + b`, followed by a ReLU if `rectified`. Rows are `length` long.
    #[inline(always)]
    pub(crate) fn forward(&self, x: &[f32], length: usize, rectified: bool) -> Vec<f32> {
        let mut y = vec![0.0; self.outputs * length];
        for (o, (y, &bias)) in y.chunks_exact_mut(length).zip(&self.bias).enumerate() {
            for (block, y) in y.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
                let mut sum = [bias; BLOCK];
                for (weights, x) in self.weights.chunks_exact(self.outputs).zip(x.chunks_exact(length)) {
                    let x = &x.as_chunks::<BLOCK>().0[block];
                    for (sum, x) in sum.iter_mut().zip(x) {
                        *sum += weights[o] * x;
                    }
                }
                if rectified {
                    for sum in &mut sum {
                        // Keeps NaN.
                        *sum = if *sum > 0.0 { *sum } else { *sum * 0.0 };
                    }
                }
                *y = sum;
            }
        }
        y
    }

    /// The gradient of the layer; `delta` is the gradient of its output.
    #[inline(always)]
    pub(crate) fn gradient(&self, x: &[f32], delta: &[f32], length: usize) -> LayerGradient<'a> {
        let mut weights = Vec::with_capacity(self.weights.len());
        for x in x.chunks_exact(length) {
            weights.extend(delta.chunks_exact(length).map(
                #[inline(always)]
                |delta| dot(x, delta),
            ));
        }
        let bias = delta.chunks_exact(length).map(sum).collect();
        LayerGradient { linear: self.linear, weights, bias }
    }

    /// Adds the gradient with respect to the input to `by_input`.
    #[inline(always)]
    pub(crate) fn backward(&self, delta: &[f32], length: usize, by_input: &mut [f32]) {
        let rows = by_input.chunks_exact_mut(length).zip(self.weights.chunks_exact(self.outputs));
        for (by_input, weights) in rows {
            for (block, by_input) in by_input.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
                let mut sum = *by_input;
                for (&weight, delta) in weights.iter().zip(delta.chunks_exact(length)) {
                    let delta = &delta.as_chunks::<BLOCK>().0[block];
                    for (sum, delta) in sum.iter_mut().zip(delta) {
                        *sum += weight * delta;
                    }
                }
                *by_input = sum;
            }
        }
    }
}

/// Backward pass of a ReLU: sets `delta` to 0 where `output` is not positive.
#[inline(always)]
pub(super) fn rectify(delta: &mut [f32], output: &[f32]) {
    for (delta, &output) in delta.iter_mut().zip(output) {
        *delta = if output > 0.0 { *delta } else { 0.0 };
    }
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; BLOCK];
    for (a, b) in a.as_chunks::<BLOCK>().0.iter().zip(b.as_chunks::<BLOCK>().0) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    halve(lanes)
}

#[inline(always)]
fn sum(a: &[f32]) -> f32 {
    let mut lanes = [0.0; BLOCK];
    for a in a.as_chunks::<BLOCK>().0 {
        for (lane, a) in lanes.iter_mut().zip(a) {
            *lane += a;
        }
    }
    halve(lanes)
}

#[inline(always)]
fn halve(mut lanes: [f32; BLOCK]) -> f32 {
    let mut width = BLOCK / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
        width /= 2;
    }
    lanes[0]
}
