//! The distribution of a target, and the kind of number that it suggests.

use crate::table::schema::TargetColumn;
use serde::{Serialize, Serializer};

/// A continuous target does not have a larger fraction of rows than this at an end of its range, nor as many rows.
const MASS_AT_AN_END: f64 = 0.01;
const ROWS_AT_AN_END: f64 = 3.0;
/// Positive targets with a larger skewness than this suggest a logarithm.
const SKEWED: f64 = 1.0;

/// The distribution of a target, in its own unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetReport {
    /// The column's name.
    pub name: String,
    /// Rows that have one.
    pub rows: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
    /// Their skewness: 0 for symmetric targets, 2 for exponential ones.
    pub skewness: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// The fraction of rows at the smallest.
    pub at_min: f64,
    /// The fraction of rows at the largest.
    pub at_max: f64,
    /// Whether all are whole numbers.
    pub whole: bool,
    /// The kinds of target that it suggests.
    pub suggestions: Vec<Suggestion>,
}

/// The kind of number that a target may be. In JSON a kind of target is written as `--target-kind` reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Suggestion {
    /// It never changes: there is nothing to learn.
    Constant,
    /// It has two values: that is classification.
    TwoValues,
    /// Whole numbers from zero on.
    Count,
    /// Whole numbers, some of them negative: no kind of target is made for them.
    WholeNumbers,
    /// Positive, and skewed.
    Positive,
    /// Between two bounds, 0 and 1 or with many rows at an end.
    Bounded {
        /// The lower one.
        low: f64,
        /// The upper one.
        high: f64,
    },
    /// A full circle, in degrees or radians.
    Angle {
        /// The circle.
        period: f64,
    },
}

impl Suggestion {
    /// The value of `--target-kind` that it suggests.
    #[must_use]
    pub fn kind(self) -> Option<String> {
        match self {
            Self::Constant | Self::TwoValues | Self::WholeNumbers => None,
            Self::Count => Some("count".to_owned()),
            Self::Positive => Some("positive".to_owned()),
            Self::Bounded { low, high } => Some(format!("bounded:{low},{high}")),
            Self::Angle { period } => Some(format!("angle:{period}")),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(self) -> String {
        let (what, then) = match self {
            Self::Constant => ("it never changes: there is nothing to learn", ""),
            Self::TwoValues => ("it has two values: this is classification, which ebm does not do", ""),
            Self::WholeNumbers => (
                "whole numbers, where a continuous density can grow without bound: compare its likelihood with no other \
                 model's",
                "",
            ),
            Self::Count => ("whole numbers from zero on; for counts", ""),
            Self::Positive => ("positive and skewed; try", ""),
            Self::Bounded { .. } => ("between two bounds, or with many rows at one;", " keeps predictions within them"),
            Self::Angle { .. } => ("it may be an angle;", " joins the ends of its range"),
        };
        self.kind().map_or_else(|| what.to_owned(), |kind| format!("{what} --target-kind {kind}{then}"))
    }
}

impl Serialize for Suggestion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = match self {
            Self::Constant => "constant",
            Self::TwoValues => "two_values",
            Self::WholeNumbers => "whole_numbers",
            kind => return serializer.collect_str(&kind.kind().unwrap_or_default()),
        };
        serializer.serialize_str(name)
    }
}

/// Moments of a target. Pébay's updates keep their precision where the mean is large.
#[derive(Debug, Clone)]
pub(super) struct TargetMeasure {
    rows: usize,
    mean: f64,
    squares: f64,
    cubes: f64,
    /// The smallest and the largest, and how many rows have it.
    ends: [(f64, usize); 2],
    whole: bool,
}

impl Default for TargetMeasure {
    fn default() -> Self {
        let ends = [(f64::INFINITY, 0), (f64::NEG_INFINITY, 0)];
        Self { rows: 0, mean: 0.0, squares: 0.0, cubes: 0.0, ends, whole: true }
    }
}

impl TargetMeasure {
    pub(super) fn add(&mut self, y: f64) {
        let n = (self.rows + 1) as f64;
        let step = y - self.mean;
        let part = step / n;
        let square = step * part * self.rows as f64;
        self.cubes += square * part * (n - 2.0) - 3.0 * part * self.squares;
        self.squares += square;
        self.mean += part;
        self.rows += 1;
        self.whole &= y.fract() == 0.0;
        for (end, beyond) in self.ends.iter_mut().zip([f64::lt, f64::gt]) {
            if beyond(&y, &end.0) {
                *end = (y, 1);
            } else if y == end.0 {
                end.1 += 1;
            }
        }
    }

