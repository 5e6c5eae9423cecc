//! Real files of images, by what they hold.

use super::{ImageSet, ImageTask, hdf5, npz, png_folder};
use crate::DataError;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// What a path leads to, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A folder.
    Folder,
    /// An HDF5 file.
    Hdf5,
    /// A zip file, as `.npz` files are.
    Zip,
    /// Anything else.
    Other,
}

impl Content {
    /// As a message says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Folder => "a folder",
            Self::Hdf5 => "an HDF5 file",
            Self::Zip => "a zip file",
            Self::Other => "neither an HDF5 nor an npz file",
        }
    }

    /// Looks at the first bytes; a name means nothing.
    pub(super) fn of(path: &Path) -> Result<Self, DataError> {
        let no_input = |source| DataError::NoInput { path: path.to_owned(), source };
        if fs::metadata(path).map_err(no_input)?.is_dir() {
            return Ok(Self::Folder);
        }
        let mut file = File::open(path).map_err(no_input)?;
        if starts_with(&mut file, 0, b"PK\x03\x04").map_err(no_input)? {
            return Ok(Self::Zip);
        }
        // A user block of 512 bytes or a larger power of two may stand before the HDF5 signature.
        let length = file.metadata().map_err(no_input)?.len();
        let mut at = 0;
        while at < length {
            if starts_with(&mut file, at, b"\x89HDF\r\n\x1a\n").map_err(no_input)? {
                return Ok(Self::Hdf5);
            }
            at = (at * 2).max(512);
        }
        Ok(Self::Other)
    }
}

fn starts_with(file: &mut File, at: u64, signature: &[u8]) -> io::Result<bool> {
    let mut found = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(signature.len() as u64).read_to_end(&mut found)?;
    Ok(found == signature)
}

/// What becomes of a picture in a folder that is no good, or not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadImages {
    /// It is an error that names it.
    #[default]
    Refuse,
    /// It is left out, counted and reported.
    Skip,
}

/// Images, and what was left out of them.
#[derive(Debug)]
pub struct Reading {
    /// The images.
    pub images: ImageSet,
    /// Why each picture was skipped that was; the errors name the files.
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
/// [`DataError::NoInput`]; [`DataError::IsDirectory`] where only cells come in folders; for content, naming file and
/// place: [`DataError::Format`], [`DataError::Damaged`], [`DataError::MissingKey`], [`DataError::Shape`],
/// [`DataError::NumberType`], [`DataError::TooLarge`], [`DataError::SmallChunks`], [`DataError::Label`],
/// [`DataError::NoImages`], [`DataError::ImageSize`], [`DataError::ImageName`], [`DataError::DuplicateImage`].
pub fn read_images(path: impl AsRef<Path>, task: ImageTask) -> Result<ImageSet, DataError> {
    read_images_or_skip(path, task, BadImages::Refuse).map(|reading| reading.images)
}

/// As [`read_images`], and says what becomes of the bad pictures of a folder: those that cannot be read
/// ([`DataError::Damaged`]), are of another size ([`DataError::ImageSize`]), or have no count in their name
/// ([`DataError::ImageName`]). Of a file nothing is ever skipped.
///
/// # Errors
/// As [`read_images`]; [`DataError::NoImages`] where none is left.
pub fn read_images_or_skip(path: impl AsRef<Path>, task: ImageTask, bad: BadImages) -> Result<Reading, DataError> {
    let path = path.as_ref();
    let whole = |images| Reading { images, skipped: Vec::new() };
    match (Content::of(path)?, task) {
        (Content::Folder, ImageTask::Cells) => png_folder::read(path, bad),
        (Content::Folder, _) => Err(DataError::IsDirectory { path: path.to_owned() }),
        (Content::Hdf5, ImageTask::Steering | ImageTask::Cells | ImageTask::Age) => hdf5::read(path, task).map(whole),
        (Content::Zip, ImageTask::HeadPose) => npz::read(path, task).map(whole),
        (found, _) => {
            let expected = if task == ImageTask::HeadPose { "an npz file" } else { "an HDF5 file" };
            Err(DataError::Format { path: path.to_owned(), found: found.name(), task: task.name(), expected })
        }
    }
}
