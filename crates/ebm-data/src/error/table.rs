//! What can be wrong with a table.

use super::place::Place;
use std::path::{Path, PathBuf};

/// A table that cannot be used as asked. Names and cells are cut to their first 40 characters.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the message shows what a field is")]
#[non_exhaustive]
pub enum TableError {
    /// The file is empty.
    #[error("{} is empty: it needs a header with the names of the columns, and one row for each example", path.display())]
    Empty { path: PathBuf },
    /// The file has a header and no rows.
    #[error("{} has no rows: add one row for each example", path.display())]
    NoRows { path: PathBuf },
    /// Every row was dropped.
    #[error("{}: none of {rows} rows is complete: fill in missing cells, or leave out columns with many missing values", path.display())]
    AllDropped { path: PathBuf, rows: usize },
    /// A folder has no table, or a pattern names none.
    #[error("no table in {}: their names end in .csv, .tsv or .parquet", path.display())]
    NoTables { path: PathBuf },
    /// A pattern of names is none.
    #[error("{}: {source}; `*`, `**`, `?` and `[..]` name several tables", path.display())]
    Pattern { path: PathBuf, source: glob::PatternError },
    /// A file of which a share was asked for cannot be divided.
    #[error("{} has no row groups: only Parquet files can be divided, others are predicted whole", path.display())]
    NoGroups { path: PathBuf },
    /// The files of a folder differ in their columns, or in how numbers are written.
    #[error(
        "{} and {} have different columns{}: the files of a folder are one table, with one header",
        first.display(), path.display(),
        column.as_ref().map(|column| format!(", the first {column:?}")).unwrap_or_default()
    )]
    OtherColumns {
        path: PathBuf,
        first: PathBuf,
        /// The first that differs, as the second file has it or the first one does.
        column: Option<String>,
    },
    /// No column has this name.
    #[error(
        "{}: no column {column:?} among {columns} columns; {}",
        path.display(),
        if near.is_empty() { "is the first row a header?".to_owned() } else { format!("similar names are {near:?}") }
    )]
    NoColumn {
        path: PathBuf,
        column: String,
        columns: usize,
        /// Similar names, the most similar first.
        near: Vec<String>,
    },
    /// A column is asked for in two roles, or twice in one.
    #[error("column {column:?} is named twice: a column is one feature or one target")]
    NamedTwice { column: String },
    /// No column is left as a feature.
    #[error("{}: no column is left as a feature: {}", path.display(), if left_out.is_empty() { "name some".to_owned() } else { left_out.join("; ") })]
    NoFeatures {
        path: PathBuf,
        /// Why each of the first columns was left out.
        left_out: Vec<String>,
    },
    /// A column that was asked for cannot be a feature.
    #[error("{}, column {column:?}: {reason}: leave it out of the features", path.display())]
    NoFeature { path: PathBuf, column: String, reason: String },
    /// A constant target.
    #[error("{}, column {column:?}: every target is {value}: there is nothing to learn", path.display())]
    ConstantTarget { path: PathBuf, column: String, value: f64 },
    /// A target of texts.
    #[error("{}: column {column:?} holds text; the target must be a number", path.display())]
    TextTarget { path: PathBuf, column: String },
    /// A value is missing.
    #[error(
        "{}, {place}, column {column:?}: the value is missing: fill it in, or choose to drop such rows or to \
         impute medians",
        path.display()
    )]
    Missing { path: PathBuf, place: Place, column: String },
    /// A cell does not have the type of its column.
    #[error("{}, {place}, column {column:?}: {text:?} is not {expected}: correct it, or remove the row", path.display())]
    Cell { path: PathBuf, place: Place, column: String, text: String, expected: &'static str },
    /// A number is infinite or too large to standardise.
    #[error(
        "{}, {place}, column {column:?}: {text:?} is infinite or beyond 1e100: correct it, leave it empty, or remove the row",
        path.display()
    )]
    NotFinite { path: PathBuf, place: Place, column: String, text: String },
    /// The standardised rows take more memory than is allowed.
    #[error(
        "{}: {rows} rows of {width} numbers take {bytes} bytes, more than {limit}: name fewer features, or use fewer rows",
        path.display()
    )]
    TooLarge { path: PathBuf, rows: usize, width: usize, bytes: u128, limit: u64 },
    /// A part of a split has no rows.
    #[error(
        "{}: {rows} rows leave none for {part} in this split: use more rows, or hold out other fractions, as in \
         `--split 0.8,0.2,0,0`",
        path.display()
    )]
    EmptyPart { path: PathBuf, rows: usize, part: &'static str },
    /// Held-out fractions that are not fractions.
    #[error(
        "the fractions for validation, calibration and test must be from 0 to 1 with a sum below 1, not {shares:?}"
    )]
    Shares {
        /// Fractions: validation, calibration, test.
        shares: [f64; 3],
    },
    /// A Parquet file with an unsupported feature.
    #[error("{}: {what} {name:?} is not supported: {fix}", path.display())]
    Parquet { path: PathBuf, what: &'static str, name: String, fix: &'static str },
    /// The file changed between two passes.
    #[error("{} changed while it was read: try again when nothing writes to it", path.display())]
    Changed { path: PathBuf },
}

impl TableError {
    /// The error of a cell in a file of a folder, with the name of that file.
    pub(crate) fn in_file(mut self, file: &Path) -> Self {
        if let Self::Missing { path, .. } | Self::Cell { path, .. } | Self::NotFinite { path, .. } = &mut self {
            file.clone_into(path);
        }
        self
    }

    /// The error for a file that no row was kept of, although `rows` were read.
    pub(crate) fn nothing_kept(path: &Path, rows: usize) -> Self {
        let path = path.to_owned();
        if rows == 0 { Self::NoRows { path } } else { Self::AllDropped { path, rows } }
    }
}
