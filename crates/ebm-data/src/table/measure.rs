//! Statistics of columns, from one pass in bounded memory.

use super::schema::Statistics;
use super::warning::Warning;
use ebm_core::Target;

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

    /// A value that is so far from the others that it is left out of mean and standard deviation, and its distance from
    /// the median in quartile ranges.
    fn outlier(&self) -> Option<(f64, f64)> {
        let [lower, median, upper] = self.sample.quartiles()?;
        let far = |value: f64| (value, (value - median).abs() / (upper - lower));
        let farthest = if far(self.min).1 > far(self.max).1 { far(self.min) } else { far(self.max) };
        (lower < upper && farthest.1 > Target::OUTLYING).then_some(farthest)
    }

    /// The warning about such a value in the feature of this name.
    pub(super) fn far_input(&self, column: &str) -> Option<Warning> {
        let (value, ranges) = self.outlier()?;
        Some(Warning::FarInput { column: column.to_owned(), value: value.to_string(), ranges: ranges.round() as u64 })
    }

    /// Statistics of the values so far; the identity if there are none. Mean and standard deviation are those of the
    /// values that are no outliers, so that one wrong number does not put all others in one place.
    pub(super) fn statistics(&self) -> Statistics {
        if self.count == 0 {
            return Statistics::NONE;
        }
        // A column that never changes has no spread, whatever rounding made of its mean.
        let (mean, sd) = match self.is_constant() {
            true => (self.min, 0.0),
            false if self.outlier().is_some() => self.sample.moments_of_the_near(),
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

    /// The lower quartile, the median and the upper one, if there are values.
    fn quartiles(&self) -> Option<[f64; 3]> {
        let mut values = self.values.clone();
        values.sort_unstable_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        Some([1, 2, 3].map(|quarters| values[quarters * last / 4]))
    }

    /// Mean and standard deviation of the values that are no outliers.
    fn moments_of_the_near(&self) -> (f64, f64) {
        let [lower, median, upper] = self.quartiles().expect("a column has values");
        let is_near = |value: &f64| (value - median).abs() <= Target::OUTLYING * (upper - lower);
        let near: Vec<f64> = self.values.iter().copied().filter(is_near).collect();
        let mean = near.iter().sum::<f64>() / near.len() as f64;
        let squares: f64 = near.iter().map(|value| (value - mean).powi(2)).sum();
        (mean, (squares / near.len() as f64).sqrt())
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
    fn one_value_ten_thousand_times_the_rest_does_not_put_them_in_one_place() {
        let with = |far: f64| measured((0..200).map(|i| if i == 50 { far } else { f64::from(i % 100) }));
        let usual = with(50.0);
        for far in [1e6, -1e6] {
            let found = with(far);
            assert!((found.mean - usual.mean).abs() < 0.01 && (found.sd / usual.sd - 1.0).abs() < 0.01, "{found:?}");
            assert!(found.min == far || found.max == far, "{found:?}");
        }
        // A long tail is none: exponential values, and mostly zeros.
        for values in
            [(0..1000).map(|i| -((f64::from(i) + 0.5) / 1000.0).ln()).collect(), vec![0.0, 0.0, 0.0, 0.0, 1e9]]
        {
            let n = values.len() as f64;
            assert!((measured(values.clone()).mean / (values.iter().sum::<f64>() / n) - 1.0).abs() < 1e-9);
        }
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
