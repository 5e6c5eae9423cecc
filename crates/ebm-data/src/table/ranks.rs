//! Parts and folds from the ranks of keys: sizes are exact, not binomial.

use super::split::{Part, Shares};
use std::cmp::Reverse;

/// The part of each row. Rows with equal keys are in one part.
///
/// In ascending order of keys, the first rows are the test part, the next calibrate, the next validate, and the rest is
/// trained on: so the test part does not depend on the other fractions. A part has its fraction of the rows, rounded;
/// rows with equal keys that lie across a border are where their middle is.
#[must_use]
pub fn parts(keys: &[u64], shares: &Shares) -> Vec<Part> {
    let mut end = 0;
    let ends = [Part::Test, Part::Calibration, Part::Validation].map(|part| {
        end += (keys.len() as f64 * shares.of(part)).round() as usize;
        (part, end)
    });
    let (mut parts, mut start) = (vec![Part::Train; keys.len()], 0);
    for rows in ascending(keys).chunk_by(|&a, &b| keys[a] == keys[b]) {
        let middle = start + (rows.len() - 1) / 2;
        let part = ends.iter().find(|(_, end)| middle < *end).map_or(Part::Train, |&(part, _)| part);
        rows.iter().for_each(|&row| parts[row] = part);
        start += rows.len();
    }
    parts
}

/// The fold of each row, from 0 to `count − 1`. Rows with equal keys are in one fold.
///
/// Where all keys differ it is their rank modulo `count`, so that sizes differ by one row at most. Otherwise the most
/// frequent keys come first, and each goes to the smallest fold.
///
/// # Panics
/// When `count` is zero.
#[must_use]
pub fn folds(keys: &[u64], count: usize) -> Vec<usize> {
    assert!(count > 0, "there are folds");
    let order = ascending(keys);
    let mut units: Vec<&[usize]> = order.chunk_by(|&a, &b| keys[a] == keys[b]).collect();
    // The sort is stable: equally frequent keys stay in ascending order.
    units.sort_by_key(|rows| Reverse(rows.len()));
    let (mut sizes, mut folds) = (vec![0; count], vec![0; keys.len()]);
    for rows in units {
        let fold = (0..count).min_by_key(|&fold| sizes[fold]).expect("there are folds");
        sizes[fold] += rows.len();
        rows.iter().for_each(|&row| folds[row] = fold);
    }
    folds
}

fn ascending(keys: &[u64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|&row| keys[row]);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys without order: a bijection of the numbers.
    fn mixed(count: u64) -> Vec<u64> {
        (0..count).map(|row| row.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect()
    }

    #[test]
    fn parts_have_their_fraction_of_the_rows() {
        for (rows, [train, validation, calibration, test]) in
            [(60, [42, 6, 6, 6]), (57, [39, 6, 6, 6]), (9, [6, 1, 1, 1])]
        {
            let shares = Shares { validation: 0.1, calibration: 0.1, test: 0.1 };
            let parts = parts(&mixed(rows), &shares);
            let count = |wanted| parts.iter().filter(|&&part| part == wanted).count();
            assert_eq!(Part::ALL.map(count), [train, validation, calibration, test]);
        }
    }

    #[test]
    fn the_test_part_does_not_depend_on_the_other_fractions() {
        let test = |shares: Shares| {
            let is_test = |part| part == Part::Test;
            parts(&mixed(101), &shares).into_iter().map(is_test).collect::<Vec<bool>>()
        };
        let alone = test(Shares { test: 0.2, ..Shares::NONE });
        assert_eq!(alone, test(Shares { test: 0.2, calibration: 0.3, validation: 0.3 }));
        assert_eq!(alone.iter().filter(|&&is_test| is_test).count(), 20);
    }

    #[test]
    fn folds_are_balanced_and_ranks_modulo_their_number() {
        let keys = mixed(103);
        let folds = folds(&keys, 5);
        let size = |fold| folds.iter().filter(|&&of| of == fold).count();
        assert_eq!([0, 1, 2, 3, 4].map(size), [21, 21, 21, 20, 20]);
        for (rank, row) in ascending(&keys).into_iter().enumerate() {
            assert_eq!(folds[row], rank % 5);
        }
    }

    #[test]
    fn equal_keys_stay_together() {
        // Groups of 1 to 12 rows, 78 in all, interleaved.
        let keys: Vec<u64> = (0..12).flat_map(|round| (round..12).map(|group| mixed(12)[group])).collect();
        let folds = folds(&keys, 3);
        let shares = Shares { test: 0.3, ..Shares::NONE };
        let parts = parts(&keys, &shares);
        for (a, key) in keys.iter().enumerate() {
            let first = keys.iter().position(|other| other == key).expect("itself");
            assert_eq!((folds[a], parts[a]), (folds[first], parts[first]));
        }
        let sizes = [0, 1, 2].map(|fold| folds.iter().filter(|&&of| of == fold).count());
        assert_eq!(sizes, [26, 26, 26], "the largest first leaves small ones to fill up with");
    }
}
