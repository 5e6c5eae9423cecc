//! What can be wrong with any data: files, delimited text, and scalar examples.

use super::decode::DecodeError;
use super::image::ImageError;
use super::table::TableError;
use std::io;
use std::path::{Path, PathBuf};

/// Data that could not be read, understood or written.
///
/// Lines are counted from 1, as editors do. Names and cells are cut to their first 40 characters.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message shows what a field is")]
#[non_exhaustive]
pub enum DataError {
    /// A table cannot be used as asked.
    #[error(transparent)]
    Table(Box<TableError>),
    /// Images cannot be read or used as asked.
    #[error(transparent)]
    Image(Box<ImageError>),
    /// The input does not exist or may not be read.
    #[error("cannot open {}: check the path and that you may read it", path.display())]
    NoInput { path: PathBuf, source: io::Error },
    /// The path names a pipe or a device.
    #[error("{} is a pipe or a device: copy its content to a file, and name that", path.display())]
    NotRegular { path: PathBuf },
    /// The path names a directory where a file is needed.
    #[error("{} is a directory: name a file", path.display())]
    IsDirectory { path: PathBuf },
    /// The program was built without the reader or writer of this kind of file.
    #[error(
        "{}: this program was built without support for {kind} files: build it with the feature `{feature}` of ebm-data",
        path.display()
    )]
    NotCompiledIn {
        path: PathBuf,
        kind: &'static str,
        /// The Cargo feature that adds it.
        feature: &'static str,
    },
    /// Reading failed part-way.
    #[error("reading {} failed at line {line}", path.display())]
    Read { path: PathBuf, line: u64, source: io::Error },
    /// The file could not be written; an older file of that name is unchanged.
    #[error("cannot write {}: check the folder, its permissions and the free space", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// The file has no rows at all.
    #[error("{} is empty: it needs a header, `x,y` or `x` alone for inputs, and one row for each example", path.display())]
    Empty { path: PathBuf },
    /// The file has a header and no rows after it.
    #[error("{} has a header but no rows: add one row for each example", path.display())]
    HeaderOnly { path: PathBuf },
    /// The columns are not named `x` and `y`, and there are not exactly as many as needed.
    #[error(
        "{}, line {line}: no column `{column}` among {columns} columns {found:?}: \
         name the input `x` and a target `y`",
        path.display()
    )]
    MissingColumn {
        path: PathBuf,
        line: u64,
        column: &'static str,
        columns: usize,
        /// The first of their names.
        found: Vec<String>,
    },
    /// Two columns have the same name.
    #[error("{}, line {line}: two columns are named {name:?}: rename or remove one", path.display())]
    DuplicateColumn { path: PathBuf, line: u64, name: String },
    /// A row has more or fewer cells than the first row.
    #[error(
        "{}, line {line}: {found} cells where the first row has {expected}: \
         look for a missing or additional delimiter",
        path.display()
    )]
    RaggedRow { path: PathBuf, line: u64, expected: usize, found: usize },
    /// A cell is empty or is not a number.
    #[error(
        "{}, line {line}, column {column:?}: {text:?} is not a number: \
         write digits with a decimal point, or remove the row",
        path.display()
    )]
    NotANumber {
        path: PathBuf,
        line: u64,
        /// Name of its column, or its role where the file has no header.
        column: String,
        text: String,
    },
    /// A cell is NaN, infinite, or too large for a 64-bit float.
    #[error(
        "{}, line {line}, column {column:?}: {text:?} is not a finite number: remove or correct the row",
        path.display()
    )]
    NotFinite {
        path: PathBuf,
        line: u64,
        /// Name of its column, or its role where the file has no header.
        column: String,
        text: String,
    },
    /// The text is not UTF-8.
    #[error("{}, line {line}: not UTF-8 text: save the file as UTF-8", path.display())]
    NotUtf8 {
        path: PathBuf,
        /// First line that is not.
        line: u64,
    },
    /// A file that holds text, but not as text.
    #[error("{}: {kind}, which is not read: write it as text, or compress it by gzip or zstd", path.display())]
    NotText { path: PathBuf, kind: &'static str },
    /// A row is longer than the limit.
    #[error(
        "{}, line {line}: a row is longer than {limit} bytes: \
         look for an unclosed quote, or a file that is not a table",
        path.display()
    )]
    RowTooLong {
        path: PathBuf,
        /// Line where the row starts, or a blank one before it.
        line: u64,
        /// The longest row that is read, in bytes.
        limit: usize,
    },
    /// A different number of inputs and targets.
    #[error("{inputs} inputs but {targets} targets: every example needs one of each")]
    LengthMismatch { inputs: usize, targets: usize },
    /// An example holds NaN or an infinity.
    #[error("{column}[{index}] is {value}: remove or correct the example")]
    NonFiniteExample {
        /// `x` or `y`.
        column: &'static str,
        /// Index of the example, from 0.
        index: usize,
        value: f64,
    },
    /// The content cannot be decoded.
    #[error("{}, {place}: damaged, cut short or not supported: copy or download the file again", path.display())]
    Damaged {
        path: PathBuf,
        /// The part of it.
        place: String,
        source: Box<DecodeError>,
    },
    /// Decoding would take more memory than the limit.
    #[error(
        "{}, {place}: decodes to {bytes} bytes, more than the limit of {limit} for this file: it may be damaged",
        path.display()
    )]
    TooLarge {
        path: PathBuf,
        /// The part of it.
        place: String,
        /// Size when decoded, by its header.
        bytes: u128,
        limit: u64,
    },
}

impl DataError {
    /// What the system says about a path that should be opened.
    pub(crate) fn opening(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::IsADirectory => Self::IsDirectory { path },
            io::ErrorKind::InvalidInput => Self::NotRegular { path },
            _ => Self::NoInput { path, source },
        }
    }
}

impl From<TableError> for DataError {
    fn from(error: TableError) -> Self {
        Self::Table(Box::new(error))
    }
}

impl From<ImageError> for DataError {
    fn from(error: ImageError) -> Self {
        Self::Image(Box::new(error))
    }
}
