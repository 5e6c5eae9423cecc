//! A kernel for GPUs, by CubeCL: Vulkan, Metal, DirectX, CUDA.
//!
//! Tensor operations store every layer's output for every candidate and launch a hundred kernels per step. Here a
//! single kernel computes the step, with one cube per example; layer outputs stay in the cube's memory. Random numbers
//! are drawn on the GPU too.

mod plan;
mod program;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, DispatchDevice, backend_extension};
use burn::tensor::{DType, Device, Shape, Tensor};
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use super::step::MixtureLosses;
use crate::loss::Objective;
pub(crate) use plan::{HeadShape, LOSSES, Plan};
use program::example;

/// Most cubes along the first dimension of a launch.
const MOST_ROWS: usize = 65_535;
/// Shared memory per cube, in bytes, that every CUDA device offers by default.
const MOST_SHARED: usize = 48 << 10;

/// The plan of a network's step; `None` if the device is not a GPU or there are too many rows or weights.
pub(crate) fn plan(
    device: &Device,
    head: &HeadShape,
    mixture: (usize, bool),
    objective: Objective,
    rows: usize,
) -> Option<Plan> {
    let DispatchDevice::Cube(cube) = device.as_dispatch() else { return None };
    let shared_bytes = cube.client().properties().hardware.max_shared_memory_size.min(MOST_SHARED);
    if rows > MOST_ROWS { None } else { Plan::new(head, mixture, objective, shared_bytes) }
}

/// Inputs of a batch's step, one row per example. All are constants.
pub(crate) struct GpuStep {
    /// Weights of each network of a stack, `[networks, plan.weights]`.
    pub weights: Tensor<2>,
    /// `W_x h_x + b`, `[rows, hidden]`.
    pub projected: Tensor<2>,
    /// Log-weights, means and log-scales, `[rows, 3 · components]`.
    pub mixture: Tensor<2>,
    /// `[rows, 1]`
    pub targets: Tensor<2>,
    /// Standard normal numbers, `[rows, m]`.
    pub normals: Tensor<2>,
    /// Uniform numbers on `[0, 1)`, `[rows, m]`.
    pub uniforms: Tensor<2>,
    /// Factors of the mixture's losses in the total loss.
    pub factors: MixtureLosses,
}

impl GpuStep {
    /// Losses and gradients of every example, `[rows, plan.outputs()]`, not divided by the batch size. The first
    /// [`LOSSES`] are the energy's loss, `log Z` and the mixture's negative log-likelihood.
    pub(crate) fn run(self, plan: &Plan) -> Tensor<2> {
        let constant = |tensor: Tensor<2>| tensor.without_autodiff().into_dispatch();
        Tensor::<2>::from_dispatch(Dispatch::example_step(
            constant(self.weights),
            constant(self.projected),
            constant(self.mixture),
            constant(self.targets),
            constant(self.normals),
            constant(self.uniforms),
            self.factors.proposal_kl,
            self.factors.nll,
            plan.clone(),
        ))
    }
}

/// The kernel as an operation of Burn's backends.
#[backend_extension(Cube, Fusion)]
pub(super) trait ExampleOps: Backend {
    /// Losses and gradients of every example, `[rows, plan.outputs()]`, not divided by the batch size.
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
