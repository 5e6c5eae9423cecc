//! The image tasks: sets of 64 × 64 images with labels.
//!
//! ```no_run
//! use ebm_data::image::{Augmentation, ImageTask, read_images};
//!
//! # fn main() -> Result<(), ebm_data::DataError> {
//! let cells = read_images("Cell200_64x64.h5", ImageTask::Cells)?;
//! let rule = ImageTask::Cells.split_rule().expect("one file, split in two");
//! let split = cells.split(7, rule)?; // split.train, split.test, and the rows to save with a run
//!
//! let heads = read_images("BIWI_train.npz", ImageTask::HeadPose)?.augmented(Augmentation::HeadPose);
//! # Ok(())
//! # }
//! ```

mod augmentation;
mod channel_order;
mod dataset;
mod hdf5;
mod inspect;
mod labels;
mod npz;
mod own;
mod png_folder;
mod read;
mod resize;
mod set;
mod split;
mod task;
pub(crate) mod untrusted;
mod write;

pub use augmentation::Augmentation;
pub use channel_order::ChannelOrder;
pub use inspect::{Array, Fit, Inspection, inspect};
pub use own::{
    Ground, PICTURE_BYTES, PictureOptions, PictureReport, Pictures, list_pictures, read_picture, read_pictures,
};
pub use read::{BadImages, Content, Reading, read_images, read_images_or_skip};
pub use set::{ImageSet, SIDE};
pub use split::{ImageSplit, SplitRows, SplitRule};
pub use task::{ImageTask, Keys};
pub use write::write_images;
