//! Angles: curves of one turn around a circle.

use std::f64::consts::TAU;

use crate::predict::curve::Curve;

/// Integration points of the circular CRPS.
const POINTS: usize = 512;

/// The curve cut open opposite to its mean direction, and the length of its mean resultant.
pub(super) fn centred(curve: &Curve, period: f64) -> (Curve, f64) {
    let [cos, sin] = curve.resultant(TAU / period);
    let opposite = place(curve, period, (-sin).atan2(-cos) / TAU * period);
    (curve.cut_at(opposite), cos.hypot(sin).min(1.0))
}

/// The representative of `y` modulo the period within the support of the curve.
pub(super) fn place(curve: &Curve, period: f64, y: f64) -> f64 {
    let [low, high] = curve.support();
    (low + (y - low).rem_euclid(period)).min(high)
}

/// `[from, to]` shifted by whole periods so that `from` lies in `[0, period)`.
pub(super) fn arc([from, to]: [f64; 2], period: f64) -> [f64; 2] {
    let start = from.rem_euclid(period);
    let start = if start < period { start } else { 0.0 };
    [start, start + (to - from)]
}

/// Intervals on a curve as arcs of the circle. Intervals at both ends of the curve are joined into one arc.
pub(super) fn arcs(intervals: &[[f64; 2]], [low, high]: [f64; 2], period: f64) -> Vec<[f64; 2]> {
    let mut intervals = intervals.to_vec();
    if intervals == [[low, high]] {
        return vec![[0.0, period]];
    }
    if intervals.len() > 1 && intervals[0][0] == low && intervals[intervals.len() - 1][1] == high {
        let first = intervals.remove(0);
        if let Some(last) = intervals.last_mut() {
            last[1] += first[1] - first[0];
        }
    }
    let mut arcs: Vec<[f64; 2]> = intervals.into_iter().map(|interval| arc(interval, period)).collect();
    arcs.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]));
    arcs
}

/// CRPS on a circle, in units of `y`: `E d(Y, observed) − ½ E d(Y, Y')`, `d` the distance along the circle.
///
/// The half circle `[φ, φ + π)` separates two points at distance `d` for a measure `2d` of angles φ. The score
/// therefore equals `½ ∫ (P(Y ∈ [φ, φ + π)) − 1{observed ∈ [φ, φ + π)})² dφ` over a full turn.
///
/// Source: Grimit, Gneiting, Berrocal, Johnson, "The continuous ranked probability score for circular variables",
/// Q. J. R. Meteorol. Soc. 132 (2006), from which the definition is taken.
pub(super) fn crps(curve: &Curve, period: f64, observed: f64) -> f64 {
    let [low, high] = curve.support();
    // Distribution function from the start of the curve, extended to any y: it grows by 1 in every turn.
    let turns = |y: f64| ((y - low) / period).floor();
    let passed = |y: f64| turns(y) + curve.cdf((y - turns(y) * period).clamp(low, high));
    let half = 0.5 * period;
    let step = period / POINTS as f64;
    // Cells of φ are aligned with the jumps of the indicator.
    let squares = (0..POINTS).map(|i| {
        let from = observed + (i as f64 + 0.5) * step;
        let mass = passed(from + half) - passed(from);
        let holds = f64::from(u8::from(i >= POINTS / 2));
        (mass - holds).powi(2)
    });
    0.5 * squares.sum::<f64>() * step
}
