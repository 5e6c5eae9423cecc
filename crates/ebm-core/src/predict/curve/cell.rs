//! One piece of a curve: a density whose logarithm is linear.

use crate::loss::partition::integral;
use crate::math::exponential::exp;

/// `e^{a + b t}` for `t` between two ends.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub ends: [f64; 2],
    /// Log-density at the ends.
    pub logs: [f64; 2],
    /// Density at the ends.
    pub densities: [f64; 2],
    pub mass: f64,
}

impl Cell {
    pub fn new(ends: [f64; 2], logs: [f64; 2]) -> Self {
        Self::with_densities(ends, logs, logs.map(exp))
    }

    /// [`Cell::new`] where the densities are known.
    pub fn with_densities(ends: [f64; 2], logs: [f64; 2], densities: [f64; 2]) -> Self {
        Self { ends, logs, densities, mass: integral(ends[1] - ends[0], logs, densities) }
    }

    fn width(&self) -> f64 {
        self.ends[1] - self.ends[0]
    }

    /// Difference of the log-density between the two ends.
    fn rise(&self) -> f64 {
        self.logs[1] - self.logs[0]
    }

    /// The lower density divided by the higher one, `e^−|rise|`.
    fn ratio(&self) -> f64 {
        let [a, b] = self.densities;
        a.min(b) / a.max(b).max(f64::MIN_POSITIVE)
    }

    /// Divides the density by `mass`, whose logarithm is `log_mass`.
    pub fn scale(&mut self, mass: f64, log_mass: f64) {
        self.mass /= mass;
        self.logs = self.logs.map(|log| log - log_mass);
        self.densities = self.densities.map(|density| density / mass);
    }

    pub fn moved(mut self, by: f64) -> Self {
        self.ends = self.ends.map(|end| end + by);
        self
    }

    /// The parts before and after `y`; `None` for an empty part.
    pub fn split(&self, y: f64) -> [Option<Self>; 2] {
        let log = self.log_at(y);
        let part = |ends: [f64; 2], logs| (ends[0] < ends[1]).then(|| Self::new(ends, logs));
        [part([self.ends[0], y], [self.logs[0], log]), part([y, self.ends[1]], [log, self.logs[1]])]
    }

    pub fn log_at(&self, y: f64) -> f64 {
        let share = (y - self.ends[0]) / self.width();
        // Exact for a flat cell.
        self.logs[0] + self.rise() * share
    }

    pub fn mass_before(&self, y: f64) -> f64 {
        self.mass * share_of_mass(self.rise(), ((y - self.ends[0]) / self.width()).clamp(0.0, 1.0))
    }

    /// The mass of the part of `[low, high]` that lies in this cell.
    pub fn mass_between(&self, low: f64, high: f64) -> f64 {
        let [low, high] = [low.max(self.ends[0]), high.min(self.ends[1])];
        if low == self.ends[0] && high == self.ends[1] {
            return self.mass;
        }
        if low < high { Self::new([low, high], [self.log_at(low), self.log_at(high)]).mass } else { 0.0 }
    }

    /// The point with this much mass of the cell before it.
    pub fn after_mass(&self, mass: f64) -> f64 {
        let share = if self.mass > 0.0 { (mass / self.mass).clamp(0.0, 1.0) } else { 0.5 };
        self.ends[0] + self.width() * share_of_width(self.rise(), share)
    }

    /// The mean of the density within the cell, as a fraction of its width.
    fn mean_share(&self) -> f64 {
        let r = self.rise();
        if r.abs() < 0.1 {
            // The next term is 0.1⁷/1209600 = 8e-14.
            let square = r * r;
            return 0.5 + r / 12.0 * (1.0 - square / 60.0 * (1.0 - square / 42.0));
        }
        let from_lower_end = 1.0 / (1.0 - self.ratio()) - 1.0 / r.abs();
        if r > 0.0 { from_lower_end } else { 1.0 - from_lower_end }
    }

    /// The mean of the density within the cell.
    pub fn mean(&self) -> f64 {
        self.ends[0] + self.width() * self.mean_share()
    }

    /// Variance of the density within the cell.
    pub fn variance(&self) -> f64 {
        let r = self.rise();
        let square = r * r;
        // The variance of e^{rt} on [0, 1].
        let variance = if square < 0.01 {
            // The next term is 0.1⁶/172800 = 6e-12.
            1.0 / 12.0 - square / 240.0 * (1.0 - square / 25.2)
        } else {
            let ratio = self.ratio();
            1.0 / square - ratio / ((1.0 - ratio) * (1.0 - ratio))
        };
        self.width() * self.width() * variance
    }

    /// `∫ F²` over the cell, for the function `F` that is `from` before it and then grows by the density times `sign`.
    pub fn square_of_cdf(&self, from: f64, sign: f64) -> f64 {
        let r = self.rise();
        let mass = sign * self.mass;
        // ∫ s and ∫ s², s the share of the mass before a point.
        let first = 1.0 - self.mean_share();
        let second = if r.abs() < 0.05 {
            let square = r * r;
            // The next terms are smaller than 1e-9 of the others.
            1.0 / 3.0 - r / 12.0 * (1.0 - square / 60.0) + square / 180.0 * (1.0 - square / 28.0)
        } else {
            let (q, fall) = (self.ratio(), r.abs());
            let squares = (1.0 - q * q) / (2.0 * fall);
            let of_rising = squares - 2.0 * q * (1.0 - q) / fall + q * q;
            let of_falling = 1.0 - 2.0 * (1.0 - q) / fall + squares;
            (if r > 0.0 { of_rising } else { of_falling }) / ((1.0 - q) * (1.0 - q))
        };
        self.width() * (from * from + 2.0 * from * mass * first + mass * mass * second)
    }

