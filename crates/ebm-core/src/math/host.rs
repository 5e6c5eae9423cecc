//! Values of a tensor on the host.

use burn::tensor::Tensor;

/// The values of a tensor, row-major, as `f64`.
pub(crate) fn to_host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f32>().map(f64::from).collect()
}

/// The values of a tensor, row-major. Works on autodiff tensors too.
pub(crate) fn host<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    let data = tensor.clone().without_autodiff().into_data();
    data.try_to_vec().expect("devices hold f32")
}

/// Whether the tensor is `f32` and in this process's memory, so that hand-written loops can use it.
#[cfg(feature = "cpu")]
pub(crate) fn on_cpu<const D: usize>(tensor: &Tensor<D>) -> bool {
    use burn::tensor::{DType, Device};
    tensor.dtype() == DType::F32 && tensor.device() == Device::flex()
}

#[cfg(not(feature = "cpu"))]
pub(crate) fn on_cpu<const D: usize>(_: &Tensor<D>) -> bool {
    false
}
