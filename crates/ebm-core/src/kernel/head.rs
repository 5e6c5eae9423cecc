//! The energy head on tiles of candidates.

mod backward;
mod forward;
mod signs;

use std::ops::Range;

use super::dense::Packed;

/// Widest layer that the kernel supports, in units. With wider layers, the units of one example outgrow a 1 MiB cache.
pub(crate) const WIDEST: usize = 64;

/// One layer `ReLU(W x + b)`, packed for the forward and the backward pass.
struct Layer {
    forward: Packed,
    backward: Packed,
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

/// The head's weights on the host: `y → … → h = ReLU(W_x h_x + W_y h_y)`, `r = ReLU(W h + b)`, score `w·(h + r) + b`.
///
/// Every layer is `ReLU(W x + b)`. In the layer that joins the features, `b` is the example's own `W_x h_x + b`.
pub(crate) struct Head {
    layers: Vec<Layer>,
    /// Index of the layer that joins the features.
    joint: usize,
    residual: bool,
    score: Vec<f32>,
    score_bias: f32,
}

/// A layer's row-major weights `[inputs, outputs]` and its bias, which is empty for the layer that joins the features.
pub(crate) type Weights = (Vec<f32>, Vec<f32>);

impl Head {
    /// `layers`: those on the target, the layer that joins the features, and the residual layer if there is one.
    pub(crate) fn new(layers: Vec<Weights>, residual: bool, (score, score_bias): Weights) -> Self {
        let joint = layers.len() - 1 - usize::from(residual);
        let mut inputs = 1;
        let pack = |(weights, bias): Weights| {
            let outputs = weights.len() / inputs;
            let layer = Layer {
                forward: Packed::new(inputs, outputs, |i, o| weights[i * outputs + o]),
                backward: Packed::new(outputs, inputs, |o, i| weights[i * outputs + o]),
                bias,
                inputs,
                outputs,
            };
            inputs = outputs;
            layer
        };
        let layers = layers.into_iter().map(pack).collect();
        Self { layers, joint, residual, score, score_bias: score_bias[0] }
    }

    /// Width of `h`.
    pub(crate) fn hidden(&self) -> usize {
        self.score.len()
    }

    /// Rows of a tile that [`Head::forward`] needs: the candidates and the units of every layer.
    pub(super) fn rows(&self) -> usize {
        1 + self.layers.iter().map(|layer| layer.outputs).sum::<usize>()
    }

    /// Rows that [`Head::backward`] needs in each of its two buffers.
    pub(super) fn widest(&self) -> usize {
        self.layers.iter().map(|layer| layer.outputs).max().expect("a head has layers")
    }

    /// Length of a gradient: weights and bias of each layer, then of the score.
    pub(super) fn parameters(&self) -> usize {
        self.layers.iter().map(|layer| (layer.inputs + 1) * layer.outputs).sum::<usize>() + self.hidden() + 1
    }

    /// Range of the example's own bias in a gradient.
    pub(super) fn joint_bias(&self) -> Range<usize> {
        let before: usize = self.layers[..self.joint].iter().map(|layer| (layer.inputs + 1) * layer.outputs).sum();
        let joint = &self.layers[self.joint];
        let start = before + joint.inputs * joint.outputs;
        start..start + joint.outputs
    }
}
