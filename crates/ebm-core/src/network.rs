//! The networks (paper, App. F): backbones, which turn an input into features, and the heads on these features.

pub mod backbone;
mod batch_norm;
mod conv;
pub mod energy;
pub mod features;
pub mod input;
pub(crate) mod linear;
pub mod mdn;
pub mod mlp;
pub mod piecewise;
#[cfg(feature = "pytorch")]
pub(crate) mod pretrained;
pub mod resnet18;
mod running;
pub mod tabular;
