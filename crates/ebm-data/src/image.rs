//! The image tasks: sets of 64 × 64 images with labels.

mod set;
mod task;

pub use set::{ImageSet, SIDE};
pub use task::ImageTask;
