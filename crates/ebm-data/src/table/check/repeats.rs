//! Rows that occur more than once, within a file and between two.

use super::report::{HeldOut, Leakage, Repeats};
use crate::table::row_hash::RowHash;
use std::collections::HashMap;

/// Distinct rows that are kept.
const ROWS_KEPT: usize = 1 << 21;

/// Whether a row is for training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Train,
    HeldOut,
}

/// Rows of each side, in the order of [`Side`].
type Counts = [usize; 2];

/// All rows, or those whose features have a hash that ends in `zeros` zeros: a sample that keeps rows with the same
/// features together.
///
/// Hashes are cut to 64 bits: among two million rows, a collision happens once in ten million files.
pub(super) struct Seen {
    /// Rows by their features.
    features: HashMap<u64, Counts>,
    /// Rows by features and targets, with the hash of their features.
    rows: HashMap<u64, (u64, Counts)>,
    zeros: u32,
    limit: usize,
}

impl Default for Seen {
    fn default() -> Self {
        Self::new(ROWS_KEPT)
    }
}

impl Seen {
    fn new(limit: usize) -> Self {
        Self { features: HashMap::new(), rows: HashMap::new(), zeros: 0, limit }
    }

    pub(super) fn add(&mut self, features: &RowHash, row: &RowHash, side: Side) {
        let (features, row) = (features.half(), row.half());
        if features.trailing_zeros() < self.zeros {
            return;
        }
        self.features.entry(features).or_default()[side as usize] += 1;
        self.rows.entry(row).or_insert((features, [0; 2])).1[side as usize] += 1;
        while self.rows.len() > self.limit {
            self.zeros += 1;
            self.features.retain(|features, _| features.trailing_zeros() >= self.zeros);
            self.rows.retain(|_, (features, _)| features.trailing_zeros() >= self.zeros);
        }
    }

    /// Rows that occur again on the same side.
    pub(super) fn repeats(&self) -> Repeats {
        let again = |counts: &Counts| counts.iter().map(|count| count.saturating_sub(1)).sum::<usize>();
        let same = self.rows.values().map(|(_, counts)| again(counts)).sum();
        let features: usize = self.features.values().map(again).sum();
        let rows = self.features.values().flatten().sum();
        Repeats { rows, same, other_target: features - same, sampled: self.sampled() }
    }

    /// Held-out rows that are also training rows.
    pub(super) fn leakage(&self, held_out: HeldOut) -> Leakage {
        let known = |[trained_on, held_out]: Counts| if trained_on > 0 { held_out } else { 0 };
        let same = self.rows.values().map(|&(_, counts)| known(counts)).sum();
        let features: usize = self.features.values().map(|&counts| known(counts)).sum();
        let rows = self.features.values().map(|counts| counts[Side::HeldOut as usize]).sum();
        Leakage { held_out, rows, same, other_target: features - same, sampled: self.sampled() }
    }

    fn sampled(&self) -> u64 {
        1 << self.zeros.min(63)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(number: u8) -> RowHash {
        RowHash([number; 16])
    }

    #[test]
    fn rows_and_features_that_occur_again_are_counted_apart() {
        let mut seen = Seen::default();
        for (features, row) in [(1, 1), (1, 1), (1, 2), (3, 3)] {
            seen.add(&content(features), &content(row), Side::Train);
        }
        assert_eq!(seen.repeats(), Repeats { rows: 4, same: 1, other_target: 1, sampled: 1 });
        for (features, row) in [(1, 2), (1, 9), (3, 3), (5, 5)] {
            seen.add(&content(features), &content(row), Side::HeldOut);
        }
        let leakage = seen.leakage(HeldOut::Split);
        assert_eq!((leakage.rows, leakage.same, leakage.other_target), (4, 2, 1));
    }

    #[test]
    fn many_rows_become_a_sample_in_which_nothing_is_torn_apart() {
        let mut seen = Seen::new(1000);
        for number in 0..3000_u64 {
            // Any mixing of the bits will do.
            let half = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).swap_bytes().to_le_bytes();
            let content = RowHash([half, half].concat().try_into().expect("sixteen bytes"));
            (0..2).for_each(|_| seen.add(&content, &content, Side::Train));
        }
        let repeats = seen.repeats();
        assert!(seen.rows.len() <= 1000 && repeats.sampled >= 4, "{repeats:?}");
        assert_eq!((repeats.same * 2, repeats.other_target), (repeats.rows, 0));
    }
}
