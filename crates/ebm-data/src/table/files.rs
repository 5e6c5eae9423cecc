//! The rows of a table: of one file, or of the files below a folder, one after the other; all, or a sample.

use super::cell::Decimal;
use super::cell_hash::of_cells;
use super::columns::Lookup;
use super::file::{OneFile, Row};
use crate::delimited::cut;
use crate::error::{DataError, TableError};
use crate::folder::{folder_of, tables};
use crate::origin::{Origin, Sample};
use sha2::{Digest, Sha256};
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};

/// The largest weight of a row.
const MOST_TIMES: f64 = 1e6;

/// A table on disk, whose rows come one at a time.
pub(super) struct TableFile {
    path: PathBuf,
    /// The first file, whose header all files have.
    first: OneFile,
    /// The one that is read, if it is not the first.
    now: Option<OneFile>,
    /// Those after it, in reverse order.
    later: Vec<PathBuf>,
    wanted: Option<Vec<usize>>,
    sampled: Option<Sampled>,
    /// The column that says how often each row is there, and how often this one comes again.
    weight: Option<usize>,
    again: u64,
    /// Rows that were read.
    count: usize,
}

/// A sample of rows.
struct Sampled {
    seed: u64,
    /// Hashes of the sample are below this.
    limit: u64,
    /// The columns that are hashed, by name.
    columns: Vec<usize>,
}

impl TableFile {
    /// Opens a table. Where rows are sampled, all are read once to find which.
    pub(super) fn open(path: &Origin) -> Result<Self, DataError> {
        let mut all = Self::open_all(path)?;
        all.weight = path.weight().map(|column| Lookup::new(path, all.names()).find(column)).transpose()?;
        let Some(sample) = path.sample() else { return Ok(all) };
        let limit = match sample.limit.get() {
            Some(limit) => *limit,
            None => {
                let found = Self::open_all(path)?.limit_of(sample)?;
                *sample.limit.get_or_init(|| found)
            }
        };
        let sampled = Sampled { seed: sample.seed, limit, columns: all.by_name() };
        Ok(Self { sampled: Some(sampled), ..all })
    }

    fn open_all(path: &Origin) -> Result<Self, DataError> {
        let mut later = Vec::new();
        let first = if path.is_several() {
            let folder = folder_of(path).unwrap_or_default();
            later = tables(path)?.into_iter().rev().map(|table| folder.join(table)).collect();
            OneFile::open(&later.pop().expect("a folder without tables is an error").into())?
        } else {
            OneFile::open(path)?
        };
        Ok(Self {
            path: path.to_path_buf(),
            first,
            now: None,
            later,
            wanted: None,
            sampled: None,
            weight: None,
            again: 0,
            count: 0,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The columns in the order of the file. One without a name is called `column N`, counted from 1.
    pub(super) fn names(&self) -> &[String] {
        self.first.names()
    }

    /// How numbers are written in its text.
    pub(super) fn decimal(&self) -> Decimal {
        self.first.decimal()
    }

    /// The columns whose cells can be read, in the order of the file.
    pub(super) fn readable(&self) -> Vec<usize> {
        self.first.readable()
    }

    /// The same, sorted by name.
    fn by_name(&self) -> Vec<usize> {
        let mut columns = self.readable();
        columns.sort_unstable_by_key(|&column| &self.names()[column]);
        columns
    }

    /// Announces that no cell outside these columns will be read, before the first row is.
    pub(super) fn only(&mut self, columns: &[usize]) -> Result<(), DataError> {
        let hashed = self.sampled.as_ref().map_or(&[][..], |sampled| &sampled.columns);
        let mut columns: Vec<usize> = columns.iter().chain(hashed).chain(&self.weight).copied().collect();
        columns.sort_unstable();
        columns.dedup();
        self.first.only(&columns)?;
        self.wanted = Some(columns);
        Ok(())
    }

    /// The next row, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>, DataError> {
        if self.again > 0 {
            self.again -= 1;
            return Ok(Some(self.row()));
        }
        while self.advance()? {
            match self.weight.map_or(Ok(1), |column| self.weight_in(column))? {
                0 => continue,
                times => self.again = times - 1,
            }
            let is_left_out = self.sampled.as_ref().is_some_and(|Sampled { seed, limit, columns }| {
                hash(*seed, &self.now().row(), columns, self.decimal()) >= *limit
            });
            if !is_left_out {
                return Ok(Some(self.row()));
            }
        }
        Ok(None)
    }

    fn row(&self) -> Row<'_> {
        self.now().row().numbered(self.count)
    }

    /// How often the row that it is at is there.
    fn weight_in(&self, column: usize) -> Result<u64, TableError> {
        let row = self.now().row();
        let cell = row.cell(column);
        match cell.number(self.decimal()) {
            Ok(times) if times.fract() == 0.0 && (0.0..=MOST_TIMES).contains(&times) => Ok(times as u64),
            _ => Err(TableError::Cell {
                path: row.file.to_owned(),
                place: row.place,
                column: cut(&self.names()[column]),
                text: cell.with_text(cut),
                expected: "a weight, a whole number from 0 to 1000000",
            }),
        }
    }

    /// The file that is read.
    fn now(&self) -> &OneFile {
        self.now.as_ref().unwrap_or(&self.first)
    }

    /// Goes to the next row, if need be of the next file, whether it is in the sample or not; false at the end.
    fn advance(&mut self) -> Result<bool, DataError> {
        loop {
            if self.now.as_mut().unwrap_or(&mut self.first).advance()? {
                self.count += 1;
                return Ok(true);
            }
            let Some(next) = self.later.pop() else { return Ok(false) };
            let mut next = OneFile::open(&next.into())?;
            self.check(&next)?;
            if let Some(columns) = &self.wanted {
                next.only(columns)?;
            }
            self.now = Some(next);
        }
    }

    /// Refuses a file with other columns than the first.
    fn check(&self, next: &OneFile) -> Result<(), TableError> {
        let (ours, theirs) = (self.first.names(), next.names());
        if ours == theirs && self.first.decimal() == next.decimal() && self.first.readable() == next.readable() {
            return Ok(());
        }
        let at = ours.iter().zip(theirs).take_while(|(our, their)| our == their).count();
        let column = theirs.get(at).or(ours.get(at)).map(|column| cut(column));
        Err(TableError::OtherColumns { path: next.path().to_owned(), first: self.first.path().to_owned(), column })
    }

    /// The hash that those of a sample are below: the smallest of the rows that no longer fit, or the largest number.
    fn limit_of(mut self, sample: &Sample) -> Result<u64, DataError> {
        let (columns, decimal) = (self.by_name(), self.decimal());
        self.only(&columns)?;
        let mut smallest = BinaryHeap::new();
        let mut limit = u64::MAX;
        while let Some(row) = self.next()? {
            smallest.push(hash(sample.seed, &row, &columns, decimal));
            if smallest.len() > sample.rows {
                limit = smallest.pop().map_or(limit, |hash| limit.min(hash));
            }
        }
        Ok(limit)
    }
}

/// The hash of a seed and of what a row holds in some columns.
fn hash(seed: u64, row: &Row<'_>, columns: &[usize], decimal: Decimal) -> u64 {
    let content = of_cells(row, columns, decimal);
    let hash = Sha256::new().chain_update(b"sample").chain_update(seed.to_le_bytes()).chain_update(content);
    let mut word = [0; 8];
    word.copy_from_slice(&hash.finalize()[..8]);
    u64::from_le_bytes(word)
}
