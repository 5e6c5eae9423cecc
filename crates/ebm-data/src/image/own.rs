//! Your own pictures: a folder of PNG and JPEG files of any size, and a table of their labels.

mod jpeg;
mod list;
mod picture;
mod png;
mod scale;

pub use list::list_pictures;
pub use picture::{Ground, read_picture};

use super::read::BadImages;
use super::untrusted::decoded_size;
use super::{ImageSet, SIDE};
use crate::DataError;
use crate::table::{OnMissing, PictureLabels, picture_labels};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Bytes of a picture once it is read: three colours.
pub const PICTURE_BYTES: usize = 3 * SIDE * SIDE;

/// How a folder of pictures is read.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureOptions {
    /// The columns of labels, at least one.
    pub targets: Vec<String>,
    /// The column of file names. Where there is nothing: the first called `file`, `path`, `image`, `filename` or
    /// `file_name`, or the first that holds text.
    pub file_column: Option<String>,
    /// What is done about a row without a label; it is dropped under `Median` too.
    pub on_missing: OnMissing,
    /// What is done about a picture that cannot be read.
    pub on_bad: BadImages,
    /// What lies behind transparent pixels.
    pub ground: Ground,
}

/// The pictures of a folder with their labels, and what is wrong with the others.
#[derive(Debug, Clone)]
pub struct Pictures {
    /// Three channels, red, green and blue, in the order of the table of labels.
    pub images: ImageSet,
    /// The file of each.
    pub files: Vec<PathBuf>,
    /// What is wrong with the others.
    pub report: PictureReport,
}

/// What is wrong with a folder of pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PictureReport {
    /// Rows dropped because a label is missing.
    pub without_target: usize,
    /// Labelled files that were skipped, with why: they cannot be read, or are not there.
    pub skipped: Vec<(PathBuf, String)>,
    /// Pictures of the folder that no row names.
    pub without_label: Vec<PathBuf>,
}

impl PictureOptions {
    /// Nothing may be missing or unreadable, and transparent pixels lie on white.
    pub fn new(targets: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            targets: targets.into_iter().map(Into::into).collect(),
            file_column: None,
            on_missing: OnMissing::Refuse,
            on_bad: BadImages::Refuse,
            ground: Ground::White,
        }
    }
}

/// Reads the pictures in `folder` that the table `labels` names, and their labels.
///
/// [`read_picture`] says what becomes of one. Each thread holds one decoded picture at a time; the set itself takes
/// 12 KiB a picture, and more than 4 GiB is refused.
///
/// # Errors
/// [`DataError::NoInput`] and others for the table; for pictures, unless they are skipped, [`DataError::NoInput`],
/// [`DataError::Damaged`], [`DataError::TooLarge`], [`DataError::PictureKind`]; [`DataError::NoPictures`] when none is
/// left.
///
/// # Panics
/// When no target is asked for.
pub fn read_pictures(
    folder: impl AsRef<Path>,
    labels: impl AsRef<Path>,
    options: &PictureOptions,
) -> Result<Pictures, DataError> {
    let (folder, labels) = (folder.as_ref(), labels.as_ref());
    assert!(!options.targets.is_empty(), "a label has a number");
    let there = list_pictures(folder)?;
    let PictureLabels { files, places, targets, without_target } =
        picture_labels(labels, options.file_column.as_deref(), &options.targets, options.on_missing)?;
    let files: Vec<PathBuf> = files.iter().map(|file| folder.join(file)).collect();
    let named: HashSet<&PathBuf> = files.iter().collect();
    let without_label = there.into_iter().filter(|path| !named.contains(path)).collect();
    // Nothing bounds it but what is allocated here: the files are there already.
    let size = decoded_size(labels, "pictures", u64::MAX, &[files.len() as u64], PICTURE_BYTES as u64)?;
    let mut pixels = vec![0; size];
    let read = |(into, path): (&mut [u8], &PathBuf)| {
        let picture = read_picture(path, options.ground);
        picture.map(|picture| into.copy_from_slice(&picture)).err()
    };
    let errors = pixels.par_chunks_mut(PICTURE_BYTES).zip(&files).map(read);
    let mut report = PictureReport { without_target, skipped: Vec::new(), without_label };
    let mut kept = vec![true; files.len()];
    match options.on_bad {
        // Whichever thread meets the first error, the one that is told is the first in the order of the table.
        BadImages::Refuse => {
            if let Some((row, error)) = errors.enumerate().find_map_first(|(row, error)| Some((row, error?))) {
                return Err(match error {
                    DataError::NoInput { path, source } => {
                        DataError::NoPicture { path, labels: labels.to_owned(), place: places[row], source }
                    }
                    error => error,
                });
            }
        }
        BadImages::Skip => {
            let errors: Vec<Option<DataError>> = errors.collect();
            for ((kept, path), error) in kept.iter_mut().zip(&files).zip(errors) {
                if let Some(error) = error {
                    *kept = false;
                    report.skipped.push((path.clone(), error.to_string()));
                }
            }
        }
    }
    if kept.iter().all(|kept| !kept) {
        return Err(DataError::NoPictures { path: folder.to_owned(), unreadable: files.len() });
    }
    let width = options.targets.len();
    compact(&mut pixels, PICTURE_BYTES, &kept);
    let mut targets = targets;
    compact(&mut targets, width, &kept);
    let files = files.into_iter().zip(&kept).filter(|(_, kept)| **kept).map(|(path, _)| path).collect();
    Ok(Pictures { images: ImageSet::new(pixels, 3, targets, width), files, report })
}

/// Keeps the rows of `width` values that are to be kept, in place.
fn compact<T: Copy>(values: &mut Vec<T>, width: usize, kept: &[bool]) {
    let mut end = 0;
    for (row, _) in kept.iter().enumerate().filter(|(_, kept)| **kept) {
        values.copy_within(row * width..(row + 1) * width, end * width);
        end += 1;
    }
    values.truncate(end * width);
}
