//! The energy head with wide layers: rows are candidates, SIMD lanes are units.
//!
//! Each tile of candidates passes through all layers forward and backward before the next tile starts, so its units
//! stay in cache. The normalising sum of the weights is known only after the last candidate. Until then, gradients are
//! summed with weights relative to a reference log-weight, and rescaled when a much larger log-weight appears.

mod backward;
mod example;
mod forward;

use std::ops::Range;

pub(super) use example::Examples;

use super::gemm::{LINE, Rows, stride};
use super::head::Weights;

/// Capacity of a tile, in candidates: whole vectors. The image network's units then take a quarter of a 1 MiB cache.
const TILE: usize = 64;

/// One layer `ReLU(W x + b)`, rows padded with zeros.
struct Layer {
    /// `[inputs, outputs]`
    weights: Vec<f32>,
    /// `[outputs, inputs]`
    transposed: Vec<f32>,
    /// Empty for the layer that joins the features.
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

/// The head's weights on the host: `y → … → h = ReLU(W_x h_x + W_y h_y)`, `r = ReLU(W h + b)`, score `w·(h + r) + b`.
///
/// The same as [`super::head::Head`], for targets of any dimension and layers of any width.
pub(crate) struct WideHead {
    layers: Vec<Layer>,
    /// Index of the layer that joins the features; its bias is the example's own `W_x h_x + b`.
    joint: usize,
    residual: bool,
    /// Padded with zeros.
    score: Vec<f32>,
    score_bias: f32,
    hidden: usize,
}

impl WideHead {
    /// `layers`: those on a target of `target` dimensions, the layer that joins the features, and the residual layer if
    /// there is one.
    pub(crate) fn new(target: usize, layers: Vec<Weights>, residual: bool, (score, score_bias): Weights) -> Self {
        let joint = layers.len() - 1 - usize::from(residual);
        let hidden = score.len();
        let mut inputs = target;
        let lay_out = |(weights, mut bias): Weights| {
            let outputs = weights.len() / inputs;
            bias.resize(bias.len().next_multiple_of(LINE), 0.0);
            let layer = Layer {
                weights: padded([inputs, outputs], |i, o| weights[i * outputs + o]),
                transposed: padded([outputs, inputs], |o, i| weights[i * outputs + o]),
                bias,
                inputs,
                outputs,
            };
            inputs = outputs;
            layer
        };
        let layers = layers.into_iter().map(lay_out).collect();
        let score = padded([1, hidden], |_, j| score[j]);
        Self { layers, joint, residual, score, score_bias: score_bias[0], hidden }
    }

    /// Width of `h`.
    pub(super) fn hidden(&self) -> usize {
        self.hidden
    }

    /// Length of a gradient: weights and bias of each layer, then of the score.
    pub(super) fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| (layer.inputs + 1) * layer.outputs).sum::<usize>() + self.hidden + 1
    }

    /// Length of a gradient with padded rows: weights and bias of each layer, then of the score.
    fn padded_parameters(&self) -> usize {
        self.layers.iter().map(Layer::padded_parameters).sum::<usize>() + stride(self.hidden) + stride(1)
    }

    /// Padded values per candidate in a tile: the target and the units of every layer.
    fn units(&self) -> usize {
        stride(self.layers[0].inputs) + self.layers.iter().map(|layer| stride(layer.outputs)).sum::<usize>()
    }

    /// Padded length of a row of slopes, for the widest layer.
    fn widest(&self) -> usize {
        self.layers.iter().map(|layer| stride(layer.outputs)).max().expect("a head has layers")
    }

    /// Range of the example's own bias in a padded gradient.
    fn joint_bias(&self) -> Range<usize> {
        let before: usize = self.layers[..self.joint].iter().map(Layer::padded_parameters).sum();
        let joint = &self.layers[self.joint];
        let start = before + joint.inputs * stride(joint.outputs);
        start..start + joint.outputs
    }

    /// Copies a padded gradient to one without padding.
    fn without_padding(&self, padded: &[f32], parameters: &mut [f32]) {
        let rows = self.layers.iter().flat_map(|layer| std::iter::repeat_n(layer.outputs, layer.inputs + 1));
        let (mut from, mut to) = (padded, parameters);
        for width in rows.chain([self.hidden, 1]) {
            let (row, rest) = to.split_at_mut(width);
            row.copy_from_slice(&from[..width]);
            (from, to) = (&from[stride(width)..], rest);
        }
    }
}

impl Layer {
    fn padded_parameters(&self) -> usize {
        (self.inputs + 1) * stride(self.outputs)
    }

    fn rows(&self) -> Rows<'_> {
        Rows { numbers: &self.weights, stride: stride(self.outputs) }
    }

    fn transposed_rows(&self) -> Rows<'_> {
        Rows { numbers: &self.transposed, stride: stride(self.inputs) }
    }
}

/// `width` rounded up to whole cache lines.
const fn lines(width: usize) -> usize {
    width.div_ceil(LINE) * LINE
}

/// A row-major matrix, each row padded with zeros to its [`stride`].
fn padded([rows, columns]: [usize; 2], number: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    let stride = stride(columns);
    let mut numbers = vec![0.0; rows * stride];
    for (row, numbers) in numbers.chunks_exact_mut(stride).enumerate() {
        for (column, out) in numbers[..columns].iter_mut().enumerate() {
            *out = number(row, column);
        }
    }
    numbers
}
