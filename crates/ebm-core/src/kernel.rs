//! Hand-written kernels: for the CPU, and in `cube` one for GPUs (ADR 0025).
//!
//! One example's candidates are drawn, scored, weighed and turned into gradients while they are in cache: nothing of
//! size batch × candidates × width is ever stored. It is the function of [`crate::loss`] and [`crate::network::energy::EnergyNet`], up
//! to rounding. Small heads have the candidates along the vectors, wide ones the units; the instruction set is chosen at
//! run time. The number of threads changes no bit. See docs/decisions/0013 and 0020.

mod batch;
mod contrast;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
mod cube;
mod dense;
#[cfg(feature = "cpu")]
mod differentiable;
mod elementary;
mod example;
mod gemm;
mod head;
mod importance;
#[cfg(test)]
mod laws;
mod layer;
mod linear;
mod log_sum;
#[cfg(feature = "cpu")]
pub(crate) mod maps;
mod mixture;
mod one_layer;
mod scores;
mod segments;
mod shared;
mod step;
mod surrogate;
mod whole;
mod wide;
mod workspace;

use serde::{Deserialize, Serialize};

pub(crate) use batch::MixtureLosses;
pub(crate) use example::Sums;
pub(crate) use importance::importance;
pub use scores::scores;
pub(crate) use shared::{Shared, log_sums};
pub(crate) use step::{FusedLosses, FusedStep};
pub(crate) use whole::{Proposal, WholeOutcome, WholeStep};

/// What computes a training step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernels {
    /// Kernels of our own: on the CPU for all but MDNs, on a GPU for the paper's 1D networks. Tensor operations elsewhere.
    #[default]
    Fused,
    /// Tensor operations.
    Plain,
}
