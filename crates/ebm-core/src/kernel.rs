//! Hand-written kernels, from slices to slices: for the CPU, and in `gpu` one for GPUs (ADR 0025).
//!
//! One example's candidates are drawn, scored, weighed and turned into gradients while they are in cache: nothing of
//! size batch × candidates × width is ever stored. A kernel knows no network and no method: it is the function of
//! [`crate::loss`] and of [`crate::EnergyNet`], up to rounding, of their weights. Small heads have the candidates along
//! the vectors, wide ones the units; the instruction set is chosen at run time. The number of threads changes no bit.
//! See ADRs 0013 and 0020.

mod batch;
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
mod head;
mod importance;
#[cfg(test)]
mod laws;
mod layer;
mod layers;
mod linear;
mod log_sum;
mod mixture;
mod mixtures;
mod one_layer;
mod scores;
mod segments;
mod step;
mod wide;
mod workspace;

use serde::{Deserialize, Serialize};

pub(crate) use batch::run;
pub(crate) use head::{Head, WIDEST, Weights};
pub(crate) use importance::{Request, importance};
pub(crate) use layer::{BLOCK, Layer, LayerGradient};
pub(crate) use layers::{Branches, Layers};
pub(crate) use log_sum::log_sums;
pub(crate) use mixtures::{Mixtures, to_rows, to_units};
pub(crate) use one_layer::OneLayer;
pub(crate) use scores::scores_of_narrow;
pub(crate) use step::{AnyHead, MixtureLosses, Outcome, Step, Sums};
pub(crate) use wide::WideHead;

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
