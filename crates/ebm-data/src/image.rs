//! The image tasks: sets of 64 × 64 images with labels.

mod channel_order;
mod contact_sheet;
mod set;
mod task;

pub use channel_order::ChannelOrder;
pub use contact_sheet::{ContactSheet, contact_sheet};
pub use set::{ImageSet, SIDE};
pub use task::ImageTask;
