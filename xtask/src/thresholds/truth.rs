//! How far an answer is from the true distribution.

use std::f64::consts::SQRT_2;

/// Levels of the quantiles that are asked for.
pub const LEVELS: [f64; 19] =
    [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];

/// `max_p |F(q_p) − p|` over the [`LEVELS`], where `q_p` are the quantiles of an answer and `F` is the distribution function
/// of the mixture of Gaussians `[weight, mean, sd]`: a distance of Kolmogorov, 0 where they agree and 1 without an answer.
///
/// # Panics
/// If there is not a quantile for each level.
pub fn distance(quantiles: &[f64], mixture: &[[f64; 3]]) -> f64 {
    assert_eq!(quantiles.len(), LEVELS.len(), "a quantile for each level");
    let cdf =
        |y: f64| mixture.iter().map(|[w, mean, sd]| w * 0.5 * libm::erfc((mean - y) / (sd * SQRT_2))).sum::<f64>();
    let off = quantiles.iter().zip(LEVELS).map(|(&q, p)| if q.is_nan() { 1.0 } else { (cdf(q) - p).abs() });
    off.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_0_at_the_truth_and_near_1_far_from_it() {
        // Quantiles of a uniform on a thousandth of a standard deviation around z have one value of F.
        let at = |z: f64| LEVELS.map(|p| 5.0 + 2.0 * (z + 1e-3 * p));
        let truth = [[1.0, 5.0, 2.0]];
        assert!((distance(&at(0.0), &truth) - 0.45).abs() < 1e-3);
        assert!((distance(&at(50.0), &truth) - 0.95).abs() < 1e-9);
        assert!(distance(&[f64::NAN; 19], &truth) > 0.9);
        let wide = LEVELS.map(|p| if p < 0.5 { -1e9 } else { 1e9 });
        assert!((distance(&wide, &truth) - 0.5).abs() < 1e-9);
        let halves = [[0.5, 0.0, 1.0], [0.5, 10.0, 1.0]];
        let quartiles = LEVELS.map(|p| if p < 0.5 { 0.0 } else { 10.0 });
        assert!((distance(&quartiles, &halves) - 0.25).abs() < 1e-6);
    }
}
