//! The image tasks: sets of 64 × 64 images with labels.

mod channel_order;
mod set;
mod task;

pub use channel_order::ChannelOrder;
pub use set::{ImageSet, SIDE};
pub use task::ImageTask;
