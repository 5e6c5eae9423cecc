//! Networks of fully-connected layers on a batch on the host: forward and backward pass.

use burn::nn::{LayerNorm, Linear};
use pulp::Arch;

use super::gradients::Gradients;
use super::layer::{Layer, rectify};
use super::matrix::Matrix;
use super::norm::{Norm, Normalised};

/// A part of a network that acts on every row of a batch by itself.
#[derive(Debug, Clone, Copy)]
pub enum Stage<'a> {
    /// `W x + b`
    Affine(&'a Linear),
    /// `ReLU(W x + b)`
    Rectified(&'a Linear),
    /// `x + W₂ ReLU(W₁ norm(x) + b₁) + b₂`
    Residual {
        /// Layer normalisation.
        norm: &'a LayerNorm,
        /// The `ε` that `norm` adds to the variance.
        epsilon: f64,
        /// `W₁`, `b₁`
        inner: &'a Linear,
        /// `W₂`, `b₂`
        outer: &'a Linear,
    },
}

/// The stages of a network with their weights on the host.
pub(crate) struct Stages<'a>(Vec<OnHost<'a>>);

enum OnHost<'a> {
    Affine(Layer<'a>),
    Rectified(Layer<'a>),
    Residual { norm: Norm<'a>, inner: Layer<'a>, outer: Layer<'a> },
}

/// The input of a network and the results of its stages, which the backward pass reads.
pub(crate) struct Trace {
    /// The input, then the output of every stage.
    outputs: Vec<Matrix>,
    /// The intermediate results of the residual stages, in order.
    residuals: Vec<Residual>,
}

struct Residual {
    normalised: Normalised,
    /// Input of the inner layer.
    scaled: Matrix,
    /// Output of the inner layer.
    units: Matrix,
}

impl Trace {
    /// The output of the network.
    pub(crate) fn last(&self) -> &Matrix {
        self.outputs.last().expect("the input at least")
    }
}

impl<'a> Stages<'a> {
    pub(crate) fn of(stages: &[Stage<'a>]) -> Self {
        let on_host = |&stage: &Stage<'a>| match stage {
            Stage::Affine(layer) => OnHost::Affine(Layer::of(layer)),
            Stage::Rectified(layer) => OnHost::Rectified(Layer::of(layer)),
            Stage::Residual { norm, epsilon, inner, outer } => {
                OnHost::Residual { norm: Norm::of(norm, epsilon), inner: Layer::of(inner), outer: Layer::of(outer) }
            }
        };
        Self(stages.iter().map(on_host).collect())
    }

    /// The output for a batch of inputs, and what led to it.
    pub(crate) fn forward(&self, arch: Arch, input: Matrix) -> Trace {
        let mut trace = Trace { outputs: vec![input], residuals: Vec::new() };
        for stage in &self.0 {
            let x = trace.last();
            let output = match stage {
                OnHost::Affine(layer) => layer.forward(arch, x),
                OnHost::Rectified(layer) => layer.forward_rectified(arch, x),
                OnHost::Residual { norm, inner, outer } => {
                    let (scaled, normalised) = norm.forward(arch, x);
                    let units = inner.forward_rectified(arch, &scaled);
                    let mut output = outer.forward(arch, &units);
                    output.add(arch, x);
                    trace.residuals.push(Residual { normalised, scaled, units });
                    output
                }
            };
            trace.outputs.push(output);
        }
        trace
    }

    /// Adds the gradients of all parameters to `gradients`; `delta` is the gradient of the output.
    pub(crate) fn backward(&self, arch: Arch, trace: &Trace, mut delta: Matrix, gradients: &mut Gradients) {
        let mut residuals = trace.residuals.iter().rev();
        for (index, stage) in self.0.iter().enumerate().rev() {
            let [input, output] = [&trace.outputs[index], &trace.outputs[index + 1]];
            let layer = match stage {
                OnHost::Affine(layer) => layer,
                OnHost::Rectified(layer) => {
                    rectify(arch, &mut delta, output);
                    layer
                }
                OnHost::Residual { norm, inner, outer } => {
                    let Residual { normalised, scaled, units } = residuals.next().expect("one for each stage");
                    outer.gradient(arch, units, &delta, gradients);
                    let mut by_units = units.zeros_like();
                    outer.backward(arch, &delta, &mut by_units);
                    rectify(arch, &mut by_units, units);
                    inner.gradient(arch, scaled, &by_units, gradients);
                    let mut by_scaled = scaled.zeros_like();
                    inner.backward(arch, &by_units, &mut by_scaled);
                    norm.backward(arch, normalised, by_scaled, &mut delta, gradients);
                    continue;
                }
            };
            layer.gradient(arch, input, &delta, gradients);
            if index > 0 {
                let mut by_input = input.zeros_like();
                layer.backward(arch, &delta, &mut by_input);
                delta = by_input;
            }
        }
    }
}
