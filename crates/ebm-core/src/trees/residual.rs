//! The density of the standardised residual: a mixture of Gaussians around 0, so that tails are not those of a Gaussian.

/// Components of the mixture.
pub(super) const COMPONENTS: usize = 3;

/// Iterations of expectation-maximisation.
const ITERATIONS: usize = 60;
/// Pseudo-observations of each component, so that no weight becomes 0.
const PRIOR_COUNT: f64 = 1.0;
/// Pseudo-observations of each scale, so that none becomes 0.
const PRIOR_SCALE: f64 = 0.02;

/// A mixture of Gaussians with mean 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Residual {
    pub weights: [f32; COMPONENTS],
    pub scales: [f32; COMPONENTS],
}

impl Residual {
    /// Fitted to residuals that are divided by their predicted scale, by expectation-maximisation from scales ½, 1 and
    /// 2½ times their root mean square.
    pub fn fit(residuals: &[f64]) -> Self {
        let count = residuals.len() as f64;
        let mean_square = residuals.iter().map(|u| u * u).sum::<f64>() / count;
        let mut scales = [0.5, 1.0, 2.5].map(|factor| factor * mean_square.sqrt().max(1e-3));
        let mut weights = [1.0 / COMPONENTS as f64; COMPONENTS];
        for _ in 0..ITERATIONS {
            let (mut counts, mut squares) = ([0.0; COMPONENTS], [0.0; COMPONENTS]);
            for u in residuals {
                let logs: [f64; COMPONENTS] =
                    std::array::from_fn(|k| weights[k].ln() - scales[k].ln() - 0.5 * (u / scales[k]).powi(2));
                let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let densities = logs.map(|log| (log - most).exp());
                let sum: f64 = densities.iter().sum();
                for k in 0..COMPONENTS {
                    counts[k] += densities[k] / sum;
                    squares[k] += densities[k] / sum * u * u;
                }
            }
            for k in 0..COMPONENTS {
                weights[k] = (counts[k] + PRIOR_COUNT) / (count + PRIOR_COUNT * COMPONENTS as f64);
                let prior = PRIOR_SCALE / scales[k].powi(2);
                scales[k] = ((squares[k] + PRIOR_SCALE) / (counts[k] + prior)).sqrt();
            }
        }
        Self { weights: weights.map(|weight| weight as f32), scales: scales.map(|scale| scale as f32) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::{Noise, Purpose};

    fn nll(Residual { weights, scales }: Residual, residuals: &[f64]) -> f64 {
        let density = |u: f64| -> f64 {
            let of = |k: usize| f64::from(weights[k] / scales[k]) * (-0.5 * (u / f64::from(scales[k])).powi(2)).exp();
            (0..COMPONENTS).map(of).sum()
        };
        -residuals.iter().map(|&u| density(u).ln()).sum::<f64>() / residuals.len() as f64
    }

    #[test]
    fn heavy_tails_are_fitted_and_a_gaussian_stays_one() {
        let mut noise = Noise::new(0, Purpose::Split, 0, 0);
        let gaussian: Vec<f64> = (0..20_000).map(|_| noise.gauss()).collect();
        let heavy: Vec<f64> = (0..20_000).map(|_| noise.gauss() * if noise.unit() < 0.8 { 0.5 } else { 3.0 }).collect();
        let entropy = 0.5; // Without ½ log 2π, which `nll` leaves out.
        // The standard error of the mean of ½ u² is √½/√20000 = 0.005.
        assert!((nll(Residual::fit(&gaussian), &gaussian) - entropy).abs() < 0.02);
        let truth = Residual { weights: [0.8, 0.1, 0.1], scales: [0.5, 3.0, 3.0] };
        // The fit is to these very residuals, so it is at least as good as the truth, and better by few parameters.
        let gain = nll(truth, &heavy) - nll(Residual::fit(&heavy), &heavy);
        assert!(gain.abs() < 2e-3, "{gain} nats");
        assert!(nll(Residual::fit(&gaussian), &heavy) > nll(truth, &heavy) + 0.3);
    }

    #[test]
    fn residuals_that_are_all_zero_have_a_positive_scale() {
        let Residual { weights, scales } = Residual::fit(&[0.0; 10]);
        assert!(weights.iter().chain(&scales).all(|value| value.is_normal() && *value > 0.0), "{scales:?}");
    }
}
