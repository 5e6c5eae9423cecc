//! A file in chunks: any number of rows in bounded memory.

use super::bound::Targets;
use super::encode::{Flags, encode};
use super::kept_rows::{KeptRows, Step};
use super::options::OnMissing;
use super::schema::Schema;
use super::tally::Tally;
use crate::error::{DataError, TableError};
use crate::origin::Origin;
use std::path::PathBuf;

/// Some consecutive rows of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    /// The encoded inputs, row by row.
    pub inputs: Vec<f32>,
    /// The targets in their own unit, row by row; NaN where one is missing. `None` where they are not read.
    pub targets: Option<Vec<f64>>,
    /// The line of each row in its file, or its row in a Parquet file, from 1.
    pub lines: Vec<u64>,
    /// What is unusual about each row.
    pub flags: Vec<Flags>,
}

impl Chunk {
    /// Number of rows, at least 1.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// The chunks of a file.
pub struct Chunks<'a> {
    path: PathBuf,
    schema: &'a Schema,
    rows: KeptRows,
    size: usize,
    ended: bool,
}

/// Reads a file in chunks of `size` rows, the last one shorter, as a schema says. Columns are matched by their names,
/// and others are ignored.
///
/// After an error there are no more chunks.
///
/// # Errors
/// [`DataError`] where the file cannot be opened; [`TableError::NoColumn`] where a column of the schema is missing.
/// An error in a row takes the place of its chunk, and so does the error for a file without rows.
///
/// # Panics
/// When `size` is zero.
pub fn stream<'a>(
    path: impl Into<Origin>,
    schema: &'a Schema,
    size: usize,
    on_missing: OnMissing,
    targets: Targets,
) -> Result<Chunks<'a>, DataError> {
    assert!(size > 0, "a chunk has rows");
    let path = &path.into();
    let rows = KeptRows::open(path, schema, on_missing, targets)?;
    Ok(Chunks { path: path.to_path_buf(), schema, rows, size, ended: false })
}

impl Chunks<'_> {
    /// Counts of the rows so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.rows.tally
    }

    /// Whether the file has targets and they are read.
    #[must_use]
    pub fn has_targets(&self) -> bool {
        self.rows.has_targets()
    }

    fn read(&mut self) -> Result<Option<Chunk>, DataError> {
        let mut chunk = Chunk {
            inputs: Vec::new(),
            targets: self.has_targets().then(Vec::new),
            lines: Vec::new(),
            flags: Vec::new(),
        };
        while chunk.len() < self.size && !self.ended {
            let step = self.rows.step(|raw, _, _, tally| {
                chunk.flags.push(encode(self.schema, &raw.values, &mut chunk.inputs, tally));
                chunk.lines.push(raw.place.number());
                if let Some(targets) = &mut chunk.targets {
                    targets.extend(&raw.targets);
                }
            })?;
            self.ended = step == Step::End;
        }
        if self.ended && self.rows.tally.kept() == 0 {
            return Err(TableError::nothing_kept(&self.path, self.rows.tally.rows).into());
        }
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}

impl Iterator for Chunks<'_> {
    type Item = Result<Chunk, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let chunk = self.read();
        self.ended |= chunk.is_err();
        chunk.transpose()
    }
}
