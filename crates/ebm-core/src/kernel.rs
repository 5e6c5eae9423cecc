//! Hand-written kernels for the CPU, for networks so small that tensor operations cost more than their arithmetic.
//!
//! One example's candidates are drawn, scored, weighed and turned into gradients while they are in cache: nothing of
//! size batch × candidates × width is ever stored. It is the function of [`crate::loss`] and [`crate::EnergyNet`], up
//! to rounding. Candidates lie along the vectors; the instruction set is chosen at run time. The number of threads
//! changes no bit. See docs/decisions/0013.

mod batch;
mod contrast;
mod dense;
mod elementary;
mod example;
mod head;
mod importance;
#[cfg(test)]
mod laws;
mod layer;
mod linear;
mod log_sum;
mod mixture;
mod one_layer;
mod scores;
mod segments;
mod shared;
mod step;
mod surrogate;
mod whole;
mod workspace;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

pub(crate) use batch::MixtureLosses;
pub(crate) use example::Sums;
pub(crate) use importance::importance;
pub use scores::scores;
pub(crate) use shared::{Shared, log_sums};
pub(crate) use step::{FusedLosses, host};
pub(crate) use whole::{Proposal, WholeOutcome, WholeStep};

/// What computes a training step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernels {
    /// A kernel of our own where there is one: on the CPU, for scalar targets and layers of at most 64 units. Tensor
    /// operations elsewhere.
    #[default]
    Fused,
    /// Tensor operations.
    Plain,
}

/// Whether the tensor is one of `f32` in this process's own memory, which loops of our own may work on.
#[cfg(feature = "cpu")]
pub(crate) fn on_cpu<const D: usize>(tensor: &Tensor<D>) -> bool {
    use burn::tensor::{DType, Device};
    tensor.dtype() == DType::F32 && tensor.device() == Device::flex()
}

#[cfg(not(feature = "cpu"))]
pub(crate) fn on_cpu<const D: usize>(_: &Tensor<D>) -> bool {
    false
}
