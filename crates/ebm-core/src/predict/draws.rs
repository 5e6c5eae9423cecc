//! Weighted candidates of one input: self-normalised importance sampling and quadrature.

use std::sync::Arc;

use super::pareto_k;
use crate::math::noise::Noise;

/// A number and the standard error of its Monte-Carlo estimate (0 when it is exact or by quadrature).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// One standard error.
    pub standard_error: f64,
}

impl Estimate {
    /// A number without Monte-Carlo error.
    pub fn exact(value: f64) -> Self {
        Self { value, standard_error: 0.0 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Sampled,
    Quadrature,
}

/// Candidates `y_m` with importance weights `w_m ∝ e^{f(x, y_m)} / q(y_m|x)`, of one input. Paper: eq. (7).
///
/// All dimensions of a candidate share its weight. Mean, variance and quantiles are those of a scalar and panic of a
/// target with more dimensions: ask a [`Draws::marginal`].
#[derive(Debug, Clone)]
pub struct Draws {
    /// Row-major `[m, D]`.
    points: Arc<[f64]>,
    /// Normalised, sum 1.
    weights: Arc<[f64]>,
    log_partition: f64,
    origin: Origin,
}

impl Draws {
    /// Independent draws from a proposal, row-major `[m, D]`; `log_weights = score − log_q`, `[m]`.
    pub fn sampled(points: impl Into<Arc<[f64]>>, log_weights: Vec<f64>) -> Self {
        Self::new(points.into(), log_weights, Origin::Sampled)
    }

    /// Points of a grid, row-major `[m, D]`; `log_weights = score + log(volume)`, `[m]`.
    pub fn quadrature(points: impl Into<Arc<[f64]>>, log_weights: Vec<f64>) -> Self {
        Self::new(points.into(), log_weights, Origin::Quadrature)
    }

    fn new(points: Arc<[f64]>, log_weights: Vec<f64>, origin: Origin) -> Self {
        let m = log_weights.len();
        assert!(!points.is_empty() && m > 0 && points.len().is_multiple_of(m), "a weight for every candidate");
        let max = log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut weights = log_weights;
        weights.iter_mut().for_each(|w| *w = (*w - max).exp());
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= sum);
        let log_partition = max + (sum / m as f64).ln();
        Self { points, weights: weights.into(), log_partition, origin }
    }

    /// Number of candidates, M.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Never: there are candidates.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Dimensions of the target, D.
    pub fn dimensions(&self) -> usize {
        self.points.len() / self.weights.len()
    }

    /// The candidates, row-major `[m, D]`.
    pub fn points(&self) -> &[f64] {
        &self.points
    }

    /// Their weights, `[m]`, sum 1.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// One dimension of the candidates, with the same weights.
    pub fn marginal(&self, dimension: usize) -> Self {
        let dimensions = self.dimensions();
        assert!(dimension < dimensions, "dimension {dimension} of {dimensions}");
        let points = self.points.iter().skip(dimension).step_by(dimensions).copied().collect();
        Self { points, ..self.clone() }
    }

    /// The same weights on other points, row-major `[m, D]`.
    pub(crate) fn with_points(&self, points: Vec<f64>) -> Self {
        assert_eq!(points.len(), self.points.len(), "as many points");
        Self { points: points.into(), ..self.clone() }
    }

    /// The candidates for a scalar in ascending order.
    pub(crate) fn sorted(&self) -> Self {
        let order = ascending(self.scalars());
        let by_order = |of: &[f64]| order.iter().map(|&i| of[i]).collect();
        Self { points: by_order(&self.points), weights: by_order(&self.weights), ..*self }
    }

    /// The weight of the candidates for a scalar that are at most `y`.
    pub(crate) fn cdf(&self, y: f64) -> f64 {
        self.scalars()
            .iter()
            .zip(&*self.weights)
            .filter(|(point, _)| **point <= y)
            .map(|(_, w)| w)
            .sum::<f64>()
            .min(1.0)
    }

    /// The candidates for a scalar.
    pub(super) fn scalars(&self) -> &[f64] {
        assert_eq!(self.dimensions(), 1, "a question about a scalar: ask a marginal");
        &self.points
    }

    /// Whether the candidates were drawn at random; otherwise they are the points of a grid.
    pub fn is_sampled(&self) -> bool {
        self.origin == Origin::Sampled
    }

    fn error(&self, standard_error: f64) -> f64 {
        match self.origin {
            Origin::Sampled => standard_error,
            Origin::Quadrature => 0.0,
        }
    }

    /// `log Z(x)` in nats; its error by the delta method, `sd(w) / (√M mean(w))`.
    pub fn log_partition(&self) -> Estimate {
        let m = self.len() as f64;
        let spread = self.weights.iter().map(|w| (w * m - 1.0).powi(2)).sum::<f64>() / m;
        Estimate { value: self.log_partition, standard_error: self.error((spread / m).sqrt()) }
    }

    /// `log p(y|x)` of a target whose score is `score`.
    pub fn log_prob(&self, score: f64) -> Estimate {
        let log_partition = self.log_partition();
        Estimate { value: score - log_partition.value, ..log_partition }
    }

    /// `E[ξ(y) | x]`, paper eq. (7), with its delta-method error. `ξ` is given all dimensions of a candidate.
    pub fn expectation(&self, xi: impl Fn(&[f64]) -> f64) -> Estimate {
        let weighted = || self.weights.iter().zip(self.points.chunks(self.dimensions()));
        let value: f64 = weighted().map(|(w, y)| w * xi(y)).sum();
        let square: f64 = weighted().map(|(w, y)| (w * (xi(y) - value)).powi(2)).sum();
        Estimate { value, standard_error: self.error(square.sqrt()) }
    }

    /// `E[y | x]` of a scalar.
    pub fn mean(&self) -> Estimate {
        assert_eq!(self.dimensions(), 1, "a question about a scalar: ask a marginal");
        self.expectation(|y| y[0])
    }

    /// `Var[y | x]` of a scalar.
    pub fn variance(&self) -> f64 {
        let mean = self.mean().value;
        self.expectation(|y| (y[0] - mean).powi(2)).value
    }

    /// The smallest candidate for a scalar whose weight and that of all below it reach `p`.
    pub fn quantile(&self, p: f64) -> f64 {
        assert!(p > 0.0 && p < 1.0, "a quantile's level lies between 0 and 1, not {p}");
        let y = self.scalars();
        let order = ascending(y);
        let mut passed = 0.0;
        let at = order.iter().find(|&&i| {
            passed += self.weights[i];
            passed >= p
        });
        y[*at.unwrap_or(order.last().expect("there are candidates"))]
    }

    /// `n` candidates drawn with replacement, each with probability `w_m`, row-major `[n, D]`. Paper: Sec. 3.2.2.
    pub fn resample(&self, n: usize, noise: &mut Noise) -> Vec<f64> {
        let edges: Vec<f64> = self
            .weights
            .iter()
            .scan(0.0, |sum, w| {
                *sum += w;
                Some(*sum)
            })
            .collect();
        let (last, dimensions) = (self.len() - 1, self.dimensions());
        let mut draw = || {
            let unit = noise.unit();
            let drawn = edges.partition_point(|&edge| edge <= unit).min(last);
            &self.points[drawn * dimensions..(drawn + 1) * dimensions]
        };
        (0..n).flat_map(|_| draw()).copied().collect()
    }

    /// Effective sample size `1 / Σ w̃²`, between 1 and M. It cannot see a mode that no candidate fell into.
    pub fn effective_sample_size(&self) -> f64 {
        1.0 / self.weights.iter().map(|w| w * w).sum::<f64>()
    }

    /// Pareto k̂ of the weights: above 0.7 the estimates cannot be trusted. NaN for quadrature.
    pub fn pareto_k(&self) -> f64 {
        match self.origin {
            Origin::Sampled => pareto_k(&self.weights),
            Origin::Quadrature => f64::NAN,
        }
    }

    /// The share of a target with log-weight `score − log_q` among all weights, its own included.
    pub fn label_weight(&self, log_weight: f64) -> f64 {
        let others = self.log_partition + (self.len() as f64).ln();
        1.0 / (1.0 + (others - log_weight).exp())
    }
}

/// Indices of values in ascending order.
pub(crate) fn ascending(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    order
}
