//! Cells that must have the type of their column.

use super::cell::{Cell, Decimal, NoNumber};
use crate::delimited::cut;
use crate::error::{Place, TableError};
use std::path::PathBuf;

/// Reads cells of one file; a cell of another type is an error that names its place.
pub(super) struct Strict {
    path: PathBuf,
    decimal: Decimal,
}

impl Strict {
    pub(super) fn new(path: PathBuf, decimal: Decimal) -> Self {
        Self { path, decimal }
    }

    pub(super) fn decimal(&self) -> Decimal {
        self.decimal
    }

    pub(super) fn missing(&self, place: Place, column: &str) -> TableError {
        TableError::Missing { path: self.path.clone(), place, column: cut(column) }
    }

    pub(super) fn number(&self, cell: &Cell<'_>, place: Place, column: &str) -> Result<f64, TableError> {
        cell.number(self.decimal).map_err(|error| match error {
            NoNumber::NotFinite => {
                let (path, column, text) = (self.path.clone(), cut(column), cell.with_text(cut));
                TableError::NotFinite { path, place, column, text }
            }
            NoNumber::Other => {
                let expected = "a number, as nearly all cells of this column are";
                self.other(cell, place, column, expected)
            }
        })
    }

    /// 1 for true, 0 for false.
    pub(super) fn boolean(&self, cell: &Cell<'_>, place: Place, column: &str) -> Result<f64, TableError> {
        let number = || cell.number(self.decimal).ok().filter(|value| [0.0, 1.0].contains(value));
        let value = cell.boolean().map(|value| f64::from(u8::from(value))).or_else(number);
        value.ok_or_else(|| self.other(cell, place, column, "true or false"))
    }

    /// Days since 1970-01-01.
    pub(super) fn days(&self, cell: &Cell<'_>, place: Place, column: &str) -> Result<f64, TableError> {
        cell.days().ok_or_else(|| self.other(cell, place, column, "a date such as 2024-02-29"))
    }

    fn other(&self, cell: &Cell<'_>, place: Place, column: &str, expected: &'static str) -> TableError {
        let (path, column, text) = (self.path.clone(), cut(column), cell.with_text(cut));
        TableError::Cell { path, place, column, text, expected }
    }
}
