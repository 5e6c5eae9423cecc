//! Which row of a file is in which part.

use super::bound::Targets;
use super::cell::{Cell, Decimal};
use super::columns::Lookup;
use super::file::Row;
use super::files::TableFile;
use super::kept_rows::{KeptRows, Step};
use super::options::OnMissing;
use super::ranks;
use super::row_hash::RowHash;
use super::schema::Schema;
use super::split::{Part, Shares, Split, SplitBy};
use crate::delimited::cut;
use crate::error::{DataError, Place, TableError};
use crate::origin::Origin;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The part of every row of a file, and its key: equal keys belong together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Assignment {
    parts: Vec<Option<Part>>,
    keys: Vec<u64>,
}

impl Assignment {
    /// Rows of the file.
    pub(super) fn rows(&self) -> usize {
        self.parts.len()
    }

    /// The part of a row, counted from 0, and its key. A row without a target is in no part.
    pub(super) fn of(&self, row: usize) -> (Option<Part>, u64) {
        (self.parts.get(row).copied().flatten(), self.keys.get(row).copied().unwrap_or_default())
    }

    /// Whether a row is trained on.
    pub(super) fn trains_on(&self, row: usize) -> bool {
        self.of(row).0 == Some(Part::Train)
    }

    /// Whether any row is trained on.
    pub(super) fn trains(&self) -> bool {
        self.parts.contains(&Some(Part::Train))
    }

    /// Assigns by a hash of the columns that are used, as release 0.1.0 did.
    pub(super) fn by_used_columns(
        path: &Origin,
        schema: &Schema,
        split: &Split,
        on_missing: OnMissing,
    ) -> Result<Self, DataError> {
        let mut rows = KeptRows::open(path, schema, on_missing, Targets::Required)?;
        let mut all = Self { parts: Vec::new(), keys: Vec::new() };
        loop {
            let mut found = (None, 0);
            let step = rows.step(|_, row, bound, _| {
                let content = RowHash::of(bound, row);
                found = (Some(split.shares.part(split.seed, &content.0)), key(split.seed, &content, 0));
            })?;
            if step == Step::End {
                return Ok(all);
            }
            all.parts.push(found.0);
            all.keys.push(found.1);
        }
    }

    /// Assigns by what the rows of a file are. Rows without a target are in no part, or refused.
    pub(super) fn by_rows(
        path: &Origin,
        targets: &[String],
        split: &Split,
        on_missing: OnMissing,
    ) -> Result<Self, DataError> {
        let mut file = TableFile::open(path)?;
        let columns = Columns::find(path, &file, targets, &split.by)?;
        file.only(&columns.all())?;
        let mut found = Found { seed: split.seed, width: targets.len(), ..Found::default() };
        let mut rows = 0;
        let names: Vec<String> = file.names().to_vec();
        while let Some(row) = file.next()? {
            match columns.targets.iter().find(|&&column| row.cell(column).is_missing()) {
                None => found.add(&columns, &row, rows).map_err(|error| error.in_file(row.file))?,
                Some(&column) if on_missing == OnMissing::Refuse => {
                    let (path, place, column) = (row.file.to_path_buf(), row.place, cut(&names[column]));
                    return Err(TableError::Missing { path, place, column }.into());
                }
                Some(_) => {}
            }
            rows += 1;
        }
        let keys = found.keys();
        let parts = match &split.by {
            SplitBy::Column(_) => found.named.iter().map(|&part| allowed(part, &split.shares)).collect(),
            _ => ranks::parts(&keys, &split.shares),
        };
        let mut all = Self { parts: vec![None; rows], keys: vec![0; rows] };
        for ((&row, part), key) in found.rows.iter().zip(parts).zip(keys) {
            (all.parts[row], all.keys[row]) = (Some(part), key);
        }
        Ok(all)
    }
}

/// A part that was not asked for is trained on.
fn allowed(part: Part, shares: &Shares) -> Part {
    if shares.of(part) > 0.0 { part } else { Part::Train }
}

/// The columns that decide.
struct Columns {
    path: PathBuf,
    decimal: Decimal,
    targets: Vec<usize>,
    /// All that can be read but the targets, sorted by name.
    others: Vec<usize>,
    by: SplitBy,
    by_column: Option<usize>,
}

impl Columns {
    fn find(path: &Path, file: &TableFile, targets: &[String], by: &SplitBy) -> Result<Self, TableError> {
        let lookup = Lookup::new(path, file.names());
        let targets: Vec<usize> = targets.iter().map(|target| lookup.find(target)).collect::<Result<_, _>>()?;
        let by_column = by.column().map(|column| lookup.find(column)).transpose()?;
        if let Some(column) = by_column.filter(|column| targets.contains(column)) {
            return Err(TableError::NamedTwice { column: cut(&file.names()[column]) });
        }
        let mut others: Vec<usize> = file.readable().into_iter().filter(|column| !targets.contains(column)).collect();
        others.sort_unstable_by_key(|&column| &file.names()[column]);
        Ok(Self { path: path.to_path_buf(), decimal: file.decimal(), targets, others, by: by.clone(), by_column })
    }

