//! The arrays of a file of images, the tasks it fits, and what is wrong with it.

use super::array::Array;
use super::bad_images::BadImages;
use super::file_kind::FileKind;
#[cfg(feature = "hdf5")]
use super::hdf5;
#[cfg(feature = "npz")]
use super::npz;
use super::read::{Reading, read_images_or_skip};
use super::set::ImageSet;
use super::task::ImageTask;
use crate::error::DataError;
use ebm_core::Dataset;
use serde::Serialize;
use std::error::Error;
use std::path::{Path, PathBuf};

/// What is in a file of images.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// The file or folder.
    pub path: PathBuf,
    /// What kind of file it is.
    pub content: FileKind,
    /// Its arrays, where it has any.
    pub arrays: Vec<Array>,
    /// The tasks it can be read for. Steering and age files have the same layout and may fit both.
    pub fits: Vec<Fit>,
    /// Pictures of a folder that were skipped, each a message with its causes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    /// What is wrong with it, each a message with its causes; empty if it can be read for some task.
    pub problems: Vec<String>,
}

/// A task that a file can be read for; the whole file was checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// The task.
    pub task: ImageTask,
    /// Images that belong to it.
    pub images: usize,
    /// Images whose labels the task leaves out.
    pub left_out: usize,
    /// Smallest and largest label, for each dimension.
    pub labels: Vec<[f64; 2]>,
    /// [`Dataset::fingerprint`] of the images and labels.
    pub fingerprint: String,
}

impl Inspection {
    /// Whether the file can be read for some task.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Reads a whole file or folder for every task whose layout it has.
///
/// # Errors
/// [`DataError::NoInput`] where nothing can be opened. Everything else is in [`Inspection::problems`].
pub fn inspect(path: impl AsRef<Path>, bad: BadImages) -> Result<Inspection, DataError> {
    let path = path.as_ref();
    let content = FileKind::of(path)?;
    let mut problems = Vec::new();
    let arrays = arrays(path, content).unwrap_or_else(|error| {
        problems.push(message(&error));
        Vec::new()
    });
    let (mut fits, mut skipped) = (Vec::new(), Vec::new());
    for task in ImageTask::ALL.into_iter().filter(|task| has_layout(content, &arrays, *task)) {
        match read_images_or_skip(path, task, bad) {
            Ok(Reading { images, skipped: bad }) => {
                fits.push(Fit::new(task, &images));
                skipped.extend(bad.iter().map(|error| message(error)));
            }
            Err(error) => problems.push(message(&error)),
        }
    }
    if !fits.is_empty() {
        // A file that fits one task need not fit the others.
        problems.clear();
    } else if problems.is_empty() {
        problems.push(nothing_known(path, content, &arrays));
    }
    problems.dedup();
    Ok(Inspection { path: path.to_owned(), content, arrays, fits, skipped, problems })
}

impl Fit {
    fn new(task: ImageTask, set: &ImageSet) -> Self {
        let range = |dimension: usize| {
            let labels = (0..set.count()).map(|row| set.label(row)[dimension]);
            labels.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], y| [low.min(y), high.max(y)])
        };
        Self {
            task,
            images: set.count(),
            left_out: set.left_out(),
            labels: (0..set.label_width()).map(range).collect(),
            fingerprint: set.fingerprint(),
        }
    }
}

/// Whether the names of the arrays are those of the task; their content is checked by the reader.
fn has_layout(content: FileKind, arrays: &[Array], task: ImageTask) -> bool {
    let has = |key| arrays.iter().any(|array| array.key == key);
    let keys = task.keys();
    match (content, task) {
        (FileKind::Folder, task) => task == ImageTask::Cells,
        (FileKind::Zip, ImageTask::HeadPose) => has(keys.images) || has(keys.labels),
        (FileKind::Hdf5, ImageTask::Steering | ImageTask::Cells | ImageTask::Age) => {
            has(keys.images) || has(keys.labels)
        }
        _ => false,
    }
}

fn nothing_known(path: &Path, content: FileKind, arrays: &[Array]) -> String {
    if content == FileKind::Other {
        return format!("{} is {}, and no task has other files", path.display(), content.name());
    }
    let keys: Vec<&str> = arrays.iter().map(|array| array.key.as_str()).take(20).collect();
    let layouts = ImageTask::ALL.map(|task| {
        let keys = task.keys();
        format!("{} has `{}` and `{}`", task.name(), keys.images, keys.labels)
    });
    format!("{} is {} with arrays {keys:?}; of the tasks, {}", path.display(), content.name(), layouts.join(", "))
}

/// An error with its causes, in a line.
fn message(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!("; because: {error}");
        cause = error.source();
    }
    text
}

/// The arrays of a file, where it has any.
fn arrays(path: &Path, kind: FileKind) -> Result<Vec<Array>, DataError> {
    kind.check_reader(path)?;
    match kind {
        #[cfg(feature = "hdf5")]
        FileKind::Hdf5 => hdf5::arrays(path),
        #[cfg(feature = "npz")]
        FileKind::Zip => npz::arrays(path),
        _ => Ok(Vec::new()),
    }
}
