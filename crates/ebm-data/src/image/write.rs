//! Writes images in the layout that their publishers use.

mod hdf5;
#[cfg(feature = "npz")]
mod npz;

use super::set::ImageSet;
use super::task::{ImageTask, SIDE};
use crate::error::{DataError, ImageError};
use ebm_core::write_atomic_with;
use std::path::Path;

/// Writes the images to `path` in the layout of the task, atomically replacing any older file.
///
/// Steering, cells and age become HDF5, head poses an npz file; [`read_images`](super::read_images) says how they are
/// laid out. Labels are 64-bit floats; counts and ages are 64-bit integers where all of them are whole. One image at a
/// time is held in memory. Equal sets make equal bytes.
///
/// # Errors
/// [`ImageError::OtherTask`] when the widths are not those of the task; [`ImageError::ImageSize`] when the images are
/// not 64 × 64; [`DataError::IsDirectory`]; [`DataError::Write`]; [`DataError::NotCompiledIn`] for head poses without
/// the feature `npz`.
pub fn write_images(path: impl AsRef<Path>, task: ImageTask, images: &ImageSet) -> Result<(), DataError> {
    let path = path.as_ref();
    let found = [images.channels(), images.label_width()];
    if found != [task.channels(), task.target_width()] {
        let (channels, labels) = (task.channels(), task.target_width());
        return Err(ImageError::OtherTask { task: task.name(), channels, labels, found }.into());
    }
    if images.side() != SIDE {
        let side = images.side();
        return Err(ImageError::ImageSize { path: path.to_owned(), width: side, height: side }.into());
    }
    if path.is_dir() {
        return Err(DataError::IsDirectory { path: path.to_owned() });
    }
    if task == ImageTask::HeadPose && cfg!(not(feature = "npz")) {
        return Err(DataError::NotCompiledIn { path: path.to_owned(), kind: "npz", feature: "npz" });
    }
    let written = write_atomic_with(path, |file| match task {
        #[cfg(feature = "npz")]
        ImageTask::HeadPose => npz::write(file, task.keys(), images),
        #[cfg(not(feature = "npz"))]
        ImageTask::HeadPose => unreachable!("refused above"),
        ImageTask::Steering | ImageTask::Cells | ImageTask::Age => hdf5::write(file, task, images),
    });
    written.map_err(|source| DataError::Write { path: path.to_owned(), source })
}
