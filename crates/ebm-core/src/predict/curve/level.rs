//! Sets of highest density, and the mass outside them.

use super::Curve;

impl Curve {
    /// Log-densities at the ends of all cells, ascending.
    fn levels(&self) -> &[f64] {
        let made = || {
            let mut levels: Vec<f64> = self.cells.iter().flat_map(|cell| cell.logs).collect();
            levels.sort_unstable_by(f64::total_cmp);
            levels.dedup();
            levels
        };
        self.levels.get_or_init(made)
    }

    /// The mass where the log-density is at most `level`.
    fn mass_up_to(&self, level: f64) -> f64 {
        self.cells.iter().map(|cell| cell.mass_up_to(level)).sum::<f64>().min(1.0)
    }

    /// The mass of all points that are no denser than `y`: 1 at the mode, 0 beyond the support.
    ///
    /// The smallest set of highest density that contains `y` has mass `1 − tail_mass(y)`. In the far tails `tail_mass`
    /// keeps its precision where `1 − tail_mass` rounds to 1.
    pub fn tail_mass(&self, y: f64) -> f64 {
        if self.is_unknown() {
            return f64::NAN;
        }
        self.cell_at(y).map_or(0.0, |at| self.mass_up_to(self.cells[at].log_at(y)))
    }

    /// The log-density at the edge of the set of highest density that leaves out `tail_mass`: the least level at which
    /// [`Curve::tail_mass`] is at least `tail_mass`.
    ///
    /// Between two neighbouring log-densities of knots, the mass below a level is linear in the density, so the
    /// solution is exact.
    pub fn threshold(&self, tail_mass: f64) -> f64 {
        let levels = self.levels();
        let at = levels.partition_point(|&level| self.mass_up_to(level) < tail_mass);
        if at == 0 {
            return levels[0];
        }
        let Some(&high) = levels.get(at) else { return levels[levels.len() - 1] };
        let low = levels[at - 1];
        // Flat cells at the upper level add their whole mass at that level.
        let flat: f64 = self.cells.iter().filter(|cell| cell.logs == [high; 2]).map(|cell| cell.mass).sum();
        let [before, after] = [self.mass_up_to(low), self.mass_up_to(high) - flat];
        if after <= before || tail_mass >= after {
            return high;
        }
        let share = (tail_mass - before) / (after - before);
        // log(e^low + share (e^high − e^low)), from the upper end.
        high + ((1.0 - share) * (low - high).exp_m1()).ln_1p()
    }

    /// Where the log-density is at least `level`, as intervals in ascending order.
    pub fn at_least(&self, level: f64) -> Vec<[f64; 2]> {
        let mut intervals: Vec<[f64; 2]> = Vec::new();
        for [low, high] in self.cells.iter().filter_map(|cell| cell.at_least(level)) {
            match intervals.last_mut() {
                Some(last) if last[1] >= low => last[1] = high,
                _ => intervals.push([low, high]),
            }
        }
        intervals
    }
}
