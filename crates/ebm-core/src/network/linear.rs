//! Fully-connected layers with initial weights from [`Noise`], not from a global generator.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use crate::math::noise::Noise;

/// A layer `[.., inputs] → [.., outputs]` with weights and bias `U(−k, k)`, `k = 1/√inputs` (PyTorch's default).
pub(crate) fn linear(inputs: usize, outputs: usize, noise: &mut Noise, device: &Device) -> Linear {
    let weight = parameter(symmetric_uniform([inputs, outputs], inputs, noise, device), device);
    let bias = parameter(symmetric_uniform([outputs], inputs, noise, device), device);
    Linear { weight, bias: Some(bias) }
}

/// The output of a layer, `x W + b`: `[.., inputs] → [.., outputs]`.
///
/// A layer of a stack (see [`crate::train::stack`]) holds the weights of several networks, concatenated along the first
/// dimension. The rows of the input are divided among the networks in the same order.
pub(crate) fn apply<const D: usize>(layer: &Linear, input: Tensor<D>) -> Tensor<D> {
    let (weight, mut shape) = (layer.weight.val(), input.dims());
    let [inputs, outputs] = [shape[D - 1], weight.dims()[1]];
    let networks = weight.dims()[0] / inputs;
    // Examples are never merged into the rows of one product, as Burn does for few candidates: sums must have the same
    // order for a network alone and in a stack.
    let [batch, rows] = match D {
        2 => [1, shape[0] / networks],
        _ => [shape[..D - 2].iter().product::<usize>() / networks, shape[D - 2]],
    };
    let input = input.reshape([networks, batch, rows, inputs]);
    let output = input.matmul(weight.reshape([networks, 1, inputs, outputs]));
    let output = match &layer.bias {
        Some(bias) => output + bias.val().reshape([networks, 1, 1, outputs]),
        None => output,
    };
    shape[D - 1] = outputs;
    output.reshape(shape)
}

/// A layer on the concatenation of two inputs, as one layer per input: `W[a; b] + c = (W_a a + c) + W_b b`.
pub(crate) fn split_linear(
    [first, second]: [usize; 2],
    outputs: usize,
    noise: &mut Noise,
    device: &Device,
) -> [Linear; 2] {
    let inputs = first + second;
    let weight = symmetric_uniform([inputs, outputs], inputs, noise, device);
    let part = |rows| parameter(weight.clone().slice([rows, 0..outputs]), device);
    let bias = parameter(symmetric_uniform([outputs], inputs, noise, device), device);
    [Linear { weight: part(0..first), bias: Some(bias) }, Linear { weight: part(first..inputs), bias: None }]
}

/// Draws from `U(−k, k)`, `k = 1/√inputs`, as a constant of `shape`, such as `[inputs, outputs]`.
fn symmetric_uniform<const D: usize>(
    shape: [usize; D],
    inputs: usize,
    noise: &mut Noise,
    device: &Device,
) -> Tensor<D> {
    (noise.uniform(shape, &device.clone().inner()) * 2.0 - 1.0) / (inputs as f64).sqrt()
}

/// A trainable parameter with initial value `value`, and with gradients if the device supports them.
pub(crate) fn parameter<const D: usize>(value: Tensor<D>, device: &Device) -> Param<Tensor<D>> {
    Param::from_tensor(if device.is_autodiff() { value.autodiff() } else { value })
}

/// Layers `widths[0] → widths[1] → …`.
pub(crate) fn layers(widths: &[usize], noise: &mut Noise, device: &Device) -> Vec<Linear> {
    widths.windows(2).map(|pair| linear(pair[0], pair[1], noise, device)).collect()
}
