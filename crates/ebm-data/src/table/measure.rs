//! Statistics of columns, from one pass in bounded memory.

use super::schema::Statistics;

/// Values kept of one column for its median, and of all columns together.
const VALUES_KEPT: usize = 1 << 16;
const VALUES_KEPT_IN_ALL: usize = 1 << 23;

/// Statistics of one column. Welford's updates keep their precision where the mean is large.
pub(super) struct Measure {
    count: usize,
    mean: f64,
    squares: f64,
    min: f64,
    max: f64,
    whole: bool,
    sample: Thinned,
}

impl Measure {
    /// For one of `columns` columns.
    pub(super) fn new(columns: usize) -> Self {
        let kept = (VALUES_KEPT_IN_ALL / columns.max(1)).clamp(64, VALUES_KEPT);
        Self {
            count: 0,
            mean: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            whole: true,
            sample: Thinned::new(kept),
        }
    }

    pub(super) fn add(&mut self, value: f64) {
        self.count += 1;
        let step = value - self.mean;
        self.mean += step / self.count as f64;
        self.squares += step * (value - self.mean);
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.whole &= value.fract() == 0.0;
        self.sample.add(value);
    }

    /// Whether every value is the same.
    pub(super) fn is_constant(&self) -> bool {
        self.min >= self.max
    }

    /// Whether every value is whole.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Statistics of the values so far; the identity if there are none.
    pub(super) fn statistics(&self) -> Statistics {
        if self.count == 0 {
            return Statistics::NONE;
        }
        // A column that never changes has no spread, whatever rounding made of its mean.
        let (mean, sd) = match self.is_constant() {
            true => (self.min, 0.0),
            false => (self.mean, (self.squares / self.count as f64).sqrt()),
        };
        Statistics { mean, sd, min: self.min, max: self.max, median: self.sample.median() }
    }
}

/// Every value of a column, or every second, fourth, … of many.
struct Thinned {
    values: Vec<f64>,
    limit: usize,
    seen: usize,
    stride: usize,
}

impl Thinned {
    fn new(limit: usize) -> Self {
        Self { values: Vec::new(), limit, seen: 0, stride: 1 }
    }

    fn add(&mut self, value: f64) {
        if self.seen.is_multiple_of(self.stride) {
            if self.values.len() == self.limit {
                let mut index = 0;
                self.values.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
                self.stride *= 2;
            }
            if self.seen.is_multiple_of(self.stride) {
                self.values.push(value);
            }
        }
        self.seen += 1;
    }

    /// The middle value, or the mean of the two middle values.
    fn median(&self) -> f64 {
        let mut values = self.values.clone();
        values.sort_unstable_by(f64::total_cmp);
        let middle = values.len() / 2;
        if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(values: impl IntoIterator<Item = f64>) -> Statistics {
        let mut measure = Measure::new(1);
        values.into_iter().for_each(|value| measure.add(value));
        measure.statistics()
    }

    #[test]
    fn statistics_are_those_of_the_definition() {
        let found = measured([1.0, 2.0, 4.0, 9.0]);
        assert_eq!((found.mean, found.min, found.max, found.median), (4.0, 1.0, 9.0, 3.0));
        // Squares of −3, −2, 0 and 5 are 38 in all.
        assert!((found.sd - 9.5_f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn a_large_mean_does_not_swallow_a_small_spread() {
        // The variance of 0..1000 is (1000² − 1)/12; at 1e9 a square has no digits left for it.
        let found = measured((0..1000).map(|i| 1e9 + f64::from(i)));
        assert!((found.sd / (999_999.0_f64 / 12.0).sqrt() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_column_that_never_changes_has_no_spread_whatever_its_size() {
        let found = measured([0.1; 1001]);
        assert_eq!((found.mean, found.sd), (0.1, 0.0));
        assert_eq!(found.standardise(0.1), 0.0);
    }

    #[test]
    fn a_thinned_sample_is_spread_evenly_and_bounded() {
        let mut sample = Thinned::new(64);
        (0..10_000).for_each(|i| sample.add(f64::from(i)));
        assert!(sample.values.len() <= 64 && sample.values.len() > 32);
        let steps: Vec<f64> = sample.values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|&step| step == sample.stride as f64));
        // Half a stride, and the part of the last one.
        assert!((sample.median() - 5000.0).abs() <= sample.stride as f64);
    }
}
