//! The linear correlation of a feature with a target.

/// Pearson's correlation, from one pass; sums are of differences from the means so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Correlation {
    count: f64,
    means: [f64; 2],
    squares: [f64; 2],
    products: f64,
}

impl Correlation {
    pub(super) fn add(&mut self, x: f64, y: f64) {
        self.count += 1.0;
        let steps = [x - self.means[0], y - self.means[1]];
        self.means[0] += steps[0] / self.count;
        self.means[1] += steps[1] / self.count;
        let after = [x - self.means[0], y - self.means[1]];
        self.squares[0] += steps[0] * after[0];
        self.squares[1] += steps[1] * after[1];
        self.products += steps[0] * after[1];
    }

    /// From −1 to 1; `None` where either is constant, or of fewer than three rows, which any line fits.
    pub(super) fn value(&self) -> Option<f64> {
        // The roots are taken one by one: the product of the squares may overflow.
        let spread = self.squares[0].sqrt() * self.squares[1].sqrt();
        (self.count >= 3.0 && spread > 0.0).then(|| (self.products / spread).clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<f64> {
        let mut correlation = Correlation::default();
        pairs.into_iter().for_each(|(x, y)| correlation.add(x, y));
        correlation.value()
    }

    #[test]
    fn a_straight_line_is_one_whatever_its_scale() {
        for (slope, sign) in [(1e-9, 1.0), (-3e8, -1.0)] {
            let found = of((0..50).map(|i| (f64::from(i), 1e6 + slope * f64::from(i)))).expect("it changes");
            // 1e6 + 5e-8 has six digits of the slope left.
            assert!((found - sign).abs() < 1e-2, "{found}");
        }
    }

    #[test]
    fn it_is_that_of_the_definition() {
        // Means 2 and 3; products −1·−1, 0·1 and 1·0 are 1 in all, squares 2 and 2.
        let found = of([(1.0, 2.0), (2.0, 4.0), (3.0, 3.0)]).expect("both change");
        // Two roots of two are not quite two.
        assert!((found - 0.5).abs() < 1e-15);
    }

    #[test]
    fn a_column_that_never_changes_has_none() {
        assert_eq!(of([(1.0, 2.0), (1.0, 3.0), (1.0, 4.0)]), None);
        assert_eq!(of([(1.0, 2.0), (2.0, 3.0)]), None);
    }
}
