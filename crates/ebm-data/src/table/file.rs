//! A file of rows, whatever its format.

#[cfg(feature = "parquet")]
mod parquet;
mod text;

use super::cell::{Cell, Decimal};
use crate::error::{DataError, Place, TableError};
use crate::origin::Origin;
use std::path::{Path, PathBuf};

/// One file, whose rows come one at a time.
pub(super) struct OneFile {
    path: PathBuf,
    format: Format,
}

enum Format {
    Text(Box<text::Text>),
    #[cfg(feature = "parquet")]
    Parquet(Box<parquet::Parquet>),
}

/// One row; a cell is read when it is asked for.
pub(super) struct Row<'a> {
    pub(super) place: Place,
    /// Its number among all rows that were read, from 1; the same each time that its weight brings it.
    pub(super) number: usize,
    /// The file that it is in.
    pub(super) file: &'a Path,
    cells: RowCells<'a>,
}

enum RowCells<'a> {
    Text(&'a csv::StringRecord),
    #[cfg(feature = "parquet")]
    Parquet(&'a parquet::Batch, usize),
}

impl OneFile {
    /// Opens a file: Parquet if it begins as such files do, whatever its name, otherwise delimited text.
    pub(super) fn open(path: &Origin) -> Result<Self, DataError> {
        let input = path.open()?;
        let format = match input.starts_with(b"PAR1") {
            #[cfg(feature = "parquet")]
            true if path.is_file() => Format::Parquet(Box::new(parquet::Parquet::open(path, path.groups())?)),
            #[cfg(feature = "parquet")]
            true => {
                let kind = "a Parquet file, which is read from its end";
                return Err(DataError::NotText { path: path.to_path_buf(), kind });
            }
            #[cfg(not(feature = "parquet"))]
            true => {
                return Err(DataError::NotCompiledIn { path: path.to_path_buf(), kind: "Parquet", feature: "parquet" });
            }
            false if path.groups().is_some() => {
                return Err(TableError::NoGroups { path: path.to_path_buf() }.into());
            }
            false => Format::Text(Box::new(text::Text::open(path, input)?)),
        };
        Ok(Self { path: path.to_path_buf(), format })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The columns in the order of the file. One without a name is called `column N`, counted from 1.
    pub(super) fn names(&self) -> &[String] {
        match &self.format {
            Format::Text(text) => text.names(),
            #[cfg(feature = "parquet")]
            Format::Parquet(parquet) => parquet.names(),
        }
    }

    /// How numbers are written in its text.
    pub(super) fn decimal(&self) -> Decimal {
        match &self.format {
            Format::Text(text) => text.decimal(),
            #[cfg(feature = "parquet")]
            Format::Parquet(_) => Decimal::Point,
        }
    }

    /// The columns whose cells can be read, in the order of the file.
    pub(super) fn readable(&self) -> Vec<usize> {
        match &self.format {
            Format::Text(text) => (0..text.names().len()).collect(),
            #[cfg(feature = "parquet")]
            Format::Parquet(parquet) => parquet.readable(),
        }
    }

    /// Announces that no cell outside these columns will be read, before the first row is.
    pub(super) fn only(&mut self, columns: &[usize]) -> Result<(), DataError> {
        match &mut self.format {
            // A row of text is split into all of its cells in any case.
            Format::Text(_) => {
                let _ = columns;
                Ok(())
            }
            #[cfg(feature = "parquet")]
            Format::Parquet(parquet) => parquet.only(columns),
        }
    }

    /// Goes to the next row; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, DataError> {
        match &mut self.format {
            Format::Text(text) => text.advance(),
            #[cfg(feature = "parquet")]
            Format::Parquet(parquet) => parquet.advance(),
        }
    }

    /// The row that it is at.
    pub(super) fn row(&self) -> Row<'_> {
        let file = &self.path;
        match &self.format {
            Format::Text(text) => {
                let (place, cells) = text.row();
                Row { place, number: 0, file, cells: RowCells::Text(cells) }
            }
            #[cfg(feature = "parquet")]
            Format::Parquet(parquet) => {
                let (row, batch, at) = parquet.row();
                Row { place: Place::Row(row), number: 0, file, cells: RowCells::Parquet(batch, at) }
            }
        }
    }
}

impl Row<'_> {
    /// The row with its number.
    pub(super) fn numbered(self, number: usize) -> Self {
        Self { number, ..self }
    }

    /// The cell in a column, counted from 0.
    pub(super) fn cell(&self, column: usize) -> Cell<'_> {
        match self.cells {
            RowCells::Text(record) => Cell::Text(record[column].trim()),
            #[cfg(feature = "parquet")]
            RowCells::Parquet(batch, row) => batch.cell(column, row),
        }
    }
}
