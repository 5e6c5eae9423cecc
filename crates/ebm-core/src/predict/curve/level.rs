//! Sets of highest density, and the mass outside them.

use super::Curve;
use super::cell::Cell;

impl Curve {
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
        // The level lies above `low`, below which there is too little mass, and is at most `high`, below which there is
        // enough: each with the mass up to it. Levels of knots between them, and the cells that reach in there.
        let mut low = (f64::NEG_INFINITY, 0.0);
        let mut high = (f64::INFINITY, 1.0);
        // Where a cell goes on as the one before it ended, one level stands for both ends.
        let ends = self.cells.windows(2).filter(|pair| pair[0].logs[1] != pair[1].logs[0]).map(|pair| pair[0].logs[1]);
        let last = self.cells[self.cells.len() - 1].logs[1];
        let mut levels: Vec<f64> = self.cells.iter().map(|cell| cell.logs[0]).chain(ends).chain([last]).collect();
        let mut cells: Vec<&Cell> = self.cells.iter().collect();
        let mut settled = 0.0;
        while !levels.is_empty() {
            let middle = levels.len() / 2;
            let (_, &mut level, _) = levels.select_nth_unstable_by(middle, f64::total_cmp);
            let mass = settled + cells.iter().map(|cell| cell.mass_up_to(level)).sum::<f64>();
            if mass < tail_mass {
                low = (level, mass);
                levels.retain(|&other| other > level);
                cells.retain(|cell| {
                    let is_open = cell.logs[0].max(cell.logs[1]) > level;
                    settled += if is_open { 0.0 } else { cell.mass };
                    is_open
                });
            } else {
                high = (level, mass);
                levels.retain(|&other| other < level);
                cells.retain(|cell| cell.logs[0].min(cell.logs[1]) < level);
            }
        }
        let ((low, before), (high, up_to)) = (low, high);
        if low == f64::NEG_INFINITY {
            return high;
        }
        if high == f64::INFINITY {
            return low;
        }
        // Flat cells at the upper level add their whole mass at that level.
        let flat: f64 = self.cells.iter().filter(|cell| cell.logs == [high; 2]).map(|cell| cell.mass).sum();
        let after = up_to - flat;
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
