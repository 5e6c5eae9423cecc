//! A file of rows, whatever its format.

mod parquet;
mod text;

use super::cell::{Cell, Decimal};
use crate::delimited::open;
use crate::{DataError, Place};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The rows of a table, one at a time.
pub(super) struct Source {
    path: PathBuf,
    rows: Rows,
}

enum Rows {
    Text(Box<text::Text>),
    Parquet(Box<parquet::Parquet>),
}

/// One row; its cells are looked at when they are asked for.
pub(super) struct Row<'a> {
    pub(super) place: Place,
    cells: Cells<'a>,
}

enum Cells<'a> {
    Text(&'a csv::StringRecord),
    Parquet(&'a parquet::Batch, usize),
}

impl Source {
    /// Opens a table: Parquet if it begins as such files do, whatever its name, otherwise delimited text.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let mut start = Vec::new();
        let read = open(path)?.take(4).read_to_end(&mut start);
        read.map_err(|source| DataError::Read { path: path.to_owned(), line: 1, source })?;
        let rows = match &start[..] {
            b"PAR1" => Rows::Parquet(Box::new(parquet::Parquet::open(path)?)),
            _ => Rows::Text(Box::new(text::Text::open(path)?)),
        };
        Ok(Self { path: path.to_owned(), rows })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The columns in the order of the file. One without a name is called `column N`, counted from 1.
    pub(super) fn names(&self) -> &[String] {
        match &self.rows {
            Rows::Text(text) => text.names(),
            Rows::Parquet(parquet) => parquet.names(),
        }
    }

    /// How its texts write numbers.
    pub(super) fn decimal(&self) -> Decimal {
        match &self.rows {
            Rows::Text(text) => text.decimal(),
            Rows::Parquet(_) => Decimal::Point,
        }
    }

    /// Tells that no cell outside these columns will be looked at, before the first row is read.
    pub(super) fn only(&mut self, columns: &[usize]) -> Result<(), DataError> {
        match &mut self.rows {
            Rows::Text(_) => Ok(()),
            Rows::Parquet(parquet) => parquet.only(columns),
        }
    }

    /// The next row, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, DataError> {
        Ok(match &mut self.rows {
            Rows::Text(text) => text.next()?.map(|(place, cells)| Row { place, cells: Cells::Text(cells) }),
            Rows::Parquet(parquet) => {
                parquet.next()?.map(|(row, batch, at)| Row { place: Place::Row(row), cells: Cells::Parquet(batch, at) })
            }
        })
    }
}

impl Row<'_> {
    /// The cell in a column, counted from 0.
    pub(super) fn cell(&self, column: usize) -> Cell<'_> {
        match self.cells {
            Cells::Text(record) => Cell::Text(record[column].trim()),
            Cells::Parquet(batch, row) => batch.cell(column, row),
        }
    }
}

/// The name of a column that has none.
fn unnamed(index: usize) -> String {
    format!("column {}", index + 1)
}

/// Whether a column has no name of its own: none at all, or one that pandas gives to its index.
pub(super) fn is_unnamed(name: &str, index: usize) -> bool {
    name == unnamed(index) || name.starts_with("Unnamed: ") || name == "__index_level_0__"
}
