//! Which column is the input and which the target.

use crate::DataError;
use std::path::Path;

/// Names kept for a message.
const NAMES_LISTED: usize = 20;
/// Characters of a name or cell kept for a message.
const TEXT_LENGTH: usize = 40;

/// One column of the file.
pub(super) struct Column {
    pub(super) index: usize,
    pub(super) name: String,
}

/// The two columns that are read, and how many every row has.
pub(super) struct Columns {
    pub(super) x: Column,
    pub(super) y: Column,
    pub(super) count: usize,
}

/// What the first row turned out to be.
pub(super) enum FirstRow {
    /// Names.
    Header(Columns),
    /// Numbers already: the file has no header.
    Example(Columns),
}

impl Columns {
    /// Finds input and target from the first row.
    pub(super) fn from_first_row(path: &Path, line: u64, cells: &[&str]) -> Result<FirstRow, DataError> {
        let is_number = |cell: &&str| cell.parse::<f64>().is_ok();
        if cells.len() == 2 && cells.iter().all(is_number) {
            return Ok(FirstRow::Example(Self::in_order("x", "y")));
        }
        let find = |name: &str| cells.iter().position(|cell| cell.eq_ignore_ascii_case(name));
        if let Some(name) = duplicate(cells) {
            return Err(DataError::DuplicateColumn { path: path.to_owned(), line, name: cut(name) });
        }
        match (find("x"), find("y")) {
            (Some(x), Some(y)) => Ok(FirstRow::Header(Self {
                x: Column { index: x, name: cut(cells[x]) },
                y: Column { index: y, name: cut(cells[y]) },
                count: cells.len(),
            })),
            // A number beside a text is a damaged example, which a header would hide.
            (None, None) if cells.len() == 2 && cells.iter().any(is_number) => {
                let (text, column) = if is_number(&cells[0]) { (cells[1], "y") } else { (cells[0], "x") };
                Err(DataError::NotANumber { path: path.to_owned(), line, column: column.to_owned(), text: cut(text) })
            }
            (None, None) if cells.len() == 2 => Ok(FirstRow::Header(Self::in_order(cells[0], cells[1]))),
            (x, _) => Err(DataError::MissingColumn {
                path: path.to_owned(),
                line,
                column: if x.is_none() { "x" } else { "y" },
                columns: cells.len(),
                found: cells.iter().take(NAMES_LISTED).map(|cell| cut(cell)).collect(),
            }),
        }
    }

    /// Two columns, the input first.
    fn in_order(x: &str, y: &str) -> Self {
        Self { x: Column { index: 0, name: cut(x) }, y: Column { index: 1, name: cut(y) }, count: 2 }
    }
}

/// A name that occurs twice; as for `x` and `y`, capitals make no difference.
fn duplicate<'a>(cells: &[&'a str]) -> Option<&'a str> {
    let mut names: Vec<(String, &str)> = cells.iter().map(|cell| (cell.to_ascii_lowercase(), *cell)).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1)
}

/// The start of a name or cell, for a message.
pub(super) fn cut(cell: &str) -> String {
    let mut start: String = cell.chars().take(TEXT_LENGTH).collect();
    if start.len() < cell.len() {
        start.push('…');
    }
    start
}