    pub(super) fn report(&self, target: &TargetColumn) -> TargetReport {
        let n = self.rows.max(1) as f64;
        let sd = (self.squares / n).sqrt();
        let [(min, at_min), (max, at_max)] = match self.rows {
            0 => [(0.0, 0); 2],
            _ => self.ends,
        };
        // Three roots of the variance, one by one, so that nothing overflows.
        let skewness = if sd > 0.0 { self.cubes / n / sd / sd / sd } else { 0.0 };
        let mut report = TargetReport {
            name: target.name.clone(),
            rows: self.rows,
            mean: self.mean,
            sd,
            skewness,
            min,
            max,
            at_min: at_min as f64 / n,
            at_max: at_max as f64 / n,
            whole: self.whole,
            suggestions: Vec::new(),
        };
        report.suggestions = report.suggest();
        report
    }
}

impl TargetReport {
    fn suggest(&self) -> Vec<Suggestion> {
        let (low, high) = (self.min, self.max);
        if low >= high {
            return vec![Suggestion::Constant];
        }
        if self.at_min + self.at_max > 1.0 - 0.5 / self.rows as f64 {
            return vec![Suggestion::TwoValues];
        }
        let mut found = Vec::new();
        if let Some(period) = self.period() {
            found.push(Suggestion::Angle { period });
        }
        if self.whole {
            found.push(if low >= 0.0 { Suggestion::Count } else { Suggestion::WholeNumbers });
            return found;
        }
        let many = |share: f64| share > MASS_AT_AN_END && (share * self.rows as f64).round() >= ROWS_AT_AN_END;
        if low >= 0.0 && high <= 1.0 {
            found.push(Suggestion::Bounded { low: 0.0, high: 1.0 });
        } else if many(self.at_min) || many(self.at_max) {
            found.push(Suggestion::Bounded { low, high });
        } else if low > 0.0 && self.skewness > SKEWED {
            found.push(Suggestion::Positive);
        }
        found
    }

    /// The circle, if the range is nearly a full one and not more. With few rows a wide range happens by chance.
    fn period(&self) -> Option<f64> {
        let turn = std::f64::consts::TAU;
        let circles = [[0.0, 360.0], [-180.0, 180.0], [0.0, turn], [-turn / 2.0, turn / 2.0]];
        let [low, high] = circles.into_iter().filter(|_| self.rows >= 50).find(|[low, high]| {
            let near = 0.03 * (high - low);
            let least = self.min >= *low && self.min < low + near;
            least && self.max <= *high && self.max > high - near
        })?;
        Some(high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::schema::{Statistics, TargetType};

    fn report(values: impl IntoIterator<Item = f64>) -> TargetReport {
        let mut measure = TargetMeasure::default();
        values.into_iter().for_each(|y| measure.add(y));
        let statistics = Statistics::NONE;
        measure.report(&TargetColumn { name: "y".into(), kind: TargetType::Numeric, statistics, whole: false })
    }

    #[test]
    fn the_scale_is_that_of_the_definition() {
        let found = report([0.0, 0.0, 3.5, 8.5]);
        assert_eq!((found.mean, found.min, found.max, found.at_min, found.at_max), (3.0, 0.0, 8.5, 0.5, 0.25));
        // Differences −3, −3, ½, 5½: squares sum to 48.5, cubes to 112.5.
        assert!((found.sd - (48.5_f64 / 4.0).sqrt()).abs() < 1e-14);
        assert!((found.skewness - 112.5 / 4.0 / (48.5_f64 / 4.0).powf(1.5)).abs() < 1e-14);
    }

    #[test]
    fn every_kind_of_target_is_recognised() {
        let unit = |i: u32| (f64::from(i) + 0.5) / 100.0;
        for (values, expected) in [
            (vec![2.0; 9], &[Suggestion::Constant][..]),
            (vec![0.0, 1.0, 1.0, 0.0], &[Suggestion::TwoValues]),
            ((0..100).map(|i| f64::from(i * i % 17)).collect(), &[Suggestion::Count]),
            ((0..100).map(|i| f64::from(i % 17) - 3.0).collect(), &[Suggestion::WholeNumbers]),
            ((0..100).map(unit).collect(), &[Suggestion::Bounded { low: 0.0, high: 1.0 }]),
            (
                (0..100).map(|i| (unit(i) - 0.2).max(0.0) * 50.0).collect(),
                &[Suggestion::Bounded { low: 0.0, high: 39.75 }],
            ),
            ((0..100).map(|i| -unit(i).ln() * 3.0 + 2.0).collect(), &[Suggestion::Positive]),
            ((0..100).map(|i| 360.0 * unit(i)).collect(), &[Suggestion::Angle { period: 360.0 }]),
            ((0..100).map(|i| 7.5 * unit(i) - 20.0).collect(), &[]),
            ((0..30).map(|i| 7.5 * unit(i) - 20.0).collect(), &[]),
            ((0..60).map(|i| 7.5 * unit(i / 2) - 20.0).collect(), &[]),
        ] {
            // Few at an end are chance, whatever their share.
            assert_eq!(report(values.clone()).suggestions, expected, "{values:?}");
        }
    }
}
