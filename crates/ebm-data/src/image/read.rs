//! The paper's images from the files that their publishers give.

use super::bad_images::BadImages;
use super::cell_folder;
use super::file_kind::FileKind;
#[cfg(feature = "hdf5")]
use super::hdf5;
#[cfg(feature = "npz")]
use super::npz;
use super::set::ImageSet;
use super::task::ImageTask;
use crate::error::{DataError, ImageError};
use std::path::Path;

/// Images, and the pictures that were skipped.
#[derive(Debug)]
pub struct Reading {
    /// The images.
    pub images: ImageSet,
    /// The errors of the pictures that were skipped.
    pub skipped: Vec<DataError>,
}

/// Reads the images of a task from a file as its publishers give it.
///
/// | task | file | images | labels |
/// |---|---|---|---|
/// | steering | HDF5 | `images` `(N, 3, 64, 64)` | `labels`, degrees, −720..720 |
/// | cells | HDF5 | `IMGs_grey` `(N, 1, 64, 64)` | `CellCounts`, 1..200 |
/// | cells | folder | `INDEX_COUNT.0.png`, read in the order of INDEX | in the name |
/// | age | HDF5 | `images` `(N, 3, 64, 64)` | `labels`, years; 1..60 are kept, the others counted |
/// | head pose | npz | `image` `(N, 64, 64, 3)` | `pose` `(N, 3)`: yaw, pitch, roll, degrees, −180..180 |
///
/// - **Pixels** are bytes, and colours stay in the order they are stored in. Pixels of a PNG that are not grey bytes
///   are converted: transparency is dropped, 16 bits lose their lower 8, colours become
///   `(19595 R + 38470 G + 7471 B + 2^15) / 2^16`, palettes are looked up. The first picture of an animation is read.
/// - **Labels** may be integers or floats of any width, in either byte order.
/// - **HDF5** may be contiguous, compact or chunked, with gzip, shuffle and Fletcher-32, of any superblock. Nothing
///   outside the file is followed.
/// - **Memory** is that of the decoded images and one block or chunk; more than 4 GiB is refused.
///
/// # Errors
/// [`DataError::NoInput`]; [`DataError::IsDirectory`] where only cells come in folders; [`DataError::NotCompiledIn`]
/// without the features `hdf5` and `npz`; for content, naming file and place:
/// [`ImageError::Format`], [`DataError::Damaged`], [`ImageError::MissingKey`], [`ImageError::Shape`],
/// [`ImageError::NumberType`], [`DataError::TooLarge`], [`ImageError::SmallChunks`], [`ImageError::Label`],
/// [`ImageError::NoImages`], [`ImageError::ImageSize`], [`ImageError::ImageName`], [`ImageError::DuplicateImage`].
pub fn read_images(path: impl AsRef<Path>, task: ImageTask) -> Result<ImageSet, DataError> {
    read_images_or_skip(path, task, BadImages::Refuse).map(|reading| reading.images)
}

/// As [`read_images`], with a choice for the bad pictures of a folder: those that cannot be read
/// ([`DataError::Damaged`]), are of another size ([`ImageError::ImageSize`]), or have no count in their name
/// ([`ImageError::ImageName`]). A file is read as a whole or not at all.
///
/// # Errors
/// As [`read_images`]; [`ImageError::NoImages`] where none is left.
pub fn read_images_or_skip(path: impl AsRef<Path>, task: ImageTask, bad: BadImages) -> Result<Reading, DataError> {
    let path = path.as_ref();
    let kind = FileKind::of(path)?;
    kind.check_reader(path)?;
    match (kind, task) {
        (FileKind::Folder, ImageTask::Cells) => {
            cell_folder::read(path, bad).map(|(images, skipped)| Reading { images, skipped })
        }
        (FileKind::Folder, _) => Err(DataError::IsDirectory { path: path.to_owned() }),
        #[cfg(feature = "hdf5")]
        (FileKind::Hdf5, ImageTask::Steering | ImageTask::Cells | ImageTask::Age) => {
            hdf5::read(path, task).map(|images| Reading { images, skipped: Vec::new() })
        }
        #[cfg(feature = "npz")]
        (FileKind::Zip, ImageTask::HeadPose) => {
            npz::read(path, task).map(|images| Reading { images, skipped: Vec::new() })
        }
        (found, _) => {
            let expected = if task == ImageTask::HeadPose { "an npz file" } else { "an HDF5 file" };
            Err(ImageError::Format { path: path.to_owned(), found: found.name(), task: task.name(), expected }.into())
        }
    }
}