    /// The mass where the log-density is at most `level`.
    pub fn mass_up_to(&self, level: f64) -> f64 {
        let [low, high] = [self.logs[0].min(self.logs[1]), self.logs[0].max(self.logs[1])];
        if high <= level {
            self.mass
        } else if low >= level {
            0.0
        } else {
            self.mass * share_of_mass(high - low, (level - low) / (high - low))
        }
    }

    /// The interval where the log-density is at least `level`; `None` if it is empty.
    pub fn at_least(&self, level: f64) -> Option<[f64; 2]> {
        let [first, last] = self.logs.map(|log| log >= level);
        let crossing = || self.ends[0] + self.width() * ((level - self.logs[0]) / self.rise()).clamp(0.0, 1.0);
        match (first, last) {
            (true, true) => Some(self.ends),
            (true, false) => Some([self.ends[0], crossing()]),
            (false, true) => Some([crossing(), self.ends[1]]),
            (false, false) => None,
        }
    }
}

/// `∫_0^t e^{ru} du / ∫_0^1 e^{ru} du`
fn share_of_mass(r: f64, t: f64) -> f64 {
    if r.abs() < 1e-12 {
        t
    } else if r < 0.0 {
        (r * t).exp_m1() / r.exp_m1()
    } else {
        // Computed from the upper end, where most of the mass is.
        (r * (t - 1.0)).exp() * (-r * t).exp_m1() / (-r).exp_m1()
    }
}

/// The `t` where [`share_of_mass`] is `share`.
fn share_of_width(r: f64, share: f64) -> f64 {
    let t = if r.abs() < 1e-12 {
        share
    } else if r < 0.0 {
        (share * r.exp_m1()).ln_1p() / r
    } else {
        1.0 + ((1.0 - share) * (-r).exp_m1()).ln_1p() / r
    };
    t.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn mass_moments_and_inverse_are_those_of_the_exponential(a in -5f64..5.0, r in -40f64..40.0, t in 0f64..1.0) {
            let cell = Cell::new([2.0, 5.0], [a, a + r]);
            // The midpoint rule on 20000 points; its error for e^{40 t} is (40/20000)²/24.
            let n = 20_000;
            let points: Vec<f64> = (0..n).map(|i| 2.0 + 3.0 * (f64::from(i) + 0.5) / f64::from(n)).collect();
            let integral = |of: &dyn Fn(f64) -> f64| {
                points.iter().map(|&y| of(y) * cell.log_at(y).exp()).sum::<f64>() * 3.0 / f64::from(n)
            };
            prop_assert!((integral(&|_| 1.0) / cell.mass - 1.0).abs() < 1e-6);
            prop_assert!((integral(&|y| y) / cell.mass - cell.mean()).abs() < 1e-6);
            prop_assert!((integral(&|y| (y - 3.3).powi(2)) / cell.mass - (cell.variance() + (cell.mean() - 3.3).powi(2))).abs() < 1e-5);
            let mut cdf = 0.25;
            let squares: f64 = points.iter().map(|&y| {
                cdf += cell.log_at(y).exp() * 3.0 / f64::from(n) / cell.mass;
                (cdf - 0.5 / f64::from(n)).powi(2) * 3.0 / f64::from(n)
            }).sum();
            let whole = Cell { mass: 1.0, ..cell.clone() };
            prop_assert!((squares - whole.square_of_cdf(0.25, 1.0)).abs() < 5e-3);
            let mirrored = whole.square_of_cdf(1.25, -1.0);
            let turned = Cell::new([2.0, 5.0], [a + r, a]);
            let turned = Cell { mass: 1.0, ..turned };
            prop_assert!((mirrored - turned.square_of_cdf(0.25, 1.0)).abs() < 1e-9);
            let y = 2.0 + 3.0 * t;
            let before = cell.mass_before(y);
            prop_assert!((cell.mass_between(2.0, y) - before).abs() < 1e-9 * cell.mass);
            prop_assert!((cell.mass_before(cell.after_mass(before)) - before).abs() < 1e-9 * cell.mass);
        }
    }

    #[test]
    fn a_cell_that_falls_by_a_thousand_nats_loses_nothing() {
        let cell = Cell::new([0.0, 1000.0], [0.0, -1000.0]);
        assert!((cell.mass - 1.0).abs() < 1e-12 && (cell.mean() - 1.0).abs() < 1e-9);
        assert!((cell.variance() - 1.0).abs() < 1e-9);
        assert!((cell.after_mass(0.5) - 2f64.ln()).abs() < 1e-9);
        let mirrored = Cell::new([-1000.0, 0.0], [-1000.0, 0.0]);
        assert!((mirrored.mean() + 1.0).abs() < 1e-9 && (mirrored.after_mass(0.5) + 2f64.ln()).abs() < 1e-9);
    }
}