    fn all(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.targets.iter().chain(&self.others).chain(&self.by_column).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn wrong(&self, cell: &Cell<'_>, place: Place, expected: &'static str) -> TableError {
        let (path, column) = (self.path.clone(), cut(self.by.column().unwrap_or_default()));
        TableError::Cell { path, place, column, text: cell.with_text(cut), expected }
    }
}

/// What was found in the rows that have targets.
#[derive(Default)]
struct Found {
    seed: u64,
    width: usize,
    /// Each row of the file, from 0.
    rows: Vec<usize>,
    hashes: Vec<RowHash>,
    /// `width` numbers for each row.
    targets: Vec<f64>,
    named: Vec<Part>,
    /// Keys in the order of time, the latest first.
    times: Vec<u64>,
    /// Whether times are dates.
    dates: Option<bool>,
}

impl Found {
    fn add(&mut self, columns: &Columns, row: &Row<'_>, index: usize) -> Result<(), TableError> {
        let cell = columns.by_column.map(|column| row.cell(column));
        match (&columns.by, &cell) {
            (SplitBy::Group(_), Some(cell)) if cell.is_missing() => {
                return Err(columns.wrong(cell, row.place, "the name of a group"));
            }
            (SplitBy::Group(_), Some(_)) => {
                let column = columns.by_column.as_slice();
                self.hashes.push(RowHash::of_cells(row, column, columns.decimal));
            }
            (SplitBy::Time(_), Some(cell)) => {
                let (time, is_date) = match (cell.number(columns.decimal), cell.days()) {
                    (Ok(number), _) => (number, false),
                    (Err(_), Some(days)) => (days, true),
                    (Err(_), None) => return Err(columns.wrong(cell, row.place, "a number or a date")),
                };
                if *self.dates.get_or_insert(is_date) != is_date {
                    return Err(columns.wrong(cell, row.place, "a number or a date, as the first row has"));
                }
                self.times.push(!ascending_bits(time));
            }
            (SplitBy::Column(_), Some(cell)) => {
                let name = cell.with_text(str::to_lowercase);
                let part = Part::ALL.into_iter().find(|part| part.name() == name);
                let expected = "one of train, validation, calibration and test";
                self.named.push(part.ok_or_else(|| columns.wrong(cell, row.place, expected))?);
            }
            _ => {}
        }
        if !matches!(columns.by, SplitBy::Group(_) | SplitBy::Time(_)) {
            self.hashes.push(RowHash::of_cells(row, &columns.others, columns.decimal));
            let value = |&column: &usize| {
                let cell = row.cell(column);
                let boolean = || cell.boolean().map(|value| f64::from(u8::from(value)));
                cell.number(columns.decimal).ok().or_else(|| cell.days()).or_else(boolean).unwrap_or(f64::NAN)
            };
            self.targets.extend(columns.targets.iter().map(value));
        }
        self.rows.push(index);
        Ok(())
    }

    /// The key of each row.
    fn keys(&self) -> Vec<u64> {
        if !self.times.is_empty() {
            return self.times.clone();
        }
        let targets = |row: usize| self.targets.get(row * self.width..(row + 1) * self.width).unwrap_or_default();
        let compared = |a: usize, b: usize| {
            let values = targets(a).iter().zip(targets(b)).map(|(a, b)| a.total_cmp(b));
            values.fold(self.hashes[a].cmp(&self.hashes[b]), std::cmp::Ordering::then)
        };
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|&a, &b| compared(a, b));
        let (mut keys, mut rank) = (vec![0; order.len()], 0);
        for (index, &row) in order.iter().enumerate() {
            let before = index.checked_sub(1).map(|before| order[before]);
            rank = match before {
                Some(before) if self.hashes[before] == self.hashes[row] => {
                    rank + u64::from(compared(before, row).is_ne())
                }
                _ => 0,
            };
            keys[row] = key(self.seed, &self.hashes[row], rank);
        }
        keys
    }
}

fn key(seed: u64, content: &RowHash, rank: u64) -> u64 {
    let hash = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(content.0).chain_update(rank.to_le_bytes());
    let mut word = [0; 8];
    word.copy_from_slice(&hash.finalize()[..8]);
    u64::from_le_bytes(word)
}

/// Bits that are in the order of their numbers.
fn ascending_bits(value: f64) -> u64 {
    let bits = value.to_bits();
    if value.is_sign_negative() { !bits } else { bits | 1 << 63 }
}
