//! Examples in delimited text: a header, then one row for each example.

use super::columns::{FirstRow, PairColumns};
use super::set::Pairs;
use crate::delimited::{TextRows, cut};
use crate::error::DataError;
use crate::origin::Origin;
use csv::StringRecord;
use std::path::Path;

/// The longest row that is read, in bytes; two numbers need 50.
const ROW_LIMIT: usize = 1 << 20;

/// Reads scalar examples from the delimited text at `path`.
///
/// ```text
/// x,y
/// 0.5,1.25
/// ```
///
/// - **Columns** are named `x` and `y` (capitals allowed) in any order, among any others, which
///   are ignored. With neither name: exactly two columns, the input and then the target.
/// - **The header** may be left out of a two-column file: a first row of two numbers is an example.
/// - **The delimiter** is a comma, semicolon or tab, seen from the first row that is not blank.
/// - **Tolerated**: a byte-order mark, CRLF, quoted cells, spaces around cells, blank lines.
/// - **Refused, with the line**: ragged rows, empty cells, text, decimal commas, NaN, infinities,
///   text other than UTF-8, rows longer than 1 MiB.
///
/// Memory is that of the examples and one row.
///
/// # Errors
/// [`DataError::NoInput`] where nothing can be opened, [`DataError::IsDirectory`],
/// [`DataError::Read`] for a failing device, and for content, naming the line:
/// [`DataError::Empty`], [`DataError::HeaderOnly`], [`DataError::MissingColumn`],
/// [`DataError::DuplicateColumn`], [`DataError::RaggedRow`], [`DataError::NotANumber`],
/// [`DataError::NotFinite`], [`DataError::NotUtf8`], [`DataError::RowTooLong`].
pub fn read_pairs(path: impl Into<Origin>) -> Result<Pairs, DataError> {
    let mut pairs = Pairs::default();
    read_rows(&path.into(), |[x, y]| {
        pairs.x.push(x);
        pairs.y.push(y);
    })?;
    Ok(pairs)
}

/// Reads inputs alone from the delimited text at `path`, as [`read_pairs`] reads examples.
///
/// - **The column** is named `x`, among any others, which are ignored. Without that name: the only
///   column, whatever its name unless that is `y`, or the first of exactly two.
/// - **The header** may be left out of a file with one column or two.
///
/// # Errors
/// As [`read_pairs`].
pub fn read_inputs(path: impl Into<Origin>) -> Result<Vec<f64>, DataError> {
    let mut inputs = Vec::new();
    read_rows(&path.into(), |[x]| inputs.push(x))?;
    Ok(inputs)
}

/// Reads the columns that [`PairColumns::find`] finds in the first row, row by row.
fn read_rows<const N: usize>(path: &Origin, mut push: impl FnMut([f64; N])) -> Result<(), DataError> {
    let mut rows = TextRows::open(path, ROW_LIMIT)?;
    let Some((line, cells)) = rows.next()? else {
        return Err(DataError::Empty { path: path.to_path_buf() });
    };
    let cells = trimmed(cells);
    let (columns, mut empty) = match PairColumns::find(path, line, &cells)? {
        FirstRow::Header(columns) => (columns, true),
        FirstRow::Example(columns) => {
            push(values(&columns, path, line, &cells)?);
            (columns, false)
        }
    };
    while let Some((line, cells)) = rows.next()? {
        push(values(&columns, path, line, &trimmed(cells))?);
        empty = false;
    }
    if empty { Err(DataError::HeaderOnly { path: path.to_path_buf() }) } else { Ok(()) }
}

fn trimmed(cells: &StringRecord) -> Vec<&str> {
    cells.iter().map(str::trim).collect()
}

/// The numbers in one row.
fn values<const N: usize>(
    columns: &PairColumns<N>,
    path: &Path,
    line: u64,
    cells: &[&str],
) -> Result<[f64; N], DataError> {
    if cells.len() != columns.count {
        return Err(DataError::RaggedRow { path: path.to_owned(), line, expected: columns.count, found: cells.len() });
    }
    let mut values = [0.0; N];
    for (value, column) in values.iter_mut().zip(&columns.read) {
        *value = number(cells[column.index], &column.name, path, line)?;
    }
    Ok(values)
}

/// The finite number in a cell.
fn number(cell: &str, column: &str, path: &Path, line: u64) -> Result<f64, DataError> {
    let (path, column, text) = (|| path.to_owned(), || column.to_owned(), || cut(cell));
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(DataError::NotFinite { path: path(), line, column: column(), text: text() }),
        Err(_) => Err(DataError::NotANumber { path: path(), line, column: column(), text: text() }),
    }
}
