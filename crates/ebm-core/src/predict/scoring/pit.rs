//! Calibration: where the observed target lies in its predictive distribution.

/// Probability integral transform of an observed scalar under weighted draws: `Σ w_m 1{y_m < observed}`, and half the
/// weight of draws that equal it. Unitless, in `[0, 1]`.
///
/// Uniform over a test set if and only if predictions are calibrated; a heap at both ends says that they are too
/// narrow, one in the middle that they are too wide. A mixture's is its distribution function.
///
/// Source: Dawid, "Present position and potential developments: the prequential approach", JRSS A 147 (1984).
pub fn pit(y: &[f64], weights: &[f64], observed: f64) -> f64 {
    assert_eq!(y.len(), weights.len(), "a weight for every draw");
    let passed = |y: f64| if y < observed { 1.0 } else { 0.5 * f64::from(u8::from(y == observed)) };
    y.iter().zip(weights).map(|(&y, w)| w * passed(y)).sum::<f64>().clamp(0.0, 1.0)
}

/// Whether the central interval of probability `level`, from the `(1 − level)/2`-quantile to the `(1 + level)/2`-quantile,
/// covers a target with this [`pit`].
pub fn covers(pit: f64, level: f64) -> bool {
    (pit - 0.5).abs() <= 0.5 * level
}
