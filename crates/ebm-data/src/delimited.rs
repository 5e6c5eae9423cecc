//! Rows of cells from delimited text of any dialect, with the line of each.

mod bounded;

use crate::error::DataError;
use bounded::BoundedRows;
use csv::{ErrorKind, ReaderBuilder, StringRecord};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Bytes that are read at once, and searched for the delimiter.
const BUFFER: usize = 1 << 16;
/// Characters of a name or cell kept for a message.
const TEXT_LENGTH: usize = 40;

/// The rows of a file that are not blank.
///
/// - **The delimiter** is a tab, a semicolon or a comma, detected from the first row that is not blank.
/// - **Tolerated**: a byte-order mark, CRLF, quoted cells, blank lines.
/// - **Refused, with the line**: text other than UTF-8, rows longer than the limit.
pub(crate) struct TextRows {
    path: PathBuf,
    delimiter: u8,
    limit: usize,
    reader: csv::Reader<BoundedRows<BufReader<File>>>,
    record: StringRecord,
}

impl TextRows {
    /// Opens a file whose rows have at most `limit` bytes.
    pub(crate) fn open(path: &Path, limit: usize) -> Result<Self, DataError> {
        let mut input = BufReader::with_capacity(BUFFER, open(path)?);
        let delimiter = start_and_delimiter(&mut input).map_err(|source| DataError::Read {
            path: path.to_owned(),
            line: 1,
            source,
        })?;
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(BoundedRows::new(input, limit));
        Ok(Self { path: path.to_owned(), delimiter, limit, reader, record: StringRecord::new() })
    }

    /// The delimiter between cells.
    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The next row and the line on which it ends, or nothing at the end. Cells are not trimmed.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, &StringRecord)>, DataError> {
        loop {
            self.reader.get_mut().start_row();
            let found = self.reader.read_record(&mut self.record);
            let input = self.reader.get_ref();
            let line = input.line();
            let path = || self.path.clone();
            match found {
                Err(_) if input.over_limit() => {
                    return Err(DataError::RowTooLong { path: path(), line: input.row_line(), limit: self.limit });
                }
                Err(error) if matches!(error.kind(), ErrorKind::Utf8 { .. }) => {
                    return Err(DataError::NotUtf8 { path: path(), line });
                }
                Err(error) => return Err(DataError::Read { path: path(), line, source: error.into() }),
                Ok(false) => return Ok(None),
                Ok(true) => {}
            }
            let blank = self.record.len() < 2 && self.record.iter().all(|cell| cell.trim().is_empty());
            if !blank {
                return Ok(Some((line, &self.record)));
            }
        }
    }
}

/// Opens a file, with separate errors for a missing file and a directory.
pub(crate) fn open(path: &Path) -> Result<File, DataError> {
    let no_input = |source| DataError::NoInput { path: path.to_owned(), source };
    if fs::metadata(path).map_err(no_input)?.is_dir() {
        return Err(DataError::IsDirectory { path: path.to_owned() });
    }
    File::open(path).map_err(no_input)
}

/// Steps over a byte-order mark and looks ahead for the delimiter.
///
/// Outside quotes, a tab or a semicolon wins over commas, which may then be decimal commas.
fn start_and_delimiter(input: &mut impl BufRead) -> io::Result<u8> {
    if input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
    }
    let ahead = input.fill_buf()?;
    let first_row = ahead.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    // Every second part lies between quotes.
    let bare = || first_row.split(|&byte| byte == b'"').step_by(2);
    Ok([b'\t', b';'].into_iter().find(|byte| bare().any(|part| part.contains(byte))).unwrap_or(b','))
}

/// The start of a name or cell, for a message.
pub(crate) fn cut(cell: &str) -> String {
    let mut start: String = cell.chars().take(TEXT_LENGTH).collect();
    if start.len() < cell.len() {
        start.push('…');
    }
    start
}
