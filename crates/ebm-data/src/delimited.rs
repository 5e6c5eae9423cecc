//! Rows of cells from delimited text of any dialect, with the line of each.

mod bounded;
mod compressed;

use crate::error::DataError;
use crate::origin::{Input, Origin};
use crate::untrusted::damaged;
use bounded::BoundedRows;
use compressed::Text;
use csv::{ErrorKind, ReaderBuilder, StringRecord};
use ebm_core::open_regular;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Bytes that are read at once, and searched for the delimiter.
const BUFFER: usize = 1 << 16;
/// Characters of a name or cell kept for a message.
const TEXT_LENGTH: usize = 40;

/// The rows of a file that are not blank.
///
/// - **The delimiter** is a tab, a semicolon or a comma, detected from the first row that is not blank.
/// - **Compressed** by gzip or zstd: recognised by the first bytes.
/// - **Tolerated**: a byte-order mark, CRLF, quoted cells, blank lines.
/// - **Refused, with the line**: text other than UTF-8, rows longer than the limit.
pub(crate) struct TextRows {
    path: PathBuf,
    delimiter: u8,
    limit: usize,
    compressed: bool,
    reader: csv::Reader<BoundedRows<BufReader<Text>>>,
    record: StringRecord,
}

impl TextRows {
    /// Opens a file whose rows have at most `limit` bytes.
    pub(crate) fn open(path: &Origin, limit: usize) -> Result<Self, DataError> {
        Self::of(path, path.open()?, limit)
    }

    /// The same of a file that is open.
    pub(crate) fn of(path: &Origin, input: Input, limit: usize) -> Result<Self, DataError> {
        let text = Text::of(path, input)?;
        let compressed = text.is_compressed();
        let mut input = BufReader::with_capacity(BUFFER, text);
        let delimiter = start_and_delimiter(&mut input).map_err(|source| unreadable(path, compressed, 1, source))?;
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(BoundedRows::new(input, limit));
        Ok(Self { path: path.to_path_buf(), delimiter, limit, compressed, reader, record: StringRecord::new() })
    }

    /// The delimiter between cells.
    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The row that was read last.
    pub(crate) fn record(&self) -> &StringRecord {
        &self.record
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
                Err(error) => return Err(unreadable(&self.path, self.compressed, line, error.into())),
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

/// Opens a regular file, with separate errors for a missing one, a directory, and a pipe or a device.
pub(crate) fn open(path: &Path) -> Result<File, DataError> {
    open_regular(path).map_err(|source| DataError::opening(path, source))
}

/// The error of a device that fails, or of a compressed file that is damaged.
fn unreadable(path: &Path, compressed: bool, line: u64, source: io::Error) -> DataError {
    if compressed {
        return damaged(path, &format!("line {line} of its text"), source);
    }
    DataError::Read { path: path.to_owned(), line, source }
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
