//! Targets on a lattice: whole numbers, or values with a common step.

/// A label within this fraction of a step of a lattice value is that value: labels may be rounded to `f32`.
const SNAP: f64 = 1e-3;

/// More steps than this between the smallest and the largest label are as good as a continuum.
const MOST_STEPS: f64 = 1e4;

/// The values `offset + k·step`, for whole `k`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lattice {
    pub step: f64,
    pub offset: f64,
}

impl Lattice {
    /// `k` of the largest value that is not above `y`, up to rounding.
    pub fn index(self, y: f64) -> f64 {
        let at = (y - self.offset) / self.step;
        if (at - at.round()).abs() < SNAP { at.round() } else { at.floor() }
    }

    /// The value at `k`: 0.953 and not 0.9530000000000001 if the step is 0.001.
    pub fn value(self, k: f64) -> f64 {
        let parts = (1.0 / self.step).round();
        let first = self.offset * parts;
        let is_fraction = parts > 1.0 && (parts * self.step - 1.0).abs() < 1e-12;
        if is_fraction && (first - first.round()).abs() < 1e-9 {
            (first.round() + k) / parts
        } else {
            self.offset + k * self.step
        }
    }

    /// Whether `y` is a value, up to rounding.
    pub fn holds(self, y: f64) -> bool {
        let at = (y - self.offset) / self.step;
        (at - at.round()).abs() < SNAP
    }

    /// The coarsest lattice that holds all of these, in ascending order without repetition; `None` if there is none with
    /// at most [`MOST_STEPS`] steps between the first and the last.
    pub fn of(distinct: &[f64]) -> Option<Self> {
        let [first, last] = [*distinct.first()?, *distinct.last()?];
        let least = (last - first) / MOST_STEPS;
        let rounding = if distinct.iter().all(|y| y.fract() == 0.0) { 0.0 } else { f64::from(f32::EPSILON) };
        let zero = (SNAP * least).max(rounding * first.abs().max(last.abs()));
        let common = |a: f64, b: f64| {
            let (mut a, mut b) = (a.max(b), a.min(b));
            // Euclid's algorithm.
            while b > zero {
                (a, b) = (b, (a - b * (a / b).round()).abs());
            }
            a
        };
        let step = distinct.windows(2).map(|pair| pair[1] - pair[0]).reduce(common)?;
        let steps = ((last - first) / step).round();
        if !(1.0..=MOST_STEPS).contains(&steps) {
            return None;
        }
        let step = rounded((last - first) / steps);
        let from_zero = first - step * (first / step).round();
        let offset = if from_zero.abs() < SNAP * step { 0.0 } else { first - step * (first / step).floor() };
        Some(Self { step, offset }).filter(|lattice| distinct.iter().all(|&y| lattice.holds(y)))
    }
}

/// The decimal fraction of at most six digits that is `step` up to rounding, if there is one.
fn rounded(step: f64) -> f64 {
    let with = |digits: usize| format!("{step:.digits$e}").parse::<f64>().expect("a number that was printed");
    (0..6).map(with).find(|short| (short / step - 1.0).abs() < 1e-6).unwrap_or(step)
}
