//! What a feature network reads: a tensor of any rank and kind, or several of them.

use std::ops::Range;

use burn::tensor::kind::Autodiff;
use burn::tensor::{DType, Device, Element, Tensor, TensorData};

/// The inputs of a batch, one example after another along the first dimension.
///
/// Every [`Tensor`] is one, and so are pairs and triples of inputs.
pub trait Input: Clone + Send + 'static {
    /// Number of examples.
    fn rows(&self) -> usize;

    /// Numbers in the input of one example.
    fn width(&self) -> usize;

    /// Some of the examples.
    fn slice(&self, rows: Range<usize>) -> Self;

    /// The same with gradients enabled: the input of a training step.
    fn autodiff(self) -> Self;

    /// The same as constants on a device.
    fn on(self, device: &Device) -> Self;

    /// The numbers in memory, tensor by tensor: `f32` or `i64`.
    fn to_host(&self) -> Vec<TensorData>;

    /// Takes as many tensors from `parts` as [`Input::to_host`] gives.
    fn from_host(parts: &mut dyn Iterator<Item = TensorData>, device: &Device) -> Self;
}

impl<const D: usize, K: Autodiff + 'static> Input for Tensor<D, K> {
    fn rows(&self) -> usize {
        self.dims()[0]
    }

    fn width(&self) -> usize {
        self.dims()[1..].iter().product()
    }

    fn slice(&self, rows: Range<usize>) -> Self {
        self.clone().slice([rows])
    }

    fn autodiff(self) -> Self {
        Tensor::autodiff(self)
    }

    fn on(self, device: &Device) -> Self {
        self.without_autodiff().to_device(device)
    }

    fn to_host(&self) -> Vec<TensorData> {
        let data = self.clone().without_autodiff().into_data();
        vec![if data.dtype().is_float() { data.convert::<f32>() } else { data.convert::<i64>() }]
    }

    fn from_host(parts: &mut dyn Iterator<Item = TensorData>, device: &Device) -> Self {
        Tensor::from_data(parts.next().expect("a tensor for every part of the input"), device)
    }
}

/// Joins the methods of the parts.
macro_rules! joint_input {
    ($($part:ident $index:tt),+) => {
        impl<$($part: Input),+> Input for ($($part,)+) {
            fn rows(&self) -> usize {
                self.0.rows()
            }

            fn width(&self) -> usize {
                0 $(+ self.$index.width())+
            }

            fn slice(&self, rows: Range<usize>) -> Self {
                ($(self.$index.slice(rows.clone()),)+)
            }

            fn autodiff(self) -> Self {
                ($(self.$index.autodiff(),)+)
            }

            fn on(self, device: &Device) -> Self {
                ($(self.$index.on(device),)+)
            }

            fn to_host(&self) -> Vec<TensorData> {
                [$(self.$index.to_host()),+].concat()
            }

            fn from_host(parts: &mut dyn Iterator<Item = TensorData>, device: &Device) -> Self {
                ($($part::from_host(parts, device),)+)
            }
        }
    };
}

joint_input!(A 0, B 1);
joint_input!(A 0, B 1, C 2);

/// The rows of an array in memory, in the order asked for.
///
/// # Panics
/// When the array holds neither `f32` nor `i64`, or there is no such row.
pub(crate) fn gather(array: &TensorData, rows: &[usize]) -> TensorData {
    fn of<E: Element>(array: &TensorData, rows: &[usize]) -> TensorData {
        let numbers = array.as_slice::<E>().expect("the type was looked at");
        let mut shape = array.shape().to_vec();
        let width = shape[1..].iter().product::<usize>();
        shape[0] = rows.len();
        TensorData::new(rows.iter().flat_map(|row| &numbers[row * width..][..width]).copied().collect(), shape)
    }
    match array.dtype() {
        DType::F32 => of::<f32>(array, rows),
        DType::I64 => of::<i64>(array, rows),
        other => panic!("inputs are f32 or i64, not {other:?}"),
    }
}
