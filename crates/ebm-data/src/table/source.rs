//! A file of rows, whatever its format.

mod text;

use super::cell::{Cell, Decimal};
use crate::delimited::open;
use crate::{DataError, Place, TableError};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The rows of a table, one at a time.
pub(super) struct Source {
    path: PathBuf,
    names: Vec<String>,
    rows: Rows,
}

enum Rows {
    Text(text::Text),
}

/// One row; its cells are looked at when they are asked for.
pub(super) struct Row<'a> {
    pub(super) place: Place,
    cells: Cells<'a>,
}

enum Cells<'a> {
    Text(&'a csv::StringRecord),
}

impl Source {
    /// Opens a table: Parquet if it begins as such files do, otherwise delimited text.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let (names, rows) = {
            let text = text::Text::open(path)?;
            (text.names().to_vec(), Rows::Text(text))
        };
        Ok(Self { path: path.to_owned(), names, rows })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The columns in the order of the file. One without a name is called `column N`, counted from 1.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// How its texts write numbers.
    pub(super) fn decimal(&self) -> Decimal {
        match &self.rows {
            Rows::Text(text) => text.decimal(),
        }
    }

    /// Tells that no cell outside these columns will be looked at, before the first row is read.
    pub(super) fn only(&mut self, columns: &[usize]) {
        match &mut self.rows {
            Rows::Text(_) => {}
        }
    }

    /// The next row, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, DataError> {
        match &mut self.rows {
            Rows::Text(text) => Ok(text.next()?.map(|(place, cells)| Row { place, cells: Cells::Text(cells) })),
        }
    }
}

impl Row<'_> {
    /// The cell in a column, counted from 0.
    pub(super) fn cell(&self, column: usize) -> Cell<'_> {
        match self.cells {
            Cells::Text(record) => Cell::Text(record[column].trim()),
        }
    }
}

/// The name of a column that has none.
fn unnamed(index: usize) -> String {
    format!("column {}", index + 1)
}

/// Whether a column has no name of its own: none at all, or the one pandas gives where there is none.
pub(super) fn is_unnamed(name: &str, index: usize) -> bool {
    name == unnamed(index) || name.starts_with("Unnamed: ")
}
