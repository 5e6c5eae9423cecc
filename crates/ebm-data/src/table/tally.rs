//! How many rows of a file were kept, and what is unusual about their cells.

use serde::Serialize;
use std::collections::BTreeMap;

/// What became of the rows of a file, and of their cells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// KeptRows read.
    pub rows: usize,
    /// KeptRows dropped because an input is missing.
    pub without_input: usize,
    /// KeptRows dropped because a target is missing.
    pub without_target: usize,
    /// Missing inputs that were filled in, by column.
    pub imputed: BTreeMap<String, usize>,
    /// Inputs of a level that is not encoded, by column: a rare one, or one that was not there in training.
    pub unknown: BTreeMap<String, usize>,
    /// Numbers and dates outside the range of the rows trained on, by column.
    pub out_of_range: BTreeMap<String, usize>,
}

impl Tally {
    /// KeptRows that were kept.
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
