//! What the whole training steps on the CPU share: a backbone and its batch on the host, and the computed gradient.
//!
//! For small networks, the overhead of tensor operations and automatic differentiation is far larger than the
//! arithmetic.

use std::cell::Cell;

use burn::tensor::{Device, Tensor};
use pulp::Arch;

use super::losses::Gradient;
use crate::data::dataset::Batch;
use crate::kernel::{Gradients, Matrix, Stages, Trace};
use crate::math::host::{host, on_cpu, with_values};
use crate::math::noise::Noise;
use crate::network::features::Features;

/// A batch and the features of a backbone, on the host.
pub(super) struct Whole<'a> {
    pub arch: Arch,
    pub backbone: Stages<'a>,
    /// The forward pass of the backbone.
    pub trace: Trace,
    /// `[batch, target]`
    pub targets: Vec<f32>,
    /// Dimensions of a target.
    pub target: usize,
    pub gradients: Gradients,
    device: Device,
}

impl<'a> Whole<'a> {
    /// `None` if the backbone does not consist of stages, is not on the CPU, or is in a stack.
    pub fn of<F: Features>(backbone: &'a F, batch: &Batch<F::Input>, noise: &Noise) -> Option<Self> {
        if noise.networks() > 1 || !on_cpu(&batch.target) {
            return None;
        }
        let arch = Arch::new();
        let (backbone, trace) = forward(arch, backbone, batch)?;
        let device = batch.target.device();
        Some(Self {
            arch,
            backbone,
            trace,
            targets: host(&batch.target),
            target: batch.target.dims()[1],
            gradients: Gradients::new(device.clone()),
            device,
        })
    }

    /// The losses as tensors, `[1]` each, and the gradient.
    pub fn finish<const N: usize>(self, losses: [f64; N]) -> ([Tensor<1>; N], Gradient) {
        sweep(&self.device);
        let losses = losses.map(|loss| Tensor::from_floats([loss as f32], &self.device));
        (losses, Gradient::Computed(Some(self.gradients.finish())))
    }
}

/// The stages of a backbone and their forward pass; `None` if it does not consist of stages.
pub(super) fn forward<'a, F: Features>(
    arch: Arch,
    backbone: &'a F,
    batch: &Batch<F::Input>,
) -> Option<(Stages<'a>, Trace)> {
    let (rows, stages) = backbone.stages(&batch.input)?;
    let [_, width] = rows.dims();
    let (input, stages) = (with_values(&rows, |rows| Matrix::of(rows, width)), Stages::of(&stages));
    let trace = stages.forward(arch, input);
    Some((stages, trace))
}

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Makes Burn free the autodiff graphs of updated parameters, with a trivial `backward` every 32 steps. Burn frees them
/// only in `backward`, which these steps do not call; training for 75 epochs would otherwise hold 150 MB of graphs.
fn sweep(device: &Device) {
    const EVERY: usize = 32;
    let steps = STEPS.get() + 1;
    STEPS.set(steps % EVERY);
    if steps == EVERY {
        drop(Tensor::<1>::zeros([1], &device.clone().autodiff()).require_grad().backward());
    }
}
