//! Exact answers of a Gaussian mixture over a scalar target.

use std::f64::consts::{SQRT_2, TAU};

use super::to_host;
use crate::{GaussianMixture, Noise};

/// A Gaussian mixture over a scalar, on the host in `f64`.
#[derive(Debug, Clone)]
pub struct ScalarMixture {
    weights: Vec<f64>,
    means: Vec<f64>,
    scales: Vec<f64>,
}

impl ScalarMixture {
    /// One a row of a batch.
    ///
    /// # Panics
    /// Unless the target has one dimension.
    pub fn from_batch(mixture: &GaussianMixture) -> Vec<Self> {
        let [batch, _, components] = mixture.means().dims();
        assert_shape!(mixture.means(), [batch, 1, components]);
        let weights = to_host(mixture.log_weights().exp());
        let means = to_host(mixture.means());
        let scales = to_host(mixture.log_scales().exp());
        (0..batch)
            .map(|row| row * components..(row + 1) * components)
            .map(|row| {
                let sum: f64 = weights[row.clone()].iter().sum();
                Self {
                    weights: weights[row.clone()].iter().map(|w| w / sum).collect(),
                    means: means[row.clone()].to_vec(),
                    scales: scales[row].to_vec(),
                }
            })
            .collect()
    }

    fn components(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        self.weights.iter().zip(&self.means).zip(&self.scales).map(|((&w, &mean), &scale)| (w, mean, scale))
    }

    /// `Σ w μ`.
    pub fn mean(&self) -> f64 {
        self.components().map(|(w, mean, _)| w * mean).sum()
    }

    /// `Σ w (σ² + (μ − mean)²)`.
    pub fn variance(&self) -> f64 {
        let centre = self.mean();
        self.components().map(|(w, mean, scale)| w * (scale * scale + (mean - centre).powi(2))).sum()
    }

    /// `log p(y)` in nats.
    pub fn log_prob(&self, y: f64) -> f64 {
        let terms: Vec<f64> = self
            .components()
            .map(|(w, mean, scale)| w.ln() - scale.ln() - 0.5 * TAU.ln() - 0.5 * ((y - mean) / scale).powi(2))
            .collect();
        let max = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        max + terms.iter().map(|term| (term - max).exp()).sum::<f64>().ln()
    }

    /// `P(Y ≤ y)`.
    pub fn cdf(&self, y: f64) -> f64 {
        self.components().map(|(w, mean, scale)| w * 0.5 * libm::erfc((mean - y) / (scale * SQRT_2))).sum()
    }

    /// The `p`-quantile, by bisection to the last bit.
    pub fn quantile(&self, p: f64) -> f64 {
        assert!(p > 0.0 && p < 1.0, "a quantile's level lies between 0 and 1, not {p}");
        let end = |sign: f64| self.components().map(move |(_, mean, scale)| mean + sign * 40.0 * scale);
        let mut low = end(-1.0).fold(f64::INFINITY, f64::min);
        let mut high = end(1.0).fold(f64::NEG_INFINITY, f64::max);
        loop {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                return middle;
            }
            if self.cdf(middle) < p {
                low = middle;
            } else {
                high = middle;
            }
        }
    }

    /// One draw.
    pub fn sample(&self, noise: &mut Noise) -> f64 {
        let mut left = noise.unit();
        let chosen = self.components().find(|(w, _, _)| {
            left -= w;
            left < 0.0
        });
        let (_, mean, scale) = chosen.unwrap_or_else(|| self.components().last().expect("there are components"));
        mean + scale * noise.gauss()
    }
}
