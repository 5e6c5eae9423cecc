//! What can be wrong with images and the files that hold them.

use super::place::Place;
use std::io;
use std::path::PathBuf;

/// Images that cannot be read or used as asked. Names are cut to their first 40 characters.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message shows what a field is")]
#[non_exhaustive]
pub enum ImageError {
    /// The file is not of the kind that the task is read from.
    #[error("{} is {found}; {task} images are read from {expected}", path.display())]
    Format { path: PathBuf, found: &'static str, task: &'static str, expected: &'static str },
    /// An array is missing.
    #[error("{}: no array `{key}`, only {found:?}: does the file belong to another task?", path.display())]
    MissingKey {
        path: PathBuf,
        key: &'static str,
        /// The first of the names there are.
        found: Vec<String>,
    },
    /// An array has other dimensions than the task's.
    #[error("{}, `{key}`: its shape is {shape:?} and should be {expected}", path.display())]
    Shape { path: PathBuf, key: &'static str, shape: Vec<u64>, expected: String },
    /// An array holds numbers of another type.
    #[error("{}, `{key}`: its type is {found} and should be {expected}", path.display())]
    NumberType { path: PathBuf, key: &'static str, found: String, expected: &'static str },
    /// An array is stored in too many small chunks.
    #[error("{}, `{key}`: stored in chunks of {chunk:?}, too small to read; repack the file", path.display())]
    SmallChunks {
        path: PathBuf,
        key: &'static str,
        /// Dimensions of a chunk.
        chunk: Vec<u32>,
    },
    /// A label is outside the range of the task.
    #[error(
        "{}, {place}: the label is {value}; {task} labels are {low} to {high} {unit}: \
         correct it, or check that the file belongs to this task",
        path.display()
    )]
    Label { path: PathBuf, place: String, value: f64, task: &'static str, low: f64, high: f64, unit: &'static str },
    /// No image belongs to the task.
    #[error("{}: no {task} images ({left_out} outside the range of the task)", path.display())]
    NoImages {
        path: PathBuf,
        task: &'static str,
        /// Images whose labels are outside the range of the task.
        left_out: usize,
    },
    /// An image is not 64 × 64.
    #[error("{} is {width} × {height} pixels and should be 64 × 64: resize it", path.display())]
    ImageSize { path: PathBuf, width: usize, height: usize },
    /// The name of an image does not say its label.
    #[error("{}: name images INDEX_COUNT.0.png, such as 17_42.0.png for 42 cells", path.display())]
    ImageName { path: PathBuf },
    /// Two images of a folder have the same index.
    #[error("{} and {} have the same index: renumber or remove one", first.display(), second.display())]
    DuplicateImage { first: PathBuf, second: PathBuf },
    /// A picture is of a kind that is not supported.
    #[error("{} is {kind}: save it as PNG or as JPEG in RGB or grey", path.display())]
    PictureKind { path: PathBuf, kind: &'static str },
    /// Pictures cannot be scaled to this side.
    #[error("the side of a picture is {side} pixels and must be 8 to 1024")]
    PictureSide { side: usize },
    /// A table of labels names a picture that does not exist.
    #[error(
        "{}, {place}: there is no picture {}: check the name, or skip pictures that cannot be read",
        labels.display(),
        path.display()
    )]
    NoPicture { path: PathBuf, labels: PathBuf, place: Place, source: io::Error },
    /// None of the pictures of a folder can be read.
    #[error("{}: none of the {unreadable} pictures that have labels can be read", path.display())]
    NoPictures { path: PathBuf, unreadable: usize },
    /// There are not enough images for a split.
    #[error("the split needs {needed} images, and the set has {found}")]
    TooFewImages { needed: usize, found: usize },
    /// The images do not have the layout of the task they are written for.
    #[error("{task} images have {channels} channels and labels of {labels} numbers; these have {} and {}",
        found[0],
        found[1])]
    OtherTask {
        task: &'static str,
        channels: usize,
        labels: usize,
        /// Channels and numbers of these.
        found: [usize; 2],
    },
}
