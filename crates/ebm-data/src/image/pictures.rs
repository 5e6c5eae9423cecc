//! Your own pictures: a folder of PNG and JPEG files of any size, and a table of their labels.

mod list;

pub use list::list_pictures;

use super::bad_images::{BadImages, keep_rows, read_all};
use super::picture::{Ground, check_side, picture_bytes, read_picture};
use super::set::ImageSet;
use super::task::SIDE;
use crate::error::{DataError, ImageError};
use crate::table::{OnMissing, PictureLabels, picture_labels};
use serde::Serialize;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// How a folder of pictures is read.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureOptions {
    /// The columns of labels, at least one.
    pub targets: Vec<String>,
    /// The column of file names; `None` for the first called `file`, `path`, `image`, `filename` or
    /// `file_name`, or the first that holds text.
    pub file_column: Option<String>,
    /// How a row without a label is handled; it is dropped under `Median` too.
    pub on_missing: OnMissing,
    /// How a picture that cannot be read is handled.
    pub on_bad: BadImages,
    /// The colour behind transparent pixels.
    pub ground: Ground,
    /// Pixels along either side of a picture once it is read, one of [`PICTURE_SIDES`](super::PICTURE_SIDES).
    pub side: usize,
}

/// The pictures of a folder with their labels.
#[derive(Debug, Clone)]
pub struct Pictures {
    /// Three channels, red, green and blue, in the order of the table of labels.
    pub images: ImageSet,
    /// The file of each.
    pub files: Vec<PathBuf>,
    /// What was left out, and why.
    pub report: PictureReport,
}

/// What was left out of a folder of pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PictureReport {
    /// Rows dropped because a label is missing.
    pub without_target: usize,
    /// Labelled files that were skipped because they cannot be read or do not exist, with the reason.
    pub skipped: Vec<(PathBuf, String)>,
    /// Pictures without a label.
    pub without_label: Vec<PathBuf>,
}

impl PictureOptions {
    /// Nothing may be missing or unreadable, transparent pixels lie on white, and pictures become 64 × 64.
    pub fn new(targets: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            targets: targets.into_iter().map(Into::into).collect(),
            file_column: None,
            on_missing: OnMissing::Refuse,
            on_bad: BadImages::Refuse,
            ground: Ground::White,
            side: SIDE,
        }
    }
}

/// Reads the pictures in `folder` that the table `labels` names, and their labels.
///
/// [`read_picture`] says how each is converted. Each thread holds one decoded picture at a time; the set itself takes
/// three bytes a pixel, and more than 4 GiB is refused.
///
/// # Errors
/// [`DataError::NoInput`] and others for the table; for pictures, unless they are skipped, those of [`read_picture`];
/// [`ImageError::NoPicture`]; [`ImageError::NoPictures`] when none is left; [`ImageError::PictureSide`].
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
    check_side(options.side)?;
    let there = list_pictures(folder)?;
    let PictureLabels { files, places, mut targets, without_target } =
        picture_labels(labels, options.file_column.as_deref(), &options.targets, options.on_missing)?;
    let files: Vec<PathBuf> = files.iter().map(|file| folder.join(file)).collect();
    let named: HashSet<&PathBuf> = files.iter().collect();
    let without_label = there.into_iter().filter(|path| !named.contains(path)).collect();
    let read = |path: &PathBuf, into: &mut [u8]| {
        into.copy_from_slice(&read_picture(path, options.side, options.ground)?);
        Ok(())
    };
    let read = read_all((labels, "pictures"), &files, picture_bytes(options.side), options.on_bad, read);
    let (pixels, errors) = read.map_err(|(row, error)| match error {
        DataError::NoInput { path, source } => {
            ImageError::NoPicture { path, labels: labels.to_owned(), place: places[row], source }.into()
        }
        error => error,
    })?;
    if pixels.is_empty() {
        return Err(ImageError::NoPictures { path: folder.to_owned(), unreadable: files.len() }.into());
    }
    let width = options.targets.len();
    keep_rows(&mut targets, width, |row| errors[row].is_none());
    let images = ImageSet::with_side(options.side, pixels, 3, targets, width);
    let mut report = PictureReport { without_target, skipped: Vec::new(), without_label };
    let mut kept = Vec::new();
    for (path, error) in files.into_iter().zip(errors) {
        match error {
            None => kept.push(path),
            Some(error) => report.skipped.push((path, error.to_string())),
        }
    }
    Ok(Pictures { images, files: kept, report })
}
