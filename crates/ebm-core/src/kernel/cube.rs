//! A kernel for GPUs, by CubeCL: Vulkan, Metal, DirectX, CUDA.
//!
//! Tensor operations store every layer's output for every candidate, and start a hundred programs a step. Here it is
//! one, a cube an example, whose candidates never leave the cube's memory. Random numbers are drawn on the GPU too.

mod plan;
mod program;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, DispatchDevice, backend_extension};
use burn::tensor::{DType, Shape, Tensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::step::{FusedLosses, FusedStep, layers_of};
use crate::math::noise::Noise;
use plan::{LOSSES, Plan};
use program::example;

/// Cubes along the first dimension of a launch.
const MOST_ROWS: usize = 65_535;
/// Shared memory that every CUDA device gives a cube without being asked for more.
const MOST_SHARED: usize = 48 << 10;

/// The losses and their gradient, or nothing where the device is no GPU or the network is not of this kind.
///
/// The candidates are those that [`crate::density::Density::sample`] draws: `noise` is asked for the same numbers.
pub(super) fn step(losses: &FusedLosses<'_>, noise: &mut Noise) -> Option<FusedStep> {
    let &FusedLosses { energy, features, target, mixture, learned, objective, m } = losses;
    let device = features.device().inner();
    let DispatchDevice::Cube(cube) = device.as_dispatch() else { return None };
    let networks = noise.networks();
    let ([rows, width], [_, components]) = (target.dims(), mixture.log_weights().dims());
    let batch = rows / networks;
    if width != 1 || !energy.axes.is_empty() || rows > MOST_ROWS {
        return None;
    }
    let shared_bytes = cube.client().properties().hardware.max_shared_memory_size.min(MOST_SHARED);
    let plan = Plan::new(energy, components, learned.is_some(), objective, shared_bytes)?;

    let projected = energy.project(features.clone());
    let weights = layers_of(energy).flat_map(|layer| {
        let [inputs, outputs] = layer.weight.dims();
        let weight = layer.weight.val().reshape([networks, inputs / networks * outputs]);
        let bias = layer.bias.as_ref().map(|bias| bias.val().reshape([networks, outputs]));
        std::iter::once(weight).chain(bias)
    });
    let weights = Tensor::cat(weights.collect(), 1);
    let [means, log_scales] = [mixture.means(), mixture.log_scales()].map(|of| of.squeeze_dim::<2>(1));
    let parameters = Tensor::cat(vec![mixture.log_weights(), means, log_scales], 1);
    let normals = noise.normal([rows, m], &device);
    let uniforms = if components > 1 { noise.uniform([rows, m], &device) } else { normals.clone() };

    let factors = learned.map_or([0.0; 2], |factors| [factors.proposal_kl, factors.nll]);
    let constant = |tensor: &Tensor<2>| tensor.clone().without_autodiff().into_dispatch();
    let outcome = Tensor::<2>::from_dispatch(Dispatch::example_step(
        constant(&weights),
        constant(&projected),
        constant(&parameters),
        constant(target),
        normals.into_dispatch(),
        uniforms.into_dispatch(),
        factors[0],
        factors[1],
        plan.clone(),
    ));

    let means = outcome.clone().reshape([networks, batch, plan.outputs()]).mean_dim(1);
    let means = means.reshape([networks, plan.outputs()]);
    let [energy, proposal_kl, nll] = [0, 1, 2].map(|loss| means.clone().narrow(1, loss, 1).squeeze_dim::<1>(1));
    let parts = [(proposal_kl.clone(), factors[0]), (nll.clone(), factors[1])];
    let weighted = parts.into_iter().filter(|(_, factor)| *factor != 0.0);
    let total = weighted.fold(energy.clone(), |total, (part, factor)| total + part * factor);

    // A function with this gradient, for what comes before the kernel.
    let mut first = LOSSES + plan.weights;
    let mut surrogate = (weights * means.narrow(1, LOSSES, plan.weights)).sum();
    for tensor in std::iter::once(projected).chain(learned.map(|_| parameters)) {
        let [_, width] = tensor.dims();
        surrogate = surrogate + (tensor * outcome.clone().narrow(1, first, width) / batch as f32).sum();
        first += width;
    }
    Some(FusedStep { total, energy, proposal_kl, nll, surrogate: Some(surrogate) })
}

/// The kernel as an operation of Burn's backends.
#[backend_extension(Cube, Fusion)]
pub(super) trait ExampleOps: Backend {
    /// Losses and gradients of every example, `[rows, plan.outputs()]`: not yet divided by their number.
    #[allow(clippy::too_many_arguments)] // As many as the kernel has.
    #[fusion(dtype = projected, shape = Shape::new([projected[0], plan.outputs()]))]
    fn example_step(
        weights: FloatTensor<Self>,
        projected: FloatTensor<Self>,
        mixture: FloatTensor<Self>,
        targets: FloatTensor<Self>,
        normals: FloatTensor<Self>,
        uniforms: FloatTensor<Self>,
        kl_factor: f32,
        nll_factor: f32,
        plan: Plan,
    ) -> FloatTensor<Self>;
}

impl ExampleOps for CubeBackend {
    fn example_step(
        weights: CubeTensor,
        projected: CubeTensor,
        mixture: CubeTensor,
        targets: CubeTensor,
        normals: CubeTensor,
        uniforms: CubeTensor,
        kl_factor: f32,
        nll_factor: f32,
        plan: Plan,
    ) -> CubeTensor {
        let [rows, m, networks] = [normals.meta.shape()[0], normals.meta.shape()[1], weights.meta.shape()[0]];
        let (client, device) = (weights.client.clone(), weights.device.clone());
        let empty = |shape: [usize; 2]| {
            let buffer = client.empty(shape[0] * shape[1] * size_of::<f32>());
            CubeTensor::new_contiguous(client.clone(), device.clone(), Shape::new(shape), buffer, DType::F32)
        };
        let scratch = empty([rows, 2 * m]);
        let output = empty([rows, plan.outputs()]);
        let inputs = [weights, projected, mixture, targets, normals, uniforms];
        let [weights, projected, mixture, targets, normals, uniforms] =
            inputs.map(|tensor| into_contiguous(tensor).into_buffer_arg());
        example::launch(
            &client,
            CubeCount::Static(rows as u32, 1, 1),
            CubeDim::new_1d(plan.units as u32),
            weights,
            projected,
            mixture,
            targets,
            normals,
            uniforms,
            scratch.into_buffer_arg(),
            output.clone().into_buffer_arg(),
            (rows / networks) as u32,
            m as u32,
            kl_factor,
            nll_factor,
            plan,
        );
        output
    }
}
