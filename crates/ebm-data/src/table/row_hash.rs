//! Rows by their content.

use super::bound::{Bound, Compared};
use super::cell::Decimal;
use super::cell_hash::{add, first_half, of_cells};
use super::file::Row;
use sha2::{Digest, Sha256};

/// A hash of the names and values of a row, in any order of columns and any dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RowHash(pub(super) [u8; 16]);

impl RowHash {
    /// Its first 64 bits.
    pub(super) fn half(&self) -> u64 {
        let mut word = [0; 8];
        word.copy_from_slice(&self.0[..8]);
        u64::from_le_bytes(word)
    }

    /// The hash over all columns of a schema.
    pub(super) fn of(bound: &Bound, row: &Row<'_>) -> Self {
        Self::of_columns(bound, row, bound.by_name())
    }

    /// The hash over the inputs alone.
    pub(super) fn of_features(bound: &Bound, row: &Row<'_>) -> Self {
        Self::of_columns(bound, row, bound.by_name().iter().filter(|compared| !compared.is_target))
    }

    /// The hash of the values of some columns, none of them compared as text.
    pub(super) fn of_cells(row: &Row<'_>, columns: &[usize], decimal: Decimal) -> Self {
        Self(of_cells(row, columns, decimal))
    }

    fn of_columns<'a>(bound: &Bound, row: &Row<'_>, columns: impl IntoIterator<Item = &'a Compared>) -> Self {
        let mut hash = Sha256::new();
        for &Compared { column, as_text, .. } in columns {
            add(&mut hash, &row.cell(column), as_text, bound.decimal());
        }
        Self(first_half(hash))
    }
}
