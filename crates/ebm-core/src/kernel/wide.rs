//! The energy head of wide layers: rows are candidates, units lie along the vectors.
//!
//! A tile of candidates goes through all layers and back before the next one starts, so that its units stay in cache.
//! The weights of the candidates are not known until the last one is scored, but for a factor they are: gradients are
//! summed with the weights relative to the largest log-weight so far, and rescaled when a larger one comes.

mod backward;
mod example;
mod forward;

use std::ops::Range;

pub(super) use example::Examples;

use super::gemm::{LINE, Rows, stride};
use super::head::Weights;

/// Candidates a tile has room for, whole vectors: its units of the image network take a quarter of a cache of 1 MiB.
const TILE: usize = 64;

/// One layer `ReLU(W x + b)`, rows padded by zeros.
struct Layer {
    /// `[inputs, outputs]`
    weights: Vec<f32>,
    /// `[outputs, inputs]`
    transposed: Vec<f32>,
    /// Empty where the features join.
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

/// The head's weights on the host: `y → … → h = ReLU(W_x h_x + W_y h_y)`, `r = ReLU(W h + b)`, score `w·(h + r) + b`.
///
/// As [`super::head::Head`], for targets of any dimension and layers of any width.
pub(crate) struct WideHead {
    layers: Vec<Layer>,
    /// The layer whose bias is the example's.
    joint: usize,
    residual: bool,
    /// Padded by zeros.
    score: Vec<f32>,
    score_bias: f32,
    hidden: usize,
}

impl WideHead {
    /// `layers` are those on a target of `target` dimensions, the one that joins the features, and the residual one, if
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

    /// Numbers in a gradient: of each layer the weights and the bias, then of the score.
    pub(super) fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| (layer.inputs + 1) * layer.outputs).sum::<usize>() + self.hidden + 1
    }

    /// Numbers in a gradient of padded rows: of each layer the weights and the bias, then of the score.
    fn padded_parameters(&self) -> usize {
        self.layers.iter().map(Layer::padded_parameters).sum::<usize>() + stride(self.hidden) + stride(1)
    }

    /// Numbers of a candidate in a tile: the target, and the units of every layer.
    fn units(&self) -> usize {
        stride(self.layers[0].inputs) + self.layers.iter().map(|layer| stride(layer.outputs)).sum::<usize>()
    }

    /// Numbers from one row to the next in a layer's slopes.
    fn widest(&self) -> usize {
        self.layers.iter().map(|layer| stride(layer.outputs)).max().expect("a head has layers")
    }

    /// Where in a padded gradient the example's own bias is.
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

/// Width of a row in whole cache lines.
const fn lines(width: usize) -> usize {
    width.div_ceil(LINE) * LINE
}

/// A matrix row by row, each padded by zeros to its [`stride`].
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
