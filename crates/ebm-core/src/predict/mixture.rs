//! A Gaussian mixture on the host, with exact answers.

use std::f64::consts::{SQRT_2, TAU};

use pulp::{Arch, Simd, WithSimd};

use crate::density::{GaussianMixture, log_wrapped};
use crate::math::axis::{Axis, wrap};
use crate::math::exponential::{exp, ln};
use crate::math::host::to_host;
use crate::math::noise::Noise;

/// A Gaussian mixture with diagonal covariances over a target of any dimension, on the host in `f64`.
///
/// Moments, distribution function and quantiles need a scalar target on a line and panic for more dimensions; use
/// [`Mixture::marginal`] first.
#[derive(Debug, Clone)]
pub struct Mixture {
    weights: Vec<f64>,
    /// `[components][D]`
    means: Vec<f64>,
    /// `[components][D]`
    scales: Vec<f64>,
    /// One for each dimension; empty if all are lines.
    axes: Vec<Axis>,
}

impl Mixture {
    /// One mixture for each row of a batch.
    pub fn from_batch(mixture: &GaussianMixture) -> Vec<Self> {
        let [_, target, components] = mixture.means().dims();
        let weights = to_host(mixture.log_weights().exp());
        let means = to_host(mixture.means().swap_dims(1, 2));
        let scales = to_host(mixture.log_scales().exp().swap_dims(1, 2));
        let size = target * components;
        let rows = weights.chunks(components).zip(means.chunks(size)).zip(scales.chunks(size));
        rows.map(|((weights, means), scales)| {
            let sum: f64 = weights.iter().sum();
            let weights = weights.iter().map(|w| w / sum).collect();
            Self { weights, means: means.to_vec(), scales: scales.to_vec(), axes: mixture.axes().to_vec() }
        })
        .collect()
    }

    /// Of a scalar on a line, from weight, mean and scale of each component. The sum of the weights is 1.
    pub(super) fn scalar(components: &[(f64, f64, f64)]) -> Self {
        Self {
            weights: components.iter().map(|of| of.0).collect(),
            means: components.iter().map(|of| of.1).collect(),
            scales: components.iter().map(|of| of.2).collect(),
            axes: Vec::new(),
        }
    }

    /// Dimensions of the target, D.
    pub fn dimensions(&self) -> usize {
        self.means.len() / self.weights.len()
    }

    /// The marginal density of one dimension.
    pub fn marginal(&self, dimension: usize) -> Self {
        let dimensions = self.dimensions();
        assert!(dimension < dimensions, "dimension {dimension} of {dimensions}");
        let column = |of: &[f64]| of.iter().skip(dimension).step_by(dimensions).copied().collect();
        let axes = self.axes.get(dimension).copied().into_iter().filter(|&axis| axis == Axis::Circle).collect();
        Self { weights: self.weights.clone(), means: column(&self.means), scales: column(&self.scales), axes }
    }

    fn axis(&self, dimension: usize) -> Axis {
        self.axes.get(dimension).copied().unwrap_or_default()
    }

