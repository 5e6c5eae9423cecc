//! Examples in delimited text: a header, then one row for each example.

mod bounded;
mod columns;
mod write;

pub use write::{write_pairs, write_pairs_to};

use crate::{DataError, Pairs};
use bounded::{BoundedRows, ROW_LIMIT};
use columns::{Columns, FirstRow, cut};
use csv::{ByteRecord, ReaderBuilder};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

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
pub fn read_pairs(path: impl AsRef<Path>) -> Result<Pairs, DataError> {
    let mut pairs = Pairs::default();
    read_rows(path.as_ref(), Columns::of_pairs, |[x, y]| {
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
pub fn read_inputs(path: impl AsRef<Path>) -> Result<Vec<f64>, DataError> {
    let mut inputs = Vec::new();
    read_rows(path.as_ref(), Columns::of_inputs, |[x]| inputs.push(x))?;
    Ok(inputs)
}

/// Reads the columns that `find` finds in the first row, row by row.
fn read_rows<const N: usize>(
    path: &Path,
    find: impl Fn(&Path, u64, &[&str]) -> Result<FirstRow<N>, DataError>,
    mut push: impl FnMut([f64; N]),
) -> Result<(), DataError> {
    let mut input = open(path)?;
    let delimiter =
        start_and_delimiter(&mut input).map_err(|source| DataError::Read { path: path.to_owned(), line: 1, source })?;
    let mut rows = Rows {
        path,
        reader: ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(BoundedRows::new(input)),
        record: ByteRecord::new(),
    };
    let Some((line, cells)) = rows.next()? else {
        return Err(DataError::Empty { path: path.to_owned() });
    };
    let (columns, mut empty) = match find(path, line, &cells)? {
        FirstRow::Header(columns) => (columns, true),
        FirstRow::Example(columns) => {
            push(values(&columns, path, line, &cells)?);
            (columns, false)
        }
    };
    while let Some((line, cells)) = rows.next()? {
        push(values(&columns, path, line, &cells)?);
        empty = false;
    }
    if empty { Err(DataError::HeaderOnly { path: path.to_owned() }) } else { Ok(()) }
}

/// Opens a file, telling a missing one and a directory from one that is there.
fn open(path: &Path) -> Result<BufReader<File>, DataError> {
    let no_input = |source| DataError::NoInput { path: path.to_owned(), source };
    if fs::metadata(path).map_err(no_input)?.is_dir() {
        return Err(DataError::IsDirectory { path: path.to_owned() });
    }
    Ok(BufReader::new(File::open(path).map_err(no_input)?))
}

/// Steps over a byte-order mark and looks ahead for the delimiter.
///
/// A tab or a semicolon wins over commas, which may then be decimal commas: those are refused as
/// numbers later, with a message that fits.
fn start_and_delimiter(input: &mut impl BufRead) -> std::io::Result<u8> {
    if input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
    }
    let ahead = input.fill_buf()?;
    let first_row = ahead.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    Ok([b'\t', b';'].into_iter().find(|byte| first_row.contains(byte)).unwrap_or(b','))
}

/// The rows that are not blank, with their lines.
struct Rows<'a, R: std::io::Read> {
    path: &'a Path,
    reader: csv::Reader<R>,
    record: ByteRecord,
}

impl<R: BufRead> Rows<'_, BoundedRows<R>> {
    /// The next row as trimmed cells, or nothing at the end.
    fn next(&mut self) -> Result<Option<(u64, Vec<&str>)>, DataError> {
        loop {
            self.reader.get_mut().start_row();
            let found = self.reader.read_byte_record(&mut self.record);
            let input = self.reader.get_ref();
            let line = input.line();
            let path = || self.path.to_owned();
            match found {
                Err(_) if input.over_limit() => {
                    let line = input.row_line();
                    return Err(DataError::RowTooLong { path: path(), line, limit: ROW_LIMIT });
                }
                Err(error) => {
                    return Err(DataError::Read { path: path(), line, source: error.into() });
                }
                Ok(false) => return Ok(None),
                Ok(true) => {}
            }
            let blank = self.record.len() < 2 && self.record.as_slice().trim_ascii().is_empty();
            if !blank {
                let cells: Result<Vec<&str>, _> = self.record.iter().map(std::str::from_utf8).collect();
                let cells = cells.map_err(|_| DataError::NotUtf8 { path: path(), line })?;
                return Ok(Some((line, cells.into_iter().map(str::trim).collect())));
            }
        }
    }
}

/// The numbers in one row.
fn values<const N: usize>(columns: &Columns<N>, path: &Path, line: u64, cells: &[&str]) -> Result<[f64; N], DataError> {
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
