//! The probability integral transform (PIT).

/// Probability integral transform of an observed scalar under weighted draws: `Σ w_m 1{y_m < observed}`, and half the
/// weight of draws that equal it. Unitless, in `[0, 1]`.
///
/// It is uniform over a test set if predictions are calibrated. A histogram that is high at both ends means that
/// predictions are too narrow, one that is high in the middle that they are too wide. For a mixture, the PIT is its
/// distribution function.
///
/// Source: Dawid, "Present position and potential developments: the prequential approach", JRSS A 147 (1984).
pub fn pit(y: &[f64], weights: &[f64], observed: f64) -> f64 {
    assert_eq!(y.len(), weights.len(), "every draw needs a weight");
    let passed = |y: f64| if y < observed { 1.0 } else { 0.5 * f64::from(u8::from(y == observed)) };
    y.iter().zip(weights).map(|(&y, w)| w * passed(y)).sum::<f64>().clamp(0.0, 1.0)
}
