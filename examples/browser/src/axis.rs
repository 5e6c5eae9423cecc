//! An axis of the plane.

use serde::Serialize;

/// An axis: its label and its range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Axis {
    /// Its label.
    pub label: String,
    /// Its ends.
    pub range: [f64; 2],
}

impl Axis {
    /// An axis with this range.
    pub fn new(label: &str, range: [f64; 2]) -> Self {
        Self { label: label.to_owned(), range }
    }

    /// An axis around a range, with a margin of 5 % on either side, as in the figures of `ebm plot`.
    pub fn around(label: &str, [low, high]: [f64; 2]) -> Self {
        let margin = if high > low { 0.05 * (high - low) } else { 1.0 };
        Self::new(label, [low - margin, high + margin])
    }

    /// The centres of equal cells.
    pub fn centres(&self, cells: usize) -> Vec<f64> {
        let [low, high] = self.range;
        (0..cells).map(|cell| low + (high - low) * (cell as f64 + 0.5) / cells as f64).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centres_are_those_of_equal_cells() {
        assert_eq!(Axis::new("x", [0.0, 4.0]).centres(4), [0.5, 1.5, 2.5, 3.5]);
    }

    #[test]
    fn a_single_value_has_an_axis_of_some_length() {
        assert_eq!(Axis::around("x", [2.0, 2.0]).range, [1.0, 3.0]);
    }
}
