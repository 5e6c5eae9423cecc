//! The energy score, the CRPS of a vector. It is named after energy in physics and unrelated to energy-based models.

/// Energy score of weighted draws of a vector, in units of the target.
///
/// `Σ w_i ‖y_i − observed‖ − ½ ΣΣ w_i w_j ‖y_i − y_j‖`, with Euclidean norms. For a scalar it is the CRPS.
///
/// The cost is O(M²); resample if there are more than a few thousand draws. All dimensions must have the same unit.
///
/// # Shapes
/// - `points`: row-major `[m, D]`; `weights`: `[m]`, sum 1; `observed`: `[D]`
///
/// Source: Gneiting, Raftery (2007), eq. (22) with β = 1.
pub fn energy_score(points: &[f64], weights: &[f64], observed: &[f64]) -> f64 {
    energy_score_by(points, weights, observed, |_, difference| difference)
}

/// [`energy_score`] with differences transformed by `counts(dimension, difference)`.
pub(crate) fn energy_score_by(
    points: &[f64],
    weights: &[f64],
    observed: &[f64],
    counts: impl Fn(usize, f64) -> f64,
) -> f64 {
    let distance = |a: &[f64], b: &[f64]| {
        a.iter().zip(b).enumerate().map(|(d, (a, b))| counts(d, a - b).powi(2)).sum::<f64>().sqrt()
    };
    let dimensions = observed.len();
    assert_eq!(points.len(), weights.len() * dimensions, "every draw needs a weight");
    let weighted = || points.chunks_exact(dimensions).zip(weights);
    let to_observed: f64 = weighted().map(|(y, w)| w * distance(y, observed)).sum();
    let pairs: f64 = weighted()
        .enumerate()
        .map(|(i, (y, w))| w * weighted().take(i).map(|(other, v)| v * distance(y, other)).sum::<f64>())
        .sum();
    to_observed - pairs
}
