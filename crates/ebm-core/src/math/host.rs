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

/// Calls `read` with the values of a tensor, row-major. They are not copied if the tensor is contiguous and on the CPU.
pub(crate) fn with_values<const D: usize, T>(tensor: &Tensor<D>, read: impl FnOnce(&[f32]) -> T) -> T {
    let constant = tensor.clone().without_autodiff();
    #[cfg(feature = "cpu")]
    if on_cpu(&constant) {
        let primitive = constant.try_into_primitive::<burn::backend::Flex>().expect("a tensor on the CPU");
        let contiguous = if primitive.is_contiguous() { primitive } else { primitive.to_contiguous() };
        return read(contiguous.as_slice().expect("contiguous f32 values"));
    }
    read(&host(&constant))
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