    /// Weight, means and scales of each component.
    fn components(&self) -> impl Iterator<Item = (f64, &[f64], &[f64])> + '_ {
        let dimensions = self.dimensions();
        let parameters = self.means.chunks(dimensions).zip(self.scales.chunks(dimensions));
        self.weights.iter().zip(parameters).map(|(&w, (means, scales))| (w, means, scales))
    }

    /// Weight, mean and scale of each component of a scalar.
    pub(crate) fn scalar_components(&self) -> impl Iterator<Item = (f64, f64, f64)> + Clone + '_ {
        assert_eq!(self.dimensions(), 1, "a question about a scalar: ask a marginal");
        self.weights.iter().zip(&self.means).zip(&self.scales).map(|((&w, &mean), &scale)| (w, mean, scale))
    }

    /// `Σ w μ` of a scalar.
    pub fn mean(&self) -> f64 {
        self.scalar_components().map(|(w, mean, _)| w * mean).sum()
    }

    /// `Σ w (σ² + (μ − mean)²)` of a scalar.
    pub fn variance(&self) -> f64 {
        let centre = self.mean();
        self.scalar_components().map(|(w, mean, scale)| w * (scale * scale + (mean - centre).powi(2))).sum()
    }

    /// `log p(y)` in nats.
    pub fn log_prob(&self, y: &[f64]) -> f64 {
        assert_eq!(y.len(), self.dimensions(), "y needs one value for each dimension");
        let along = |d: usize, mean: f64, scale: f64| match self.axis(d) {
            Axis::Line => -scale.ln() - 0.5 * TAU.ln() - 0.5 * ((y[d] - mean) / scale).powi(2),
            Axis::Circle => log_wrapped(y[d], mean, scale),
        };
        let terms = self.components().map(|(w, means, scales)| {
            let parameters = means.iter().zip(scales).enumerate();
            w.ln() + parameters.map(|(d, (&mean, &scale))| along(d, mean, scale)).sum::<f64>()
        });
        // Log-sum-exp in one pass: the running sum is relative to the running maximum. A weight may underflow to 0.
        let (max, sum) =
            terms.filter(|&term| term > f64::NEG_INFINITY).fold((f64::NEG_INFINITY, 0.0), |(max, sum), term| {
                if term > max { (term, sum * (max - term).exp() + 1.0) } else { (max, sum + (term - max).exp()) }
            });
        max + sum.ln()
    }

    /// `log p(y)` of a scalar in nats, at many points.
    pub(super) fn log_probs(&self, points: &[f64]) -> Vec<f64> {
        if self.axis(0) == Axis::Circle {
            return points.iter().map(|&y| self.log_prob(&[y])).collect();
        }
        let of =
            |(weight, mean, scale): (f64, f64, f64)| [weight.ln() - scale.ln() - 0.5 * TAU.ln(), mean, 1.0 / scale];
        let components: Vec<[f64; 3]> = self.scalar_components().map(of).collect();
        let mut found = points.to_vec();
        Arch::new().dispatch(LogProbs { components: &components, points: &mut found });
        found
    }

    /// `P(Y ≤ y)` of a scalar.
    pub fn cdf(&self, y: f64) -> f64 {
        self.scalar_components().map(|(w, mean, scale)| w * below(y, mean, scale)).sum()
    }

    /// `log P(low ≤ Y_d ≤ high for every d)` in nats, at least `ln` of the smallest positive normal `f64`.
    ///
    /// # Panics
    /// If a dimension is a circle.
    pub fn log_mass(&self, [low, high]: [f64; 2]) -> f64 {
        assert!(!Axis::any_circle(&self.axes), "the mass of a box is for targets without angles");
        // Subtract in the tail where both probabilities are small.
        let between = |mean: f64, scale: f64| {
            if mean > 0.5 * (low + high) {
                below(high, mean, scale) - below(low, mean, scale)
            } else {
                below(-low, -mean, scale) - below(-high, -mean, scale)
            }
        };
        let mass: f64 = self
            .components()
            .map(|(w, means, scales)| w * means.iter().zip(scales).map(|(&m, &s)| between(m, s)).product::<f64>())
            .sum();
        mass.clamp(f64::MIN_POSITIVE, 1.0).ln()
    }

    /// The `p`-quantile of a scalar, by bisection to machine precision.
    pub fn quantile(&self, p: f64) -> f64 {
        assert!(p > 0.0 && p < 1.0, "the level of a quantile must be between 0 and 1, not {p}");
        let end = |sign: f64| self.scalar_components().map(move |(_, mean, scale)| mean + sign * 40.0 * scale);
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

    /// `n` draws, row-major `[n, D]`.
    pub fn sample(&self, n: usize, noise: &mut Noise) -> Vec<f64> {
        let mut draws = Vec::with_capacity(n * self.dimensions());
        for _ in 0..n {
            let mut left = noise.unit();
            let chosen = self.components().find(|(w, ..)| {
                left -= w;
                left < 0.0
            });
            let (_, means, scales) = chosen.unwrap_or_else(|| self.components().last().expect("there are components"));
            for (d, (mean, scale)) in means.iter().zip(scales).enumerate() {
                let draw = mean + scale * noise.gauss();
                draws.push(if self.axis(d) == Axis::Circle { wrap(draw) } else { draw });
            }
        }
        draws
    }
}

/// Replaces points by log-densities. A component is the logarithm of its highest density, its mean and 1/scale.
struct LogProbs<'a> {
    components: &'a [[f64; 3]],
    points: &'a mut [f64],
}

impl WithSimd for LogProbs<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (blocks, rest) = self.points.as_chunks_mut::<LANES>();
        for block in blocks {
            log_sums(self.components, block);
        }
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        log_sums(self.components, &mut last);
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// Points computed together.
const LANES: usize = 16;

/// The log-density of a component times its weight.
#[inline(always)]
fn term([peak, mean, inverse]: [f64; 3], y: f64) -> f64 {
    let u = (y - mean) * inverse;
    peak - 0.5 * (u * u)
}

#[inline(always)]
fn log_sums(components: &[[f64; 3]], points: &mut [f64; LANES]) {
    let mut max = [f64::NEG_INFINITY; LANES];
    for &component in components {
        for (max, &y) in max.iter_mut().zip(&*points) {
            let term = term(component, y);
            *max = if term > *max { term } else { *max };
        }
    }
    let mut sums = [0.0; LANES];
    for &component in components {
        for ((sum, &y), &max) in sums.iter_mut().zip(&*points).zip(&max) {
            *sum += exp(term(component, y) - max);
        }
    }
    for ((y, max), sum) in points.iter_mut().zip(max).zip(sums) {
        *y = max + ln(sum);
    }
}

/// `P(Y ≤ y)` of a Gaussian.
fn below(y: f64, mean: f64, scale: f64) -> f64 {
    0.5 * libm::erfc((mean - y) / (scale * SQRT_2))
}
