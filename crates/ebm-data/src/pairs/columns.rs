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

/// The input and the target.
const NAMES: [&str; 2] = ["x", "y"];

impl<const N: usize> PairColumns<N> {
    /// Finds the first `N` of [`NAMES`] in the first row: the input (1), or input and target (2).
    pub(super) fn find(path: &Path, line: u64, cells: &[&str]) -> Result<FirstRow<N>, DataError> {
        let count = cells.len();
        // Without names, `N` columns are read by their order, and so is the input of a pair.
        let by_order = count == N || count == NAMES.len();
        if by_order && cells.iter().all(is_number) {
            return Ok(FirstRow::Example(Self::new(cells, |n| (n, NAMES[n]))));
        }
        refuse_duplicates(path, line, cells)?;
        let found = NAMES.map(|name| cells.iter().position(|cell| cell.eq_ignore_ascii_case(name)));
        match (0..N).find(|&n| found[n].is_none()) {
            None => Ok(FirstRow::Header(Self::new(cells, |n| {
                let index = found[n].expect("none of the first N is missing");
                (index, cells[index])
            }))),
            Some(_) if by_order && found == [None, None] => {
                refuse_damaged_pair(path, line, cells)?;
                Ok(FirstRow::Header(Self::new(cells, |n| (n, cells[n]))))
            }
            Some(n) => Err(missing(path, line, NAMES[n], cells)),
        }
    }

    /// The columns with these indices and names.
    fn new<'a>(cells: &[&str], column: impl Fn(usize) -> (usize, &'a str)) -> Self {
        let read = std::array::from_fn(|n| {
            let (index, name) = column(n);
            PairColumn { index, name: cut(name) }
        });
        Self { read, count: cells.len() }
    }
}

fn is_number(cell: &&str) -> bool {
    cell.parse::<f64>().is_ok()
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
