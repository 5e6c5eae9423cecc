//! The rows of a file that are kept, read as a schema says.

use super::bound::{Bound, Fate, RawRow, Targets};
use super::file::Row;
use super::files::TableFile;
use super::options::OnMissing;
use super::schema::Schema;
use super::tally::Tally;
use crate::error::{DataError, TableError};
use crate::origin::Origin;

/// The result of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Kept,
    Dropped,
    End,
}

/// The rows of a file, one a step.
pub(super) struct KeptRows {
    file: TableFile,
    bound: Bound,
    raw: RawRow,
    on_missing: OnMissing,
    targets: Targets,
    pub(super) tally: Tally,
}

impl KeptRows {
    pub(super) fn open(
        path: &Origin,
        schema: &Schema,
        on_missing: OnMissing,
        targets: Targets,
    ) -> Result<Self, DataError> {
        let mut file = TableFile::open(path)?;
        let bound = Bound::new(&mut file, schema, targets)?;
        Ok(Self { file, bound, raw: RawRow::new(), on_missing, targets, tally: Tally::default() })
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
        let Some(row) = self.file.next()? else { return Ok(Step::End) };
        self.tally.rows += 1;
        let in_file = |error: TableError| error.in_file(row.file);
        self.bound.read(&row, &mut self.raw).map_err(in_file)?;
        match self.bound.fate(&self.raw, self.on_missing, self.targets).map_err(in_file)? {
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
