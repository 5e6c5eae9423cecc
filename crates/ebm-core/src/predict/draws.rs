//! Weighted candidates of one input: self-normalised importance sampling and quadrature.

use std::sync::Arc;

use crate::loss::partition;
use crate::math::noise::Noise;
use crate::math::order::ascending;
use crate::predict::reliability::{Estimate, LogProb, Reliability, pareto_k};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Sampled,
    Quadrature,
}

/// Candidates `y_m` of one input with importance weights `w_m ∝ e^{f(x, y_m)} / q(y_m|x)`. Paper: eq. (7).
///
/// All dimensions of a candidate share its weight. Mean, variance and quantiles need a scalar target and panic for more
/// dimensions; use [`Draws::marginal`] first.
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

    /// Quadrature points, row-major `[m, D]`; `log_weights = score + log(volume)`, `[m]`.
    pub fn quadrature(points: impl Into<Arc<[f64]>>, log_weights: Vec<f64>) -> Self {
        Self::new(points.into(), log_weights, Origin::Quadrature)
    }

    fn new(points: Arc<[f64]>, log_weights: Vec<f64>, origin: Origin) -> Self {
        let m = log_weights.len();
        assert!(!points.is_empty() && m > 0 && points.len().is_multiple_of(m), "every candidate needs a weight");
        let mut weights = log_weights;
        let log_partition = partition::weigh(&mut weights);
        Self { points, weights: weights.into(), log_partition, origin }
    }

    /// Number of candidates, M.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Always false: there is at least one candidate.
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

    /// The weights of the candidates, `[m]`, with sum 1.
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

    /// [`Draws::points`], shared.
    pub(crate) fn shared_points(&self) -> Arc<[f64]> {
        Arc::clone(&self.points)
    }

    /// The same weights on other points, row-major `[m, D]`.
    pub(crate) fn with_points(&self, points: Arc<[f64]>) -> Self {
        assert_eq!(points.len(), self.points.len(), "the number of points must stay the same");
        Self { points, ..self.clone() }
    }

    /// Sorts the candidates of a scalar in ascending order.
    pub(crate) fn sorted(&self) -> Self {
        let order = ascending(self.scalars());
        let by_order = |of: &[f64]| order.iter().map(|&i| of[i]).collect();
        Self { points: by_order(&self.points), weights: by_order(&self.weights), ..*self }
    }

    /// The total weight of the candidates that are at most `y`, for a scalar.
    pub(crate) fn cdf(&self, y: f64) -> f64 {
        self.scalars()
            .iter()
            .zip(&*self.weights)
            .filter(|(point, _)| **point <= y)
            .map(|(_, w)| w)
            .sum::<f64>()
            .min(1.0)
    }

    /// The candidates of a scalar, `[m]`.
    pub(super) fn scalars(&self) -> &[f64] {
        assert_eq!(self.dimensions(), 1, "a question about a scalar: ask a marginal");
        &self.points
    }

    /// True if the candidates were drawn at random, false if they are quadrature points.
    pub fn is_sampled(&self) -> bool {
        self.origin == Origin::Sampled
    }

    fn error(&self, standard_error: f64) -> f64 {
        match self.origin {
            Origin::Sampled => standard_error,
            Origin::Quadrature => 0.0,
        }
    }

    /// `log Z(x)` in nats, with its standard error by the delta method, `sd(w) / (√M mean(w))`.
    pub fn log_partition(&self) -> Estimate {
        let m = self.len() as f64;
        let spread = self.weights.iter().map(|w| (w * m - 1.0).powi(2)).sum::<f64>() / m;
        Estimate { value: self.log_partition, standard_error: self.error((spread / m).sqrt()) }
    }

    /// `log p(y|x)` of a target with this score and this log-density under the proposal.
    pub fn log_prob(&self, score: f64, log_q: f64) -> LogProb {
        let log_partition = self.log_partition();
        LogProb {
            estimate: Estimate { value: score - log_partition.value, ..log_partition },
            label_weight: self.is_sampled().then(|| self.label_weight(score - log_q)),
        }
    }

    /// How well the candidates represent the density; `None` for quadrature.
    pub fn reliability(&self) -> Option<Reliability> {
        let ess_share = self.effective_sample_size() / self.len() as f64;
        self.is_sampled().then(|| Reliability { ess_share, pareto_k: self.pareto_k() })
    }

    /// `E[ξ(y) | x]`, paper eq. (7), with its delta-method error. `ξ` receives all dimensions of a candidate.
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

    /// The `p`-quantile of a scalar: the smallest candidate at which the cumulative weight reaches `p`.
    pub fn quantile(&self, p: f64) -> f64 {
        assert!(p > 0.0 && p < 1.0, "the level of a quantile must be between 0 and 1, not {p}");
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

    /// Effective sample size `1 / Σ w̃²`, between 1 and M. It does not detect a mode without candidates.
    pub fn effective_sample_size(&self) -> f64 {
        1.0 / self.weights.iter().map(|w| w * w).sum::<f64>()
    }

    /// Pareto k̂ of the weights; above 0.7 the estimates are unreliable. NaN for quadrature.
    pub fn pareto_k(&self) -> f64 {
        match self.origin {
            Origin::Sampled => pareto_k(&self.weights),
            Origin::Quadrature => f64::NAN,
        }
    }

    /// The share of a target with log-weight `score − log_q` in the sum of all weights, its own included.
    pub fn label_weight(&self, log_weight: f64) -> f64 {
        label_weight(log_weight, self.log_partition, self.len())
    }
}

/// The share of a target with log-weight `score − log_q` in the sum of its own weight and those of `m` candidates.
pub(crate) fn label_weight(log_weight: f64, log_partition: f64, m: usize) -> f64 {
    let others = log_partition + (m as f64).ln();
    1.0 / (1.0 + (others - log_weight).exp())
}
