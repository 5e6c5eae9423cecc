//! Rows of a Parquet file.

mod leaf;
mod pages;

use crate::delimited;
use crate::error::{DataError, DecodeError, TableError};
use crate::origin::Share;
use crate::table::cell::Cell;
use crate::untrusted::decode;
use ::parquet::basic::Compression;
use ::parquet::column::reader::{ColumnReader, get_column_reader};
use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use leaf::{Leaf, ParquetValue};
use pages::{Codec, Held, Pages, Ranges};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest footer that is read: one of a hundred thousand columns has about 15 MB for each group of rows.
const FOOTER_LIMIT: u64 = 64 << 20;
/// Cells that are decoded at once, of all columns together.
const CELLS_AT_ONCE: usize = 1 << 18;
/// Rows that are decoded at once where columns are few.
const ROWS_AT_ONCE: usize = 1024;

/// A Parquet file, read group by group and batch by batch.
///
/// - **Codecs**: none, Snappy, gzip and zstd, all of them in Rust. LZ4, Brotli and LZO are refused by name.
/// - **Columns** inside structures have their path as a name, with dots. Lists and maps cannot be read.
/// - **Memory** is one page and one dictionary of each column that is read, and a batch of values; more than
///   2 GiB of pages is refused, and so is a page that decodes to more than its header says.
pub(super) struct Parquet {
    path: PathBuf,
    ranges: Arc<Ranges>,
    metadata: Arc<ParquetMetaData>,
    names: Vec<String>,
    leaves: Vec<Leaf>,
    /// Columns that are read, and their readers in the current row group.
    wanted: Vec<usize>,
    readers: Vec<ColumnReader>,
    groups: Range<usize>,
    /// Rows of the group that are still to be read.
    left: usize,
    held: Held,
    batch: Batch,
    /// Next row of the batch, and of the file.
    at: usize,
    row: u64,
}

/// Some rows, decoded.
pub(super) struct Batch {
    /// Values of the columns that are read; empty for the others.
    columns: Vec<Vec<ParquetValue>>,
    rows: usize,
}

impl Batch {
    /// A cell; `row` counts from 0 in this batch.
    pub(super) fn cell(&self, column: usize, row: usize) -> Cell<'_> {
        self.columns[column][row].cell()
    }
}

impl Parquet {
    /// Reads the footer. Of a share, its groups are read.
    pub(super) fn open(path: &Path, share: Option<Share>) -> Result<Self, DataError> {
        let file = delimited::open(path)?;
        let length = file.metadata().map_err(|source| DataError::NoInput { path: path.to_owned(), source })?.len();
        let ranges = Arc::new(Ranges { file, length });
        let metadata = decode(path, "footer", || {
            let footer = ranges.footer_length()?;
            if footer > FOOTER_LIMIT {
                return Err(DecodeError::Length { expected: FOOTER_LIMIT, found: footer });
            }
            Ok(ParquetMetaDataReader::new().parse_and_finish(&*ranges)?)
        })?;
        let schema = metadata.file_metadata().schema_descr();
        let names: Vec<String> = schema.columns().iter().map(|column| column.path().parts().join(".")).collect();
        let leaves = schema.columns().iter().map(|column| Leaf::of(column)).collect();
        let mut seen = std::collections::HashSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
            let name = delimited::cut(twice);
            return Err(DataError::DuplicateColumn { path: path.to_owned(), line: 1, name });
        }
        let columns = names.len();
        let all = metadata.num_row_groups();
        let groups = share.map_or(0..all, |share| part(share, all));
        let before = metadata.row_groups()[..groups.start].iter().map(|group| group.num_rows().max(0) as u64);
        let row = before.fold(0, u64::saturating_add);
        Ok(Self {
            path: path.to_owned(),
            ranges,
            metadata: Arc::new(metadata),
            names,
            leaves,
            wanted: (0..columns).collect(),
            readers: Vec::new(),
            groups,
            left: 0,
            held: Held::default(),
            batch: Batch { columns: vec![Vec::new(); columns], rows: 0 },
            at: 0,
            row,
        })
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The columns that [`Parquet::only`] would read.
    pub(super) fn readable(&self) -> Vec<usize> {
        let is_read = |&column: &usize| self.leaves[column].is_read() && self.check(column).is_ok();
        (0..self.names.len()).filter(is_read).collect()
    }

