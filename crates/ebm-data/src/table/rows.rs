//! The rows of a file that are kept, read as a schema says.

use super::bound::{Bound, Fate, RawRow, Targets};
use super::options::OnMissing;
use super::schema::Schema;
use super::source::{Row, Source};
use crate::DataError;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// What became of the rows of a file, and of their cells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Rows read.
    pub rows: usize,
    /// Rows dropped because an input is missing.
    pub without_input: usize,
    /// Rows dropped because a target is missing.
    pub without_target: usize,
    /// Missing inputs that were filled in, by column.
    pub imputed: BTreeMap<String, usize>,
    /// Inputs of a level that is not encoded, by column: a rare one, or one that was not there in training.
    pub unknown: BTreeMap<String, usize>,
    /// Numbers and dates outside the range of the rows trained on, by column.
    pub out_of_range: BTreeMap<String, usize>,
}

impl Tally {
    /// Rows that were kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.rows - self.without_input - self.without_target
    }
}

/// Adds one to the count of a column.
pub(super) fn count(counts: &mut BTreeMap<String, usize>, column: &str) {
    match counts.get_mut(column) {
        Some(count) => *count += 1,
        None => drop(counts.insert(column.to_owned(), 1)),
    }
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Kept,
    Dropped,
    End,
}

/// The rows of a file, one a step.
pub(super) struct Rows {
    source: Source,
    bound: Bound,
    raw: RawRow,
    on_missing: OnMissing,
    targets: Targets,
    pub(super) tally: Tally,
}

impl Rows {
    pub(super) fn open(
        path: &Path,
        schema: &Schema,
        on_missing: OnMissing,
        targets: Targets,
    ) -> Result<Self, DataError> {
        let mut source = Source::open(path)?;
        let bound = Bound::new(&mut source, schema, targets)?;
        Ok(Self { source, bound, raw: RawRow::new(), on_missing, targets, tally: Tally::default() })
    }

    /// Whether targets are read.
    pub(super) fn has_targets(&self) -> bool {
        self.bound.has_targets()
    }

    /// Reads a row, and hands it over if it is kept.
    pub(super) fn step(
        &mut self,
        use_row: impl FnOnce(&RawRow, &Row<'_>, &Bound, &mut Tally),
    ) -> Result<Step, DataError> {
        let Some(row) = self.source.next()? else { return Ok(Step::End) };
        self.tally.rows += 1;
        self.bound.read(&row, &mut self.raw)?;
        match self.bound.fate(&self.raw, self.on_missing, self.targets)? {
            Fate::Kept => {
                use_row(&self.raw, &row, &self.bound, &mut self.tally);
                return Ok(Step::Kept);
            }
            Fate::WithoutInput => self.tally.without_input += 1,
            Fate::WithoutTarget => self.tally.without_target += 1,
        }
        Ok(Step::Dropped)
    }
}
