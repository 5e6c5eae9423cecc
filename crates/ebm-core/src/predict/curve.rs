//! A piecewise log-linear density on a line. Every answer about a scalar is computed from it, so they agree.

mod cell;
mod level;
mod pool;

use std::sync::OnceLock;

use cell::Cell;

use crate::loss::partition;
use crate::math::exponential::exp_all;

/// A density of a scalar: the exponential of a function that is linear between knots.
///
/// A ReLU network is piecewise linear in `y`, so between its own kinks the curve is exact. For a Gaussian of scale σ,
/// knots at distance `h` cost `h²/(12 σ²)` nats. Mass, distribution function, quantiles and sets of highest density are
/// exact for this piecewise function.
#[derive(Debug, Clone)]
pub struct Curve {
    /// In ascending order; each begins where the previous one ends.
    cells: Vec<Cell>,
    /// Cumulative mass before each cell; the last entry is 1.
    below: Vec<f64>,
    log_mass: f64,
    /// Mean and variance, computed at the first use.
    moments: OnceLock<[f64; 2]>,
}

impl Curve {
    /// A curve through log-densities, known up to a constant, at knots in ascending order. Repeated knots are dropped.
    ///
    /// A log-density that is NaN, or more than 1e5 below the highest, is set to 1e5 below the highest. If none is
    /// finite, or there are fewer than two distinct knots, the density is unknown, and every answer is NaN.
    ///
    /// # Panics
    /// If there are not as many log-densities as knots.
    pub fn new(knots: &[f64], log_density: &[f64]) -> Self {
        assert_eq!(knots.len(), log_density.len(), "every knot needs a log-density");
        let max = log_density.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let logs: Vec<f64> = log_density.iter().map(|log| (log - max).max(-1e5)).collect();
        let mut densities = logs.clone();
        exp_all(&mut densities);
        let mut cells = Vec::with_capacity(knots.len());
        let mut last = 0;
        for next in 1..knots.len() {
            if knots[next] > knots[last] {
                let of = |values: &[f64]| [values[last], values[next]];
                cells.push(Cell::with_densities(of(knots), of(&logs), of(&densities)));
                last = next;
            }
        }
        Self::of(cells, max)
    }

    /// A histogram: constant between edges in ascending order, with these masses up to a common factor.
    pub(crate) fn steps(edges: &[f64], masses: &[f64]) -> Self {
        let cells = edges.windows(2).zip(masses).map(|(edges, mass)| {
            let log = (mass / (edges[1] - edges[0])).ln().max(-1e5);
            Cell::new([edges[0], edges[1]], [log; 2])
        });
        Self::of(cells.collect(), 0.0)
    }

    /// Normalises cells whose log-densities are too low by `shift`.
    fn of(mut cells: Vec<Cell>, shift: f64) -> Self {
        let log_mass = partition::exact(cells.iter().map(|cell| cell.mass), shift);
        let mass: f64 = cells.iter().map(|cell| cell.mass).sum();
        if cells.is_empty() {
            cells.push(Cell::new([0.0, 1.0], [f64::NAN; 2]));
        }
        let [mass, log_mass] = if log_mass.is_finite() { [mass, log_mass] } else { [f64::NAN; 2] };
        let mut below = Vec::with_capacity(cells.len() + 1);
        let mut passed = 0.0;
        let log = mass.ln();
        for cell in &mut cells {
            cell.scale(mass, log);
            below.push(passed);
            passed += cell.mass;
        }
        below.push(1.0);
        Self { cells, below, log_mass, moments: OnceLock::new() }
    }

    /// `log Z`, nats: the log-integral of the unnormalised function that this was made from.
    pub fn log_mass(&self) -> f64 {
        self.log_mass
    }

    /// True if no log-density was finite. Every answer is then NaN.
    pub fn is_unknown(&self) -> bool {
        self.log_mass.is_nan()
    }

    /// The interval on which the density is positive.
    pub fn support(&self) -> [f64; 2] {
        [self.cells[0].ends[0], self.cells[self.cells.len() - 1].ends[1]]
    }

    /// Knots `[y, log-density]` in nats, for plots. A jump is two knots at the same `y`.
    pub fn points(&self) -> Vec<[f64; 2]> {
        let mut points: Vec<[f64; 2]> =
            self.cells.iter().flat_map(|cell| [0, 1].map(|end| [cell.ends[end], cell.logs[end]])).collect();
        points.dedup();
        points
    }

    /// The cell that contains `y`; at a boundary, the upper one.
    fn cell_at(&self, y: f64) -> Option<usize> {
        let [low, high] = self.support();
        if !(low <= y && y <= high) {
            return None;
        }
        Some(self.cells.partition_point(|cell| cell.ends[0] <= y) - 1)
    }

    /// Log-density at `y`, nats; `−∞` beyond the support.
    pub fn log_density(&self, y: f64) -> f64 {
        self.cell_at(y).map_or(f64::NEG_INFINITY, |at| self.cells[at].log_at(y))
    }

    /// `P(Y ≤ y)`
    pub fn cdf(&self, y: f64) -> f64 {
        match self.cell_at(y) {
            _ if self.is_unknown() => f64::NAN,
            Some(at) => (self.below[at] + self.cells[at].mass_before(y)).min(1.0),
            None => f64::from(u8::from(y > self.support()[0])),
        }
    }

    /// The `p`-quantile, `0 ≤ p ≤ 1`.
    pub fn quantile(&self, p: f64) -> f64 {
        assert!((0.0..=1.0).contains(&p), "the level of a quantile must be between 0 and 1, not {p}");
        if self.is_unknown() {
            return f64::NAN;
        }
        let at = self.below[..self.cells.len()].partition_point(|&below| below < p).max(1) - 1;
        self.cells[at].after_mass(p - self.below[at])
    }

