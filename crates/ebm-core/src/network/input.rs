//! Inputs of a feature network: a tensor of any rank and kind, or several tensors.

use std::ops::Range;

use burn::tensor::kind::Autodiff;
use burn::tensor::{DType, Device, Element, Tensor, TensorData};

/// The inputs of a batch; examples are along the first dimension.
///
/// Implemented for every [`Tensor`], and for pairs and triples of inputs.
pub trait Input: Clone + Send + 'static {
    /// Number of examples.
    fn rows(&self) -> usize;

    /// Number of values in the input of one example.
    fn width(&self) -> usize;

    /// The examples with indices in `rows`.
    fn slice(&self, rows: Range<usize>) -> Self;

    /// The same inputs with gradients enabled: the input of a training step.
    fn autodiff(self) -> Self;

    /// The same inputs as constants on `device`.
    fn on(self, device: &Device) -> Self;

    /// The values on the host, one array per tensor: `f32` or `i64`.
    fn to_host(&self) -> Vec<TensorData>;

    /// The inverse of [`Input::to_host`]: takes one array per tensor from `parts`.
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
        Tensor::from_data(parts.next().expect("an array for every tensor of the input"), device)
    }
}

/// Implements [`Input`] for a tuple of inputs.
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

/// The rows of an array with these indices, in this order.
///
/// # Panics
/// If the array holds neither `f32` nor `i64`, or an index is out of range.
pub(crate) fn gather(array: &TensorData, rows: &[usize]) -> TensorData {
    fn of<E: Element>(array: &TensorData, rows: &[usize]) -> TensorData {
        let numbers = array.as_slice::<E>().expect("the type was checked");
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
