//! What can go wrong with data, and what to do about it.

mod decode;
mod table;

pub use decode::DecodeError;
pub use table::{Place, TableError};

use std::io;
use std::path::PathBuf;

/// Data that could not be read, understood or written.
///
/// Lines are counted from 1, as editors do. Names and cells are cut to their first 40 characters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A table cannot be used as it was asked for.
    #[error(transparent)]
    Table(Box<TableError>),
    /// The input does not exist or may not be read.
    #[error("cannot open {}: check the path and that you may read it", path.display())]
    NoInput {
        /// The file asked for.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The path names a directory where a file is needed.
    #[error("{} is a directory: name a file", path.display())]
    IsDirectory {
        /// The directory.
        path: PathBuf,
    },
    /// Reading failed part-way.
    #[error("reading {} failed at line {line}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Line being read.
        line: u64,
        /// The system's reason.
        source: io::Error,
    },
    /// The file could not be written; an older file of that name is unchanged.
    #[error("cannot write {}: check the folder, its permissions and the free space", path.display())]
    Write {
        /// The file asked for.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file has no rows at all.
    #[error("{} is empty: it needs a header, `x,y` or `x` alone for inputs, and one row for each example", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file has a header and no rows after it.
    #[error("{} has a header but no rows: add one row for each example", path.display())]
    HeaderOnly {
        /// The file.
        path: PathBuf,
    },
    /// The columns are not named `x` and `y`, and cannot be told by their number either.
    #[error(
        "{}, line {line}: no column `{column}` among {columns} columns {found:?}: \
         name the input `x` and a target `y`",
        path.display()
    )]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// Line of the header.
        line: u64,
        /// The column looked for.
        column: &'static str,
        /// Number of columns in the file.
        columns: usize,
        /// The first of their names.
        found: Vec<String>,
    },
    /// Two columns have the same name.
    #[error("{}, line {line}: two columns are named {name:?}: rename or remove one", path.display())]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// Line of the header.
        line: u64,
        /// Their name.
        name: String,
    },
    /// A row has more or fewer cells than the first row.
    #[error(
        "{}, line {line}: {found} cells where the first row has {expected}: \
         look for a missing or additional delimiter",
        path.display()
    )]
    RaggedRow {
        /// The file.
        path: PathBuf,
        /// Line of the row.
        line: u64,
        /// Cells in the first row.
        expected: usize,
        /// Cells in this row.
        found: usize,
    },
    /// A cell is empty or is not a number.
    #[error(
        "{}, line {line}, column {column:?}: {text:?} is not a number: \
         write digits with a decimal point, or remove the row",
        path.display()
    )]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// Line of the cell.
        line: u64,
        /// Name of its column, or its role where the file has no header.
        column: String,
        /// What the cell holds.
        text: String,
    },
    /// A cell is NaN, infinite, or too large for a 64-bit float.
    #[error(
        "{}, line {line}, column {column:?}: {text:?} is not a finite number: remove or correct the row",
        path.display()
    )]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// Line of the cell.
        line: u64,
        /// Name of its column, or its role where the file has no header.
        column: String,
        /// What the cell holds.
        text: String,
    },
    /// The text is not UTF-8.
    #[error("{}, line {line}: not UTF-8 text: save the file as UTF-8", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// First line that is not.
        line: u64,
    },
    /// A row is longer than any table of numbers has.
    #[error(
        "{}, line {line}: a row is longer than {limit} bytes: \
         look for an unclosed quote, or a file that is not a table",
        path.display()
    )]
    RowTooLong {
        /// The file.
        path: PathBuf,
        /// Line where the row starts, or a blank one before it.
        line: u64,
        /// The longest row that is read, in bytes.
        limit: usize,
    },
    /// A different number of inputs and targets.
    #[error("{inputs} inputs but {targets} targets: every example needs one of each")]
    LengthMismatch {
        /// Number of inputs.
        inputs: usize,
        /// Number of targets.
        targets: usize,
    },
    /// An example holds NaN or an infinity.
    #[error("{column}[{index}] is {value}: remove or correct the example")]
    NonFiniteExample {
        /// `x` or `y`.
        column: &'static str,
        /// Index of the example, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
    /// The content is not of the kind that the task's files are.
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
    /// The content cannot be decoded.
    #[error("{}, {place}: damaged, cut short or not supported: copy or download the file again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The part of it.
        place: String,
        /// What the decoder says.
        source: Box<DecodeError>,
    },
    /// An array is not there.
    #[error("{}: no array `{key}`, only {found:?}: is it the file of another task?", path.display())]
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
    /// Decoding would take more memory than any file of the task does.
    #[error(
        "{}, {place}: decodes to {bytes} bytes, and the most that is read from this file is {limit}: \
         the file is damaged or not what it seems",
        path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The part of it.
        place: String,
        /// Size when decoded, by its header.
        bytes: u128,
        /// The largest size that is read.
        limit: u64,
    },
    /// An array is stored in a great many small pieces.
    #[error("{}, `{key}`: stored in chunks of {chunk:?}, too small to read; repack the file", path.display())]
    SmallChunks {
        /// The file.
        path: PathBuf,
        /// The array's name.
        key: &'static str,
        /// Dimensions of a chunk.
        chunk: Vec<u32>,
    },
    /// A label is not a number that the task can have.
    #[error(
        "{}, {place}: the label is {value}; {task} labels are {low} to {high} {unit}: \
         correct it, or see whether it is the file of another task",
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
        /// What it counts.
        unit: &'static str,
    },
    /// There is no image of the task.
    #[error("{}: no {task} images ({left_out} outside the range of the task)", path.display())]
    NoImages {
        /// The file or folder.
        path: PathBuf,
        /// The task.
        task: &'static str,
        /// Images that are there and do not belong to the task.
        left_out: usize,
    },
    /// An image is not 64 × 64.
    #[error("{} is {width} × {height} pixels and should be 64 × 64: resize it", path.display())]
    ImageSize {
        /// The image.
        path: PathBuf,
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
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
    /// A picture is of a kind that is not read.
    #[error("{} is {kind}: save it as PNG or as JPEG in RGB or grey", path.display())]
    PictureKind {
        /// The picture.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// A table of labels names a picture that is not there.
    #[error(
        "no picture {}, which {}, {place}, names: check the name, or skip what cannot be read",
        path.display(),
        labels.display()
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
    #[error("the split needs {needed} images and there are {found}")]
    TooFewImages {
        /// Images asked for.
        needed: usize,
        /// Images there are.
        found: usize,
    },
    /// The images are not those of the task they are written as.
    #[error("{task} images have {channels} channels and {labels} numbers a label, not {found:?}")]
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

impl From<TableError> for DataError {
    fn from(error: TableError) -> Self {
        Self::Table(Box::new(error))
    }
}
