//! Location and spread of a handful of numbers.

use serde::Serialize;

use super::Deviation;

/// The statistics of a set of values. An empty set has none, a single value
/// has no standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Standard deviation; the divisor is the caller's choice.
    pub sd: Option<f64>,
    /// Middle value, or the mean of the middle two.
    pub median: Option<f64>,
}

/// Mean, standard deviation and median of finite `values`.
pub(super) fn summarise(values: &[f64], deviation: Deviation) -> Summary {
    Summary { mean: mean(values), sd: sd(values, deviation), median: median(values) }
}

/// The `keep` lowest values in ascending order, or all if there are fewer.
pub(super) fn lowest(values: &[f64], keep: usize) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.truncate(keep);
    sorted
}

pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn sd(values: &[f64], deviation: Deviation) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let divisor = match deviation {
        Deviation::Population => values.len(),
        Deviation::Sample => values.len() - 1,
    };
    Some((squares / divisor as f64).sqrt())
}

fn median(values: &[f64]) -> Option<f64> {
    let sorted = lowest(values, values.len());
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few roundings of f64.
    const TOLERANCE: f64 = 1e-15;

    #[test]
    fn one_to_twenty_have_known_moments() {
        let values: Vec<f64> = (1..=20).map(f64::from).collect();
        let all = summarise(&values, Deviation::Sample);
        // Variance of 1..=n with divisor n − 1 is n (n + 1) / 12.
        assert_eq!(all.mean, Some(10.5));
        assert_eq!(all.median, Some(10.5));
        assert!((all.sd.unwrap() - 35f64.sqrt()).abs() < 4.0 * TOLERANCE);
    }

    #[test]
    fn the_two_deviations_differ_by_their_divisor() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        let population = sd(&values, Deviation::Population).unwrap();
        let sample = sd(&values, Deviation::Sample).unwrap();
        assert!((population - 2f64.sqrt()).abs() < TOLERANCE);
        assert!((sample - 2.5f64.sqrt()).abs() < TOLERANCE);
    }

    #[test]
    fn the_median_ignores_an_outlier_and_the_order() {
        assert_eq!(median(&[1e9, 2.0, 1.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
    }

    #[test]
    fn the_lowest_are_sorted_by_value_also_below_zero() {
        assert_eq!(lowest(&[0.5, -2.0, 3.0, -1.0], 3), [-2.0, -1.0, 0.5]);
        assert_eq!(lowest(&[2.0, 1.0], 5), [1.0, 2.0]);
    }

    #[test]
    fn nothing_has_no_mean_and_one_value_no_spread() {
        let none = summarise(&[], Deviation::Population);
        assert_eq!((none.mean, none.sd, none.median), (None, None, None));
        let one = summarise(&[7.0], Deviation::Population);
        assert_eq!((one.mean, one.sd, one.median), (Some(7.0), None, Some(7.0)));
    }
}
