//! The networks (paper, App. F): backbones from an input to features, and the heads on them.

pub mod backbone;
mod batch_norm;
mod conv;
pub mod energy;
pub mod features;
pub mod input;
pub(crate) mod linear;
pub mod mdn;
pub mod mlp;
pub(crate) mod pretrained;
pub mod resnet18;
mod running;
pub mod tabular;
