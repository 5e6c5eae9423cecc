//! Which columns are the input and the target.

use crate::delimited::cut;
use crate::error::DataError;
use std::path::Path;

/// Names kept for a message.
const NAMES_LISTED: usize = 20;

/// One column of the file.
pub(super) struct PairColumn {
    pub(super) index: usize,
    pub(super) name: String,
}

/// The columns that are read, and how many every row has.
pub(super) struct PairColumns<const N: usize> {
    pub(super) read: [PairColumn; N],
    pub(super) count: usize,
}

/// The kind of the first row.
pub(super) enum FirstRow<const N: usize> {
    /// A header.
    Header(PairColumns<N>),
    /// Numbers: the file has no header.
    Example(PairColumns<N>),
}

impl PairColumns<2> {
    /// Finds input and target from the first row.
    pub(super) fn of_pairs(path: &Path, line: u64, cells: &[&str]) -> Result<FirstRow<2>, DataError> {
        if cells.len() == 2 && cells.iter().all(is_number) {
            return Ok(FirstRow::Example(Self::in_order(["x", "y"], 2)));
        }
        refuse_duplicates(path, line, cells)?;
        match (find(cells, "x"), find(cells, "y")) {
            (Some(x), Some(y)) => Ok(FirstRow::Header(Self { read: [x, y], count: cells.len() })),
            (None, None) if cells.len() == 2 => {
                refuse_damaged_pair(path, line, cells)?;
                Ok(FirstRow::Header(Self::in_order([cells[0], cells[1]], 2)))
            }
            (x, _) => Err(missing(path, line, if x.is_none() { "x" } else { "y" }, cells)),
        }
    }
}

impl PairColumns<1> {
    /// Finds the input from the first row.
    pub(super) fn of_inputs(path: &Path, line: u64, cells: &[&str]) -> Result<FirstRow<1>, DataError> {
        let count = cells.len();
        if count <= 2 && cells.iter().all(is_number) {
            return Ok(FirstRow::Example(Self::in_order(["x"], count)));
        }
        refuse_duplicates(path, line, cells)?;
        match (find(cells, "x"), find(cells, "y")) {
            (Some(x), _) => Ok(FirstRow::Header(Self { read: [x], count })),
            (None, None) if count <= 2 => {
                refuse_damaged_pair(path, line, cells)?;
                Ok(FirstRow::Header(Self::in_order([cells[0]], count)))
            }
            (None, _) => Err(missing(path, line, "x", cells)),
        }
    }
}

impl<const N: usize> PairColumns<N> {
    /// The first `N` columns of `count`.
    fn in_order(names: [&str; N], count: usize) -> Self {
        Self { read: std::array::from_fn(|index| PairColumn { index, name: cut(names[index]) }), count }
    }
}

fn is_number(cell: &&str) -> bool {
    cell.parse::<f64>().is_ok()
}

/// The column of this name; case does not matter.
fn find(cells: &[&str], name: &str) -> Option<PairColumn> {
    let index = cells.iter().position(|cell| cell.eq_ignore_ascii_case(name))?;
    Some(PairColumn { index, name: cut(cells[index]) })
}

/// A number beside a text is a damaged example, which a header would hide.
fn refuse_damaged_pair(path: &Path, line: u64, cells: &[&str]) -> Result<(), DataError> {
    if !cells.iter().any(is_number) {
        return Ok(());
    }
    let (text, column) = if is_number(&cells[0]) { (cells[1], "y") } else { (cells[0], "x") };
    Err(DataError::NotANumber { path: path.to_owned(), line, column: column.to_owned(), text: cut(text) })
}

fn missing(path: &Path, line: u64, column: &'static str, cells: &[&str]) -> DataError {
    let found = cells.iter().take(NAMES_LISTED).map(|cell| cut(cell)).collect();
    DataError::MissingColumn { path: path.to_owned(), line, column, columns: cells.len(), found }
}

fn refuse_duplicates(path: &Path, line: u64, cells: &[&str]) -> Result<(), DataError> {
    match duplicate(cells) {
        Some(name) => Err(DataError::DuplicateColumn { path: path.to_owned(), line, name: cut(name) }),
        None => Ok(()),
    }
}

/// A name that occurs twice; as for `x` and `y`, case does not matter.
fn duplicate<'a>(cells: &[&'a str]) -> Option<&'a str> {
    let mut names: Vec<(String, &str)> = cells.iter().map(|cell| (cell.to_ascii_lowercase(), *cell)).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1)
}
