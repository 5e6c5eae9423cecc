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

mod array;
mod augmentation;
mod bad_images;
mod cell_folder;
mod channel_order;
mod dataset;
mod file_kind;
#[cfg(feature = "hdf5")]
mod hdf5;
mod inspect;
mod labels;
#[cfg(feature = "npz")]
mod npz;
mod picture;
mod pictures;
mod read;
mod resize;
mod set;
mod split;
mod task;
pub(crate) mod triangle;
mod write;

pub use array::Array;
pub use augmentation::Augmentation;
pub use bad_images::BadImages;
pub use channel_order::ChannelOrder;
pub use file_kind::FileKind;
pub use inspect::{Fit, Inspection, inspect};
pub use picture::{Ground, PICTURE_SIDES, picture_bytes, read_picture};
pub use pictures::{PictureOptions, PictureReport, Pictures, list_pictures, read_pictures};
pub use read::{Reading, read_images, read_images_or_skip};
pub use set::ImageSet;
pub use split::{ImageSplit, SplitRows, SplitRule};
pub use task::{ImageTask, Keys, SIDE};
pub use write::write_images;
