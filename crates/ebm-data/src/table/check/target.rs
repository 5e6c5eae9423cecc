//! The distribution of a target, and the kind of number that it suggests.

use serde::{Serialize, Serializer};

/// A continuous target does not have a larger fraction of rows than this at an end of its range, nor as many rows.
const MASS_AT_AN_END: f64 = 0.01;
const ROWS_AT_AN_END: f64 = 3.0;

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
    /// The kind that `--target-kind auto` takes, as that option reads it.
    pub auto_kind: String,
    /// What was found in the labels, where that is not `real`.
    pub auto_finding: Option<String>,
    /// What is never taken without being asked for.
    pub suggestions: Vec<Suggestion>,
}

/// What a target may be that labels alone cannot tell. In JSON a kind of target is written as `--target-kind` reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Suggestion {
    /// It never changes: there is nothing to learn.
    Constant,
    /// It has two values: that is classification.
    TwoValues,
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
            Self::Constant | Self::TwoValues => None,
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
            kind => return serializer.collect_str(&kind.kind().unwrap_or_default()),
        };
        serializer.serialize_str(name)
    }
}

impl TargetReport {
    pub(super) fn suggest(&self) -> Vec<Suggestion> {
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
            return found;
        }
        let many = |share: f64| share > MASS_AT_AN_END && (share * self.rows as f64).round() >= ROWS_AT_AN_END;
        if low >= 0.0 && high <= 1.0 {
            found.push(Suggestion::Bounded { low: 0.0, high: 1.0 });
        } else if many(self.at_min) || many(self.at_max) {
            found.push(Suggestion::Bounded { low, high });
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
    use crate::table::check::labels::Labels;
    use crate::table::schema::{Statistics, TargetColumn, TargetType};
    use ebm_core::TargetKind;

    fn report(values: impl IntoIterator<Item = f64>) -> TargetReport {
        let mut measure = Labels::default();
        values.into_iter().zip(2..).for_each(|(y, line)| measure.add(y, line));
        measure.finish();
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
    fn what_labels_alone_cannot_tell_is_suggested() {
        let unit = |i: u32| (f64::from(i) + 0.5) / 100.0;
        for (values, expected) in [
            (vec![2.0; 9], &[Suggestion::Constant][..]),
            (vec![0.0, 1.0, 1.0, 0.0], &[Suggestion::TwoValues]),
            ((0..100).map(|i| f64::from(i % 17) - 3.0).collect(), &[]),
            ((0..100).map(unit).collect(), &[Suggestion::Bounded { low: 0.0, high: 1.0 }]),
            (
                (0..100).map(|i| (unit(i) - 0.2).max(0.0) * 50.0).collect(),
                &[Suggestion::Bounded { low: 0.0, high: 39.75 }],
            ),
            ((0..100).map(|i| -unit(i).ln() * 3.0 + 2.0).collect(), &[]),
            ((0..100).map(|i| 360.0 * unit(i)).collect(), &[Suggestion::Angle { period: 360.0 }]),
            ((0..100).map(|i| 7.5 * unit(i) - 20.0).collect(), &[]),
            ((0..30).map(|i| 7.5 * unit(i) - 20.0).collect(), &[]),
            ((0..60).map(|i| 7.5 * unit(i / 2) - 20.0).collect(), &[]),
        ] {
            // Few at an end are chance, whatever their share.
            assert_eq!(report(values.clone()).suggestions, expected, "{values:?}");
        }
    }

    #[test]
    fn the_kind_is_the_one_that_training_takes_unless_a_held_out_label_excludes_it() {
        let unit = |i: u32| (f64::from(i) + 0.5) / 100.0;
        for values in [
            (0..100).map(|i| f64::from(i * i % 17)).collect::<Vec<_>>(),
            (0..100).map(|i| f64::from(i % 17) - 3.0).collect(),
            (0..100).map(|i| (4.0 * unit(i)).exp()).collect(),
            (0..100).map(|i| 7.5 * unit(i) - 20.0).collect(),
            (0..100).map(|i| f64::from(i % 9) * 0.25).collect(),
            vec![1.0, 2.0, 4.0],
        ] {
            let (kind, why) = TargetKind::suited(&values);
            let found = report(values.clone());
            assert_eq!((found.auto_kind, found.auto_finding), (kind.name(), why.finding()), "{values:?}");
        }
        let mut measure = Labels::default();
        (0..100).for_each(|i| measure.add(f64::from(i * i % 17), 2 + u64::from(i as u32)));
        measure.finish();
        measure.hold_out(4.0);
        assert!(!measure.excluded);
        measure.hold_out(4.5);
        assert!(measure.excluded);
    }
}
