//! The gradient of a loss with respect to parameters, from numbers on the host.

use burn::module::Param;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};

/// Gradients under the ids of their parameters.
pub(crate) struct Gradients {
    registered: GradientsParams,
    device: Device,
}

impl Gradients {
    /// No gradients yet. `device` is that of the parameters, without autodiff.
    pub(crate) fn new(device: Device) -> Self {
        Self { registered: GradientsParams::new(), device }
    }

    /// Registers the gradient of a parameter, row-major.
    pub(crate) fn add<const D: usize>(&mut self, parameter: &Param<Tensor<D>>, numbers: Vec<f32>) {
        let data = TensorData::new(numbers, parameter.dims());
        self.registered.register(parameter.id, Tensor::<D>::from_data(data, &self.device));
    }

    pub(crate) fn finish(self) -> GradientsParams {
        self.registered
    }
}
