//! How many rows of a file were kept, and what is unusual about their cells.

use serde::Serialize;
use std::collections::BTreeMap;

/// Counts of the rows of a file, kept and dropped, and of unusual cells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Rows read.
    pub rows: usize,
    /// Rows dropped because an input is missing.
    pub without_input: usize,
    /// Rows dropped because a target is missing.
    pub without_target: usize,
    /// Missing inputs that were imputed, by column.
    pub imputed: BTreeMap<String, usize>,
    /// Inputs with a category that is not encoded (a rare one, or one not seen in training), by column.
    pub unknown: BTreeMap<String, usize>,
    /// Numbers and dates outside the range of the training rows, by column.
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