    /// Quantiles at ascending levels, in one pass.
    pub(crate) fn quantiles(&self, levels: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut at = 0;
        levels
            .map(|p| {
                while at + 1 < self.cells.len() && self.below[at + 1] < p {
                    at += 1;
                }
                self.cells[at].after_mass(p - self.below[at])
            })
            .collect()
    }

    /// Masses between edges in ascending order, in one pass. Each is summed separately, so tails keep their precision.
    pub(crate) fn masses(&self, edges: &[f64]) -> Vec<f64> {
        let mut at = 0;
        let between = |pair: &[f64]| {
            let [low, high] = [pair[0], pair[1]];
            while at + 1 < self.cells.len() && self.cells[at].ends[1] <= low {
                at += 1;
            }
            self.cells[at..]
                .iter()
                .take_while(|cell| cell.ends[0] < high)
                .map(|cell| cell.mass_between(low, high))
                .sum()
        };
        edges.windows(2).map(between).collect()
    }

    /// `E[Y]`
    pub fn mean(&self) -> f64 {
        self.moments()[0]
    }

    /// `E[Y; Y > from]`: what values above `from` contribute to the mean.
    pub(crate) fn mean_above(&self, from: f64) -> f64 {
        let parts = self.cells.iter().filter(|cell| cell.ends[1] > from);
        parts
            .filter_map(|cell| if cell.ends[0] < from { cell.split(from)[1].clone() } else { Some(cell.clone()) })
            .map(|cell| cell.mass * cell.mean())
            .sum()
    }

    /// `Var[Y]`
    pub fn variance(&self) -> f64 {
        self.moments()[1]
    }

    /// About the median, which is near the mean: nothing is lost by subtracting.
    fn moments(&self) -> [f64; 2] {
        let made = || {
            let centre = self.quantile(0.5);
            let [first, second] = self.cells.iter().fold([0.0; 2], |[first, second], cell| {
                let from_centre = cell.mean() - centre;
                [first + cell.mass * from_centre, second + cell.mass * (from_centre * from_centre + cell.variance())]
            });
            [centre + first, (second - first * first).max(0.0)]
        };
        *self.moments.get_or_init(made)
    }

    /// `E[(cos, sin)(turns · Y)]`, approximated at the mean of each cell.
    pub(crate) fn resultant(&self, turns: f64) -> [f64; 2] {
        self.cells.iter().fold([0.0; 2], |[cos, sin], cell| {
            let angle = turns * cell.mean();
            [cos + cell.mass * angle.cos(), sin + cell.mass * angle.sin()]
        })
    }

    /// The differential entropy `−∫ p log p`, nats.
    pub(crate) fn entropy(&self) -> f64 {
        -self.cells.iter().map(|cell| cell.mass * cell.log_at(cell.mean())).filter(|term| !term.is_nan()).sum::<f64>()
    }

    /// The same density, moved by `by`.
    pub(crate) fn moved(&self, by: f64) -> Self {
        let cells = self.cells.iter().cloned().map(|cell| cell.moved(by)).collect();
        Self { cells, below: self.below.clone(), log_mass: self.log_mass, moments: OnceLock::new() }
    }

    /// The same density on a circle whose circumference is the length of the support, cut open at `cut` instead.
    /// Returned unchanged unless `cut` is inside the support.
    pub(crate) fn cut_at(&self, cut: f64) -> Self {
        let [low, high] = self.support();
        let Some(at) = self.cell_at(cut).filter(|_| low < cut && cut < high) else { return self.clone() };
        let [before, after] = self.cells[at].split(cut);
        let turned = self.cells[..at].iter().cloned().chain(before).map(|cell| cell.moved(high - low));
        let cells = after.into_iter().chain(self.cells[at + 1..].iter().cloned()).chain(turned);
        Self { log_mass: self.log_mass, ..Self::of(cells.collect(), 0.0) }
    }

    /// The continuous ranked probability score of an observed value, in units of `y`.
    ///
    /// `∫ (F(t) − 1{t ≥ observed})² dt`, exactly.
    pub fn crps(&self, observed: f64) -> f64 {
        let [low, high] = self.support();
        let mut sum = (low - observed).max(0.0) + (observed - high).max(0.0);
        let mut below = 0.0;
        let mut add = |cell: &Cell| {
            sum += cell.square_of_cdf(below, 1.0);
            below += cell.mass;
        };
        let first = self.cells.partition_point(|cell| cell.ends[1] <= observed);
        self.cells[..first].iter().for_each(&mut add);
        let [before, after] = match self.cells.get(first) {
            Some(cell) if cell.ends[0] < observed => cell.split(observed),
            cell => [None, cell.cloned()],
        };
        before.iter().for_each(&mut add);
        // From the upper end, because a tail may be long.
        let mut above = 0.0;
        let mut add = |cell: &Cell| {
            above += cell.mass;
            sum += cell.square_of_cdf(above, -1.0);
        };
        self.cells.iter().skip(first + 1).rev().for_each(&mut add);
        after.iter().for_each(&mut add);
        sum
    }

    /// The mode: where the density is highest; the middle of a flat cell.
    pub fn mode(&self) -> f64 {
        let ends = self.cells.iter().flat_map(|cell| [0, 1].map(|end| (cell.logs[end], cell)));
        let (_, cell) = ends.reduce(|best, next| if next.0 > best.0 { next } else { best }).expect("there are cells");
        match cell.logs[0].total_cmp(&cell.logs[1]) {
            std::cmp::Ordering::Less => cell.ends[1],
            std::cmp::Ordering::Equal => 0.5 * (cell.ends[0] + cell.ends[1]),
            std::cmp::Ordering::Greater => cell.ends[0],
        }
    }
}

#[cfg(test)]
mod laws;
