//! Rows of delimited text.

use crate::delimited::{TextRows, cut};
use crate::error::{DataError, Place, TableError};
use crate::origin::{Input, Origin};
use crate::table::cell::Decimal;
use crate::table::unnamed::unnamed;
use csv::StringRecord;
use std::collections::HashSet;
use std::path::PathBuf;

/// The longest row that is read, in bytes: a hundred thousand numbers of all their digits have 2.5 million.
const ROW_LIMIT: usize = 16 << 20;

pub(super) struct Text {
    path: PathBuf,
    names: Vec<String>,
    rows: TextRows,
    /// The line on which the row ends.
    line: u64,
}

impl Text {
    /// Reads the header.
    pub(super) fn open(path: &Origin, input: Input) -> Result<Self, DataError> {
        let mut rows = TextRows::of(path, input, ROW_LIMIT)?;
        let Some((line, header)) = rows.next()? else {
            return Err(TableError::Empty { path: path.to_path_buf() }.into());
        };
        let name = |(index, cell): (usize, &str)| match cell.trim() {
            "" => unnamed(index),
            name => name.to_owned(),
        };
        let names: Vec<String> = header.iter().enumerate().map(name).collect();
        let mut seen = HashSet::new();
        match names.iter().find(|name| !seen.insert(name.as_str())) {
            Some(name) => Err(DataError::DuplicateColumn { path: path.to_path_buf(), line, name: cut(name) }),
            None => Ok(Self { path: path.to_path_buf(), names, rows, line }),
        }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Where semicolons separate cells, commas may be decimal commas.
    pub(super) fn decimal(&self) -> Decimal {
        if self.rows.delimiter() == b';' { Decimal::CommaOrPoint } else { Decimal::Point }
    }

    /// Goes to the next row, checked to have as many cells as there are names; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, DataError> {
        let expected = self.names.len();
        match self.rows.next()? {
            None => Ok(false),
            Some((line, record)) if record.len() == expected => {
                self.line = line;
                Ok(true)
            }
            Some((line, record)) => {
                Err(DataError::RaggedRow { path: self.path.clone(), line, expected, found: record.len() })
            }
        }
    }

    /// The row that it is at.
    pub(super) fn row(&self) -> (Place, &StringRecord) {
        (Place::Line(self.line), self.rows.record())
    }
}
