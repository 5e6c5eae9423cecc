//! What is in a file of images, and whether anything is wrong with it.

use super::read::{BadImages, Content, Reading, read_images_or_skip};
use super::{ImageSet, ImageTask, hdf5, npz};
use crate::DataError;
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
    pub content: Content,
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

/// An array of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Array {
    /// Its name.
    pub key: String,
    /// Its dimensions.
    pub shape: Vec<u64>,
    /// The type of its numbers, such as `u8`.
    pub number: String,
    /// Dimensions of the pieces it is stored in; nothing if it is stored whole.
    pub chunk: Option<Vec<u32>>,
}

/// A task that a file can be read for, all of it checked.
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

/// Looks into a file or folder, and reads all of it for every task whose layout it has.
///
/// # Errors
/// [`DataError::NoInput`] where nothing can be opened. Everything else is in [`Inspection::problems`].
pub fn inspect(path: impl AsRef<Path>, bad: BadImages) -> Result<Inspection, DataError> {
    let path = path.as_ref();
    let content = Content::of(path)?;
    let mut problems = Vec::new();
    let arrays = match content {
        Content::Hdf5 => hdf5_arrays(path),
        Content::Zip => npz_arrays(path),
        Content::Folder | Content::Other => Ok(Vec::new()),
    };
    let arrays = arrays.unwrap_or_else(|error| {
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
        // What it cannot be read for is not wrong with it.
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

/// Whether the names are there; what they hold is for the reader to say.
fn has_layout(content: Content, arrays: &[Array], task: ImageTask) -> bool {
    let has = |key| arrays.iter().any(|array| array.key == key);
    let keys = task.keys();
    match (content, task) {
        (Content::Folder, task) => task == ImageTask::Cells,
        (Content::Zip, ImageTask::HeadPose) => has(keys.images) || has(keys.labels),
        (Content::Hdf5, ImageTask::Steering | ImageTask::Cells | ImageTask::Age) => {
            has(keys.images) || has(keys.labels)
        }
        _ => false,
    }
}

fn nothing_known(path: &Path, content: Content, arrays: &[Array]) -> String {
    if content == Content::Other {
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

fn hdf5_arrays(path: &Path) -> Result<Vec<Array>, DataError> {
    let source = hdf5::Source::open(path)?;
    let array = |key: String| {
        let dataset = source.dataset(&key)?;
        let number = hdf5::type_name(dataset.dtype());
        Ok(Array { key, shape: dataset.shape().to_vec(), number, chunk: dataset.chunks() })
    };
    source.names()?.into_iter().map(array).collect()
}

fn npz_arrays(path: &Path) -> Result<Vec<Array>, DataError> {
    let mut source = npz::Source::open(path)?;
    let names = source.names()?;
    let array = |key: String| {
        let header = source.header(&key)?;
        Ok(Array { key, shape: header.shape, number: header.number.to_string(), chunk: None })
    };
    names.into_iter().map(array).collect()
}
