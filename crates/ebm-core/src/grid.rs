//! Evenly spaced evaluation points.

/// `n` evenly spaced points from `lo` to `hi`, both ends exact.
///
/// `lo + i·(hi − lo)/(n − 1)`, the last point replaced by `hi`: the same points as NumPy's
/// `linspace`. `n = 0` gives no point, `n = 1` gives `lo`.
///
/// # Panics
/// If `hi − lo` is not finite.
#[must_use]
pub fn linspace(lo: f64, hi: f64, n: usize) -> Vec<f64> {
    let span = hi - lo;
    assert!(span.is_finite(), "linspace needs finite ends, got {lo} and {hi}");
    let step = span / n.saturating_sub(1).max(1) as f64;
    let mut points: Vec<f64> = (0..n).map(|i| i as f64 * step + lo).collect();
    if n > 1 {
        points[n - 1] = hi;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_ends_are_exact(lo in -1e6..1e6f64, hi in -1e6..1e6f64, n in 2usize..300) {
            let points = linspace(lo, hi, n);
            prop_assert_eq!(points.len(), n);
            prop_assert_eq!(points[0], lo);
            prop_assert_eq!(points[n - 1], hi);
        }

        #[test]
        fn spacing_is_constant(lo in -1e3..1e3f64, width in 1e-3..1e3f64, n in 2usize..300) {
            let points = linspace(lo, lo + width, n);
            let step = width / (n - 1) as f64;
            for pair in points.windows(2) {
                // Each point is rounded a few times at magnitude 2e3.
                prop_assert!((pair[1] - pair[0] - step).abs() < 2e-12);
            }
        }
    }

    #[test]
    fn no_points_and_one_point_are_the_lower_end() {
        assert!(linspace(2.0, 3.0, 0).is_empty());
        assert_eq!(linspace(2.0, 3.0, 1), [2.0]);
    }

    #[test]
    #[should_panic(expected = "finite ends")]
    fn infinite_ends_are_a_bug() {
        let _ = linspace(f64::NEG_INFINITY, 0.0, 3);
    }
}