    /// Reads these columns alone. Refuses what their metadata says cannot be read.
    pub(super) fn only(&mut self, columns: &[usize]) -> Result<(), DataError> {
        self.wanted = columns.to_vec();
        columns.iter().try_for_each(|&column| self.check(column))
    }

    fn check(&self, column: usize) -> Result<(), DataError> {
        for group in self.metadata.row_groups() {
            let chunk = group.columns().get(column);
            let Some(chunk) = chunk.filter(|_| self.leaves[column].is_read()) else { continue };
            if Codec::of(chunk.compression()).is_none() {
                let name = codec_name(chunk.compression());
                let fix = "write it with compression \"snappy\", \"gzip\", \"zstd\" or none";
                return Err(self.refused("compression", name.to_owned(), fix));
            }
            if let Some(encoding) = chunk.encodings().find(|&encoding| pages::is_refused(encoding)) {
                let fix = "write it with the writer's default encodings";
                return Err(self.refused("encoding", format!("{encoding:?}"), fix));
            }
        }
        Ok(())
    }

    fn refused(&self, what: &'static str, name: String, fix: &'static str) -> DataError {
        TableError::Parquet { path: self.path.clone(), what, name, fix }.into()
    }

    /// Goes to the next row; false at the end.
    pub(super) fn advance(&mut self) -> Result<bool, DataError> {
        while self.at == self.batch.rows {
            if self.left > 0 {
                self.read_batch()?;
            } else if let Some(group) = self.groups.next() {
                self.open_group(group)?;
            } else {
                return Ok(false);
            }
        }
        self.at += 1;
        self.row += 1;
        Ok(true)
    }

    /// The row that it is at: its number in the file from 1, its batch, and its number there from 0.
    pub(super) fn row(&self) -> (u64, &Batch, usize) {
        (self.row, &self.batch, self.at - 1)
    }

    fn open_group(&mut self, group: usize) -> Result<(), DataError> {
        self.readers.clear();
        let (ranges, metadata, held) = (&self.ranges, &self.metadata, &self.held);
        let (wanted, leaves) = (&self.wanted, &self.leaves);
        let place = format!("row group {group}");
        let (rows, readers) = decode(&self.path, &place, || {
            let group = metadata.row_group(group);
            let rows = usize::try_from(group.num_rows()).map_err(|_| DecodeError::Chunk)?;
            let mut readers = Vec::new();
            for &column in wanted.iter().filter(|&&column| leaves[column].is_read()) {
                let pages = Pages::open(ranges, group.column(column), rows, held)?;
                readers.push(get_column_reader(group.column(column).column_descr_ptr(), Box::new(pages)));
            }
            Ok((rows, readers))
        })?;
        (self.left, self.readers) = (rows, readers);
        Ok(())
    }

    fn read_batch(&mut self) -> Result<(), DataError> {
        let rows = (CELLS_AT_ONCE / self.wanted.len().max(1)).clamp(1, ROWS_AT_ONCE).min(self.left);
        let mut readers = self.readers.iter_mut();
        for &column in &self.wanted {
            let (into, leaf) = (&mut self.batch.columns[column], self.leaves[column]);
            into.clear();
            let reader = if leaf.is_read() { readers.next() } else { None };
            match reader {
                Some(reader) => {
                    let place = format!("column {:?} after row {}", delimited::cut(&self.names[column]), self.row);
                    decode(&self.path, &place, || leaf.read(reader, rows, into))?;
                }
                None => into.resize(rows, ParquetValue::Binary),
            }
        }
        self.batch.rows = rows;
        self.left -= rows;
        self.at = 0;
        Ok(())
    }
}

/// A part of `all` groups.
fn part(Share { index, of }: Share, all: usize) -> Range<usize> {
    let start = |index: usize| (index as u128 * all as u128 / of as u128) as usize;
    start(index)..start(index + 1)
}

fn codec_name(codec: Compression) -> &'static str {
    match codec {
        Compression::LZO => "LZO",
        Compression::BROTLI(_) => "Brotli",
        Compression::LZ4 | Compression::LZ4_RAW => "LZ4",
        _ => "unknown",
    }
}
