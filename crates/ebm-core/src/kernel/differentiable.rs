//! Hand-written functions of CPU tensors with their gradients, as operations of Burn's automatic differentiation.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::NoCheckpointing;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Autodiff, Flex};
use burn::tensor::{Shape, Tensor, TensorData};

/// The values of a tensor on the CPU in row-major order; memory is shared with a contiguous tensor.
#[derive(Clone, Debug)]
pub(super) struct Numbers(FloatTensor<Flex>);

impl Numbers {
    /// # Panics
    /// If the length of `numbers` is not the product of `shape`.
    pub(super) fn new<const D: usize>(numbers: Vec<f32>, shape: [usize; D]) -> Self {
        Self(primitive(numbers, shape.into()))
    }

    /// # Panics
    /// If the tensor is not on the CPU or not `f32`.
    pub(super) fn of<const D: usize>(tensor: &Tensor<D>) -> Self {
        let primitive = tensor.clone().without_autodiff().try_into_primitive::<Flex>().expect("a tensor on the CPU");
        Self(if primitive.is_contiguous() { primitive } else { primitive.to_contiguous() })
    }

    pub(super) fn as_slice(&self) -> &[f32] {
        self.0.as_slice().expect("contiguous f32 values")
    }

    /// These values as a constant tensor.
    pub(super) fn into_tensor<const D: usize>(self) -> Tensor<D> {
        Tensor::from_primitive::<Flex>(self.0)
    }
}

/// An input tensor of a [`differentiable`] function.
pub(super) struct Parent {
    tensor: FloatTensor<Autodiff<Flex>>,
    shape: Shape,
    is_autodiff: bool,
}

impl Parent {
    pub(super) fn new<const D: usize>(tensor: &Tensor<D>) -> Self {
        let (shape, is_autodiff) = (tensor.shape(), tensor.is_autodiff());
        let tensor = tensor.clone().autodiff().try_into_primitive::<Autodiff<Flex>>().expect("a tensor on the CPU");
        Self { tensor, shape, is_autodiff }
    }
}

/// `output` as a differentiable function of `parents`; a constant if all parents are constants.
///
/// # Gradient
/// `gradient` maps the gradient of the output to the gradients of the requested parents.
pub(super) fn differentiable<const N: usize, const D: usize>(
    parents: [Parent; N],
    Numbers(output): Numbers,
    gradient: impl Fn(&[f32], [bool; N]) -> [Option<Vec<f32>>; N] + Send + Sync + 'static,
) -> Tensor<D> {
    if parents.iter().all(|parent| !parent.is_autodiff) {
        return Tensor::from_primitive::<Flex>(output);
    }
    let shapes = parents.each_ref().map(|parent| parent.shape.clone());
    let nodes = parents.each_ref().map(|parent| parent.tensor.node());
    let output = match ByHand.prepare::<NoCheckpointing>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(preparation) => preparation.finish(State { shapes, gradient: Arc::new(gradient) }, output),
        OpsKind::UnTracked(preparation) => preparation.finish(output),
    };
    Tensor::from_primitive::<Autodiff<Flex>>(output)
}

fn primitive(numbers: Vec<f32>, shape: Shape) -> FloatTensor<Flex> {
    Flex::float_from_data(TensorData::new(numbers, shape), &Default::default())
}

#[derive(Debug)]
struct ByHand;

type Gradient<const N: usize> = Arc<dyn Fn(&[f32], [bool; N]) -> [Option<Vec<f32>>; N] + Send + Sync>;

#[derive(Clone)]
struct State<const N: usize> {
    shapes: [Shape; N],
    gradient: Gradient<N>,
}

impl<const N: usize> Debug for State<N> {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        write!(formatter, "State({:?})", self.shapes)
    }
}

impl<const N: usize> Backward<Flex, N> for ByHand {
    type State = State<N>;

    fn backward(self, ops: Ops<Self::State, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
        let slopes = gradients.consume::<Flex>(&ops.node);
        let slopes = Numbers(if slopes.is_contiguous() { slopes } else { slopes.to_contiguous() });
        let State { shapes, gradient } = ops.state;
        let found = gradient(slopes.as_slice(), ops.parents.each_ref().map(Option::is_some));
        for ((parent, shape), numbers) in ops.parents.into_iter().zip(shapes).zip(found) {
            if let (Some(parent), Some(numbers)) = (parent, numbers) {
                gradients.register::<Flex>(parent.id, primitive(numbers, shape));
            }
        }
    }
}
