//! Hand-written kernels on slices: for the CPU, and one for GPUs in `gpu` (ADR 0025).
//!
//! The candidates of one example are drawn, scored and weighted, and their gradients computed, while they are in cache.
//! No array of size batch × candidates × width is stored. Kernels take weights, not networks; up to rounding they
//! compute the same functions as [`crate::loss`] and [`crate::EnergyNet`]. SIMD lanes are candidates for narrow heads
//! and units for wide heads; the instruction set is chosen at run time. Results are bitwise the same for any number of
//! threads. See ADRs 0013, 0020 and 0030.

mod batch;
mod branches;
mod contrast;
#[cfg(feature = "cpu")]
pub(crate) mod conv;
mod dense;
#[cfg(feature = "cpu")]
mod differentiable;
mod elementary;
mod example;
mod gemm;
#[cfg(any(feature = "wgpu", feature = "cuda"))]
pub(crate) mod gpu;
mod gradients;
mod head;
mod importance;
mod kinks;
#[cfg(test)]
mod laws;
mod layer;
mod likelihood;
mod linear;
mod log_sum;
mod matrix;
mod mixture;
mod mixtures;
mod narrow;
mod norm;
mod one_layer;
mod scores;
mod segments;
mod stages;
mod step;
mod wide;
mod workspace;

use serde::{Deserialize, Serialize};

pub(crate) use batch::run;
pub(crate) use branches::Branches;
pub(crate) use gradients::Gradients;
pub(crate) use head::{Head, WIDEST, Weights};
pub(crate) use importance::{Request, importance};
pub(crate) use kinks::kinks;
pub(crate) use layer::Layer;
pub(crate) use likelihood::likelihood;
pub(crate) use log_sum::log_sums;
pub(crate) use matrix::Matrix;
pub(crate) use mixtures::Mixtures;
pub(crate) use one_layer::OneLayer;
pub(crate) use scores::scores_of_narrow;
pub use stages::Stage;
pub(crate) use stages::{Stages, Trace};
pub(crate) use step::{AnyHead, MixtureLosses, Outcome, Step, Sums};
pub(crate) use wide::WideHead;

/// The implementation that computes a training step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernels {
    /// Hand-written kernels on the CPU (all models) and on GPUs (the paper's 1D networks). Tensor operations otherwise.
    #[default]
    Fused,
    /// Tensor operations.
    Plain,
}
