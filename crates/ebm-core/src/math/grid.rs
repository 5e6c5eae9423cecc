//! Evenly spaced evaluation points on a line or in a box of any dimension.

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

/// Grid points over targets, shared by all examples; every point represents the same volume.
///
/// The box is `[low, high]` in every dimension. The points are the product of one axis with itself; the last dimension
/// varies fastest. Points are computed on demand, so a grid of millions of points takes almost no memory.
///
/// `log Z = logsumexp(f) + log(volume) − log(points)`, in nats.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    axis: Vec<f64>,
    dimensions: usize,
    low: f64,
    high: f64,
}

impl Grid {
    /// `n` points of a scalar target, both ends included: the paper's grids in one dimension.
    ///
    /// # Panics
    /// Unless `lo < hi`, both finite, and `n` is at least 2.
    pub fn line(lo: f64, hi: f64, n: usize) -> Self {
        Self::cube(lo, hi, n, 1)
    }

    /// `n_per_axis` points along each of `dimensions`, both ends included: the paper's grids.
    ///
    /// As in the authors' code, the volume `(hi − lo)^D` is divided equally among all points, although they are
    /// `(hi − lo)/(n − 1)` apart. `log Z` is therefore `D log(n/(n − 1))` too low: 0.10 nats for 30³ points.
    ///
    /// # Panics
    /// Unless `lo < hi`, both finite, and there are at least 2 points per axis.
    pub fn cube(lo: f64, hi: f64, n_per_axis: usize, dimensions: usize) -> Self {
        assert!(n_per_axis >= 2, "a grid with both ends needs at least 2 points per axis, got {n_per_axis}");
        Self::new(linspace(lo, hi, n_per_axis), lo, hi, dimensions)
    }

    /// The centres of `n_per_axis` equal cells along each of `dimensions`: every point represents its own cell.
    ///
    /// This is the midpoint rule. Once cells are narrower than the density's narrowest mode, its error falls with the
    /// square of the cell width, and faster for a density that vanishes at the ends.
    ///
    /// # Panics
    /// Unless `lo < hi`, both finite, and there is a point.
    pub fn fine(lo: f64, hi: f64, n_per_axis: usize, dimensions: usize) -> Self {
        assert!(n_per_axis > 0, "a grid needs at least one point per axis");
        let half = 0.5 * (hi - lo) / n_per_axis as f64;
        Self::new(linspace(lo + half, hi - half, n_per_axis), lo, hi, dimensions)
    }

    fn new(axis: Vec<f64>, low: f64, high: f64, dimensions: usize) -> Self {
        assert!(low < high && dimensions > 0, "the box [{low}, {high}]^{dimensions} is empty");
        assert!(u32::try_from(dimensions).is_ok_and(|d| axis.len().checked_pow(d).is_some()), "too many points");
        Self { axis, dimensions, low, high }
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.axis.len().pow(self.dimensions as u32)
    }

    /// Always `false`: a grid has at least one point.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Dimensions of the target, D.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The ends of the box in every dimension, `[low, high]` in units of the target: the support of a density
    /// normalised on the grid.
    pub fn support(&self) -> [f64; 2] {
        [self.low, self.high]
    }

    /// `D log(high − low)`.
    pub fn log_volume(&self) -> f64 {
        self.dimensions as f64 * (self.high - self.low).ln()
    }

    /// The points along each axis, in units of the target. For a scalar target these are all points.
    pub fn axis(&self) -> &[f64] {
        &self.axis
    }

    /// The points with indices in `range`, row-major `[points, D]`.
    pub fn points(&self, range: Range<usize>) -> impl Iterator<Item = f64> + '_ {
        let n = self.axis.len();
        range.flat_map(move |point| {
            (0..self.dimensions as u32).rev().map(move |power| self.axis[point / n.pow(power) % n])
        })
    }

    /// The points with indices in `range` as candidates shared by a batch, `[1, points, D]`.
    pub(crate) fn candidates(&self, range: Range<usize>, device: &Device) -> Tensor<3> {
        let shape = [1, range.len(), self.dimensions];
        let values: Vec<f32> = self.points(range).map(|y| y as f32).collect();
        Tensor::from_data(TensorData::new(values, shape), device)
    }
}

/// `n` evenly spaced points from `lo` to `hi`, both ends exact.
///
/// `lo + i·(hi − lo)/(n − 1)`, with the last point replaced by `hi`: the same points as NumPy's `linspace`. `n = 0`
/// gives no points, `n = 1` gives `lo`.
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
                // Each point is rounded a few times; values are up to 2e3.
                prop_assert!((pair[1] - pair[0] - step).abs() < 2e-12);
            }
        }
    }

    /// `log ∫ e^f` by the quadrature rule of the grid.
    fn log_integral(grid: &Grid, log_density: impl Fn(&[f64]) -> f64) -> f64 {
        let points: Vec<f64> = grid.points(0..grid.len()).collect();
        let sum: f64 = points.chunks(grid.dimensions()).map(|y| log_density(y).exp()).sum();
        sum.ln() + grid.log_volume() - (grid.len() as f64).ln()
    }

    /// `Π_d N(y_d; 0.7, scale²)`
    fn log_normal(y: &[f64], scale: f64) -> f64 {
        y.iter().map(|y| -0.5 * ((y - 0.7) / scale).powi(2) - (scale * std::f64::consts::TAU.sqrt()).ln()).sum()
    }

    #[test]
    fn a_cube_is_the_product_of_its_axis_in_row_major_order() {
        let cube = Grid::cube(-1.0, 1.0, 3, 2);
        let points: Vec<f64> = cube.points(0..cube.len()).collect();
        assert_eq!(points[..8], [-1.0, -1.0, -1.0, 0.0, -1.0, 1.0, 0.0, -1.0]);
        assert_eq!((cube.len(), points.len()), (9, 18));
        assert!(cube.points(4..6).eq([0.0, 0.0, 0.0, 1.0]));
        assert_eq!(Grid::line(-3.0, 3.0, 2048).axis(), linspace(-3.0, 3.0, 2048));
        assert_eq!(Grid::fine(0.0, 4.0, 4, 1).axis(), [0.5, 1.5, 2.5, 3.5]);
    }

    #[test]
    fn a_fine_grid_integrates_a_density_to_one_where_its_cells_are_no_wider_than_the_density() {
        for dimensions in [1, 3] {
            let integral = |n| log_integral(&Grid::fine(-12.0, 12.0, n, dimensions), |y| log_normal(y, 1.0));
            // A Gaussian with a scale of one cell: the error of the rule is 2 exp(−2π²) per dimension.
            assert!(integral(24).abs() < 1e-7, "{}", integral(24));
            assert!(integral(6).abs() > 1e-3, "cells four times as wide as the density");
        }
    }

    #[test]
    fn the_papers_cube_is_too_low_by_d_log_n_over_n_minus_1() {
        let integral = log_integral(&Grid::cube(-80.0, 80.0, 30, 3), |y| log_normal(y, 20.0));
        assert!((integral + 3.0 * (30f64 / 29.0).ln()).abs() < 1e-3, "{integral}");
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
