//! What can be wrong with images and the files that hold them.

use super::place::Place;
use std::io;
use std::path::PathBuf;

/// Images that cannot be read or used as asked. Names are cut to their first 40 characters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The file is not of the kind that the task is read from.
    #[error("{} is {found}; {task} images are read from {expected}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: &'static str,
        /// The task asked for.
        task: &'static str,
        /// What its files are.
        expected: &'static str,
    },
    /// An array is missing.
    #[error("{}: no array `{key}`, only {found:?}: does the file belong to another task?", path.display())]
    MissingKey {
        /// The file.
        path: PathBuf,
        /// The name looked for.
        key: &'static str,
        /// The first of the names there are.
        found: Vec<String>,
    },
    /// An array has other dimensions than the task's.
    #[error("{}, `{key}`: its shape is {shape:?} and should be {expected}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The array's name.
        key: &'static str,
        /// Its dimensions.
        shape: Vec<u64>,
        /// What they should be.
        expected: String,
    },
    /// An array holds numbers of another type.
    #[error("{}, `{key}`: its type is {found} and should be {expected}", path.display())]
    NumberType {
        /// The file.
        path: PathBuf,
        /// The array's name.
        key: &'static str,
        /// Its type.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// An array is stored in too many small chunks.
    #[error("{}, `{key}`: stored in chunks of {chunk:?}, too small to read; repack the file", path.display())]
    SmallChunks {
        /// The file.
        path: PathBuf,
        /// The array's name.
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
    Label {
        /// The file.
        path: PathBuf,
        /// Where the label is.
        place: String,
        /// The label.
        value: f64,
        /// The task.
        task: &'static str,
        /// The smallest it can be.
        low: f64,
        /// The largest it can be.
        high: f64,
        /// Its unit.
        unit: &'static str,
    },
    /// No image belongs to the task.
    #[error("{}: no {task} images ({left_out} outside the range of the task)", path.display())]
    NoImages {
        /// The file or folder.
        path: PathBuf,
        /// The task.
        task: &'static str,
        /// Images whose labels are outside the range of the task.
        left_out: usize,
    },
    /// An image is not 64 × 64.
    #[error("{} is {width} × {height} pixels and should be 64 × 64: resize it", path.display())]
    ImageSize {
        /// The image.
        path: PathBuf,
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
    },
    /// The name of an image does not say its label.
    #[error("{}: name images INDEX_COUNT.0.png, such as 17_42.0.png for 42 cells", path.display())]
    ImageName {
        /// The image.
        path: PathBuf,
    },
    /// Two images of a folder have the same index.
    #[error("{} and {} have the same index: renumber or remove one", first.display(), second.display())]
    DuplicateImage {
        /// One of them.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// A picture is of a kind that is not supported.
    #[error("{} is {kind}: save it as PNG or as JPEG in RGB or grey", path.display())]
    PictureKind {
        /// The picture.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// Pictures cannot be scaled to this side.
    #[error("the side of a picture is {side} pixels and must be 8 to 1024")]
    PictureSide {
        /// The side asked for.
        side: usize,
    },
    /// A table of labels names a picture that does not exist.
    #[error(
        "{}, {place}: there is no picture {}: check the name, or skip pictures that cannot be read",
        labels.display(),
        path.display()
    )]
    NoPicture {
        /// The picture.
        path: PathBuf,
        /// The table.
        labels: PathBuf,
        /// Where it names the picture.
        place: Place,
        /// The system's reason.
        source: io::Error,
    },
    /// None of the pictures of a folder can be read.
    #[error("{}: none of the {unreadable} pictures that have labels can be read", path.display())]
    NoPictures {
        /// The folder.
        path: PathBuf,
        /// How many cannot be read.
        unreadable: usize,
    },
    /// There are not enough images for a split.
    #[error("the split needs {needed} images, and the set has {found}")]
    TooFewImages {
        /// Images asked for.
        needed: usize,
        /// Images there are.
        found: usize,
    },
    /// The images do not have the layout of the task they are written for.
    #[error("{task} images have {channels} channels and labels of {labels} numbers; these have {} and {}",
        found[0],
        found[1])]
    OtherTask {
        /// The task.
        task: &'static str,
        /// Channels of its images.
        channels: usize,
        /// Numbers in its labels.
        labels: usize,
        /// Channels and numbers of these.
        found: [usize; 2],
    },
}
