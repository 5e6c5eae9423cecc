//! The Pareto shape k̂ of importance weights: a diagnostic of their tail.

/// Above this k̂, importance sampling is unreliable (Vehtari et al. 2024).
pub const PARETO_K_LIMIT: f64 = 0.7;

/// Pareto k̂ of non-negative weights: the shape of a generalised Pareto distribution fitted to the largest ones.
///
/// Below 0.5 the variance of the weights is finite; above [`PARETO_K_LIMIT`] estimates from them are unreliable.
/// `NaN` with fewer than 5 weights in the tail; `−∞` when the tail is constant.
///
/// The fit is Zhang and Stephens' (2009), with the weak prior and the tail size, `min(M/5, 3√M)`, of Vehtari et al.,
/// "Pareto smoothed importance sampling" (2024).
pub fn pareto_k(weights: &[f64]) -> f64 {
    let n = weights.len();
    let tail = ((n as f64 / 5.0).min(3.0 * (n as f64).sqrt())).ceil() as usize;
    if tail < 5 || tail >= n {
        return f64::NAN;
    }
    let mut sorted = weights.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let threshold = sorted[n - tail - 1];
    let excess: Vec<f64> = sorted[n - tail..].iter().map(|w| w - threshold).collect();
    if excess[tail - 1] <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let shape = fit_shape(&excess);
    // A weak prior of 10 observations at ½ stabilises short tails.
    (tail as f64 * shape + 5.0) / (tail as f64 + 10.0)
}

/// Shape of the generalised Pareto distribution, from sorted excesses over the threshold.
fn fit_shape(excess: &[f64]) -> f64 {
    const PRIOR: f64 = 3.0;
    let n = excess.len() as f64;
    let points = 30 + n.sqrt() as usize;
    let quartile = excess[(n / 4.0 + 0.5) as usize - 1].max(f64::MIN_POSITIVE);
    let largest = excess[excess.len() - 1];
    let mean_log = |b: f64| excess.iter().map(|e| (-b * e).ln_1p()).sum::<f64>() / n;
    let b = |i: usize| 1.0 / largest + (1.0 - (points as f64 / (i as f64 + 0.5)).sqrt()) / (PRIOR * quartile);
    let profile = |b: f64| {
        let k = mean_log(b);
        n * ((-b / k).ln() - k - 1.0)
    };
    let (bs, profiles): (Vec<f64>, Vec<f64>) =
        (0..points).map(b).map(|b| (b, profile(b))).filter(|(_, profile)| profile.is_finite()).unzip();
    let max = profiles.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let posterior: Vec<f64> = profiles.iter().map(|profile| (profile - max).exp()).collect();
    let total: f64 = posterior.iter().sum();
    mean_log(bs.iter().zip(&posterior).map(|(b, weight)| b * weight / total).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::{Noise, Purpose};

    #[test]
    fn recovers_the_shape_of_pareto_weights() {
        for shape in [0.2, 0.5, 0.9, 1.5] {
            let mean = (0..40)
                .map(|repeat| {
                    let mut noise = Noise::new(repeat, Purpose::Prediction, 0, 0);
                    let weights: Vec<f64> = (0..4096).map(|_| (1.0 - noise.unit()).powf(-shape)).collect();
                    pareto_k(&weights)
                })
                .sum::<f64>()
                / 40.0;
            // The standard error of one fit with 192 tail weights is about (1 + k)/√192, that of the mean of 40 fits a
            // sixth of it. The prior pulls by 5 % towards ½.
            let tolerance = 4.0 * (1.0 + shape) / (192f64 * 40.0).sqrt() + 0.05 * (shape - 0.5f64).abs();
            assert!((mean - shape).abs() < tolerance, "{mean} against {shape}");
        }
    }

    #[test]
    fn bounded_weights_are_harmless_and_short_or_constant_ones_do_not_panic() {
        let mut noise = Noise::new(1, Purpose::Prediction, 0, 0);
        let bounded: Vec<f64> = (0..1024).map(|_| noise.unit()).collect();
        assert!(pareto_k(&bounded) < 0.3);
        assert!(pareto_k(&[1.0; 10]).is_nan());
        assert_eq!(pareto_k(&[1.0; 1000]), f64::NEG_INFINITY);
    }
}
