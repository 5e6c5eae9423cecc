//! The image tasks: sets of 64 × 64 images with labels.

mod augmentation;
mod channel_order;
mod dataset;
mod hdf5;
mod inspect;
mod labels;
mod npz;
mod png_folder;
mod read;
mod resize;
mod set;
mod split;
mod task;
mod untrusted;
mod write;

pub use augmentation::Augmentation;
pub use channel_order::ChannelOrder;
pub use inspect::{Array, Fit, Inspection, inspect};
pub use read::{Content, read_images};
pub use set::{ImageSet, SIDE};
pub use split::{ImageSplit, SplitRows, SplitRule};
pub use task::{ImageTask, Keys};
pub use write::write_images;
