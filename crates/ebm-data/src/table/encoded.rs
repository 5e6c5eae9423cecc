//! A table in memory.

use super::encode::Flags;
use super::ranks;
use super::tally::Tally;
use crate::digest::hex;
use sha2::{Digest, Sha256};

/// Encoded inputs and raw targets of the rows of a file, with the line of each.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub(super) inputs: Vec<f32>,
    pub(super) input_width: usize,
    pub(super) targets: Vec<f64>,
    pub(super) target_width: usize,
    pub(super) lines: Vec<u64>,
    /// Of each row; equal rows, or rows of one group, have equal keys.
    pub(super) keys: Vec<u64>,
    /// What is unusual about a row, of those that are unusual, in ascending order.
    pub(super) flags: Vec<(usize, Flags)>,
    pub(super) tally: Tally,
}

impl Table {
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

    /// Numbers in an encoded input.
    #[must_use]
    pub fn input_width(&self) -> usize {
        self.input_width
    }

    /// Dimensions of a target, D.
    #[must_use]
    pub fn target_width(&self) -> usize {
        self.target_width
    }

    /// The encoded inputs, row by row.
    #[must_use]
    pub fn inputs(&self) -> &[f32] {
        &self.inputs
    }

    /// The targets in their own unit, row by row.
    #[must_use]
    pub fn targets(&self) -> &[f64] {
        &self.targets
    }

    /// The target of a row, in its own unit.
    #[must_use]
    pub fn target(&self, row: usize) -> &[f64] {
        &self.targets[row * self.target_width..(row + 1) * self.target_width]
    }

    /// The line of each row in its file, or its row in a Parquet file, from 1.
    #[must_use]
    pub fn lines(&self) -> &[u64] {
        &self.lines
    }

    /// What is unusual about a row, if anything: in held-out rows, what the training rows do not have.
    #[must_use]
    pub fn flags(&self, row: usize) -> Option<&Flags> {
        self.flags.binary_search_by_key(&row, |(row, _)| *row).ok().map(|at| &self.flags[at].1)
    }

    /// The fold of each row, from 0 to `count − 1`: a function of the seed of the split and of what is in the rows, in
    /// any order. Equal rows are in one fold, and so are rows of one group, if the split has groups. Otherwise sizes
    /// differ by one row at most.
    ///
    /// # Panics
    /// When `count` is zero.
    #[must_use]
    pub fn folds(&self, count: usize) -> Vec<usize> {
        ranks::folds(&self.keys, count)
    }

    /// Counts of the rows of the whole file, those of other parts included.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// SHA-256 of both widths, of all inputs and then of all targets, little-endian; 64 hexadecimal digits.
    ///
    /// The targets are in their own unit, so the fingerprint does not depend on a transform.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for width in [self.input_width, self.target_width] {
            hash.update((width as u64).to_le_bytes());
        }
        self.inputs.iter().for_each(|value| hash.update(value.to_le_bytes()));
        self.targets.iter().for_each(|value| hash.update(value.to_le_bytes()));
        hex(hash)
    }
}
