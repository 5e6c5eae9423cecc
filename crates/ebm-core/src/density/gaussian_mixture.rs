//! Mixtures of diagonal Gaussians: the output of an MDN, and the fixed noise distributions of earlier work.

mod wrapped;

use std::f64::consts::TAU;
use std::ops::Range;

use burn::tensor::Tensor;

use crate::math::axis::{Axis, wrap_tensor};
use crate::math::noise::Noise;
use crate::math::num::log_sum_exp;

pub use wrapped::CIRCLE_LOG_SCALE_LIMIT;
pub(crate) use wrapped::log_wrapped;

/// Log-scales are clamped to ± this, so that no scale becomes 0 or ∞ in `f32`.
pub const LOG_SCALE_LIMIT: f64 = 15.0;

/// `q(y) = Σ_k w_k N(y; μ_k, diag σ_k²)`, one mixture per example, all in log space.
///
/// Paper: eq. (3); the noise of Sec. 2.1 is [`GaussianMixture::centred`].
#[derive(Debug, Clone)]
pub struct GaussianMixture {
    log_weights: Tensor<2>,
    means: Tensor<3>,
    log_scales: Tensor<3>,
    /// One per dimension; empty if all are lines.
    axes: Vec<Axis>,
}

impl GaussianMixture {
    /// # Shapes
    /// - `log_weights`: `[batch, components]`, log-sum-exp 0 along the second dimension
    /// - `means`, `log_scales`: `[batch, target, components]`; log-scales are clamped to ±[`LOG_SCALE_LIMIT`]
    pub fn new(log_weights: Tensor<2>, means: Tensor<3>, log_scales: Tensor<3>) -> Self {
        let [batch, target, components] = means.dims();
        assert_shape!(log_weights, [batch, components]);
        assert_shape!(log_scales, [batch, target, components]);
        let log_scales = log_scales.clamp(-LOG_SCALE_LIMIT, LOG_SCALE_LIMIT);
        Self { log_weights, means, log_scales, axes: Vec::new() }
    }

    /// The same parameters over `axes`: one per dimension, or empty if all are lines. On a circle a Gaussian is
    /// wrapped: `N(y; μ, σ²)` becomes `Σ_n N(y + 2πn; μ, σ²)`, a density on the circle with period 2π in `y` and in
    /// `μ`, and log-scales are clamped to at most [`CIRCLE_LOG_SCALE_LIMIT`].
    ///
    /// # Panics
    /// If there is a circle and the number of axes is not the number of dimensions.
    #[must_use]
    pub fn on(self, axes: &[Axis]) -> Self {
        if !Axis::any_circle(axes) {
            return self;
        }
        let log_scales = wrapped::clamp(self.log_scales, axes);
        Self { log_scales, axes: axes.to_vec(), ..self }
    }

    /// The axis of each dimension of the target; empty if all are lines.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The noise distribution of earlier work: equal weights, all components centred on the target, scale `sigmas[k]`
    /// in every dimension. Paper: Sec. 2.1, `q(y) = (1/K) Σ_k N(y; y_i, σ_k² I)`.
    ///
    /// # Shapes
    /// - `y`: `[batch, target]`
    pub fn centred(y: Tensor<2>, sigmas: &[f64]) -> Self {
        let [batch, target] = y.dims();
        let device = y.device();
        let log_sigmas: Vec<f32> = sigmas.iter().map(|sigma| sigma.ln() as f32).collect();
        let components = sigmas.len();
        let log_scales = Tensor::<1>::from_floats(log_sigmas.as_slice(), &device);
        Self::new(
            Tensor::full([batch, components], -(components as f64).ln(), &device),
            y.unsqueeze_dim::<3>(2).expand([batch, target, components]),
            log_scales.unsqueeze::<3>().expand([batch, target, components]),
        )
    }

    /// `[batch, components]`, nats.
    pub fn log_weights(&self) -> Tensor<2> {
        self.log_weights.clone()
    }

    /// `[batch, target, components]`, in units of the target.
    pub fn means(&self) -> Tensor<3> {
        self.means.clone()
    }

    /// `[batch, target, components]`, logarithms of standard deviations in units of the target.
    pub fn log_scales(&self) -> Tensor<3> {
        self.log_scales.clone()
    }

    /// The mixtures of some rows of the batch.
    pub(crate) fn rows(&self, rows: Range<usize>) -> Self {
        let log_weights = self.log_weights.clone().slice([rows.clone()]);
        let [means, log_scales] = [&self.means, &self.log_scales].map(|of| of.clone().slice([rows.clone()]));
        Self { log_weights, means, log_scales, axes: self.axes.clone() }
    }

    /// The same densities as constants: no gradient flows to their parameters.
    pub fn detach(&self) -> Self {
        Self {
            log_weights: self.log_weights.clone().without_autodiff(),
            means: self.means.clone().without_autodiff(),
            log_scales: self.log_scales.clone().without_autodiff(),
            axes: self.axes.clone(),
        }
    }

    /// The component of each draw, an integer in `0..components`, from uniform numbers `[batch, m]`.
    fn choose_components(&self, unit: Tensor<2>) -> Tensor<2, burn::tensor::Int> {
        let [batch, components] = self.log_weights.dims();
        // The last edge is 1 up to rounding; without it the index stays in range.
        let edges = self.log_weights.clone().exp().cumsum(1).slice([0..batch, 0..components - 1]);
        let passed = unit.unsqueeze_dim::<3>(2).greater(edges.unsqueeze_dim::<3>(1));
        passed.int().sum_dim(2).squeeze_dim(2)
    }
}

impl GaussianMixture {
    /// `log Σ_k exp(log w_k + Σ_d log N(y_d; μ_kd, σ_kd²))`. Finite at any distance from the means.
    ///
    /// # Shapes
    /// `[batch, m, target]` → `[batch, m]`, nats.
    ///
    /// # Gradient
    /// Flows to `y` and to all parameters.
    pub fn log_prob(&self, y: Tensor<3>) -> Tensor<2> {
        let [batch, target, components] = self.means.dims();
        let [_, m, _] = y.dims();
        assert_shape!(y, [batch, m, target]);
        if Axis::any_circle(&self.axes) {
            return wrapped::log_prob(&self.log_weights, [&self.means, &self.log_scales], &self.axes, &y);
        }
        let inverse_scales = self.log_scales.clone().neg().exp();
        let at = |of: &Tensor<3>, d: usize| of.clone().slice([0..batch, d..d + 1, 0..components]);
        let squares = (0..target)
            .map(|d| {
                let y = y.clone().slice([0..batch, 0..m, d..d + 1]);
                ((y - at(&self.means, d)) * at(&inverse_scales, d)).powi_scalar(2)
            })
            .reduce(|sum, square| sum + square)
            .expect("a target has at least one dimension");
        let log_heights = self.log_weights.clone().unsqueeze_dim::<3>(1)
            - self.log_scales.clone().sum_dim(1)
            - 0.5 * target as f64 * TAU.ln();
        log_sum_exp(log_heights - squares * 0.5, 2).squeeze_dim(2)
    }

    /// `m` independent draws for each example, `[batch, m, target]`, constants for the gradient.
    pub fn sample(&self, m: usize, noise: &mut Noise) -> Tensor<3> {
        let [batch, target, components] = self.means.dims();
        let device = self.means.device();
        let normal = noise.normal([batch, m, target], &device);
        let unit = (components > 1).then(|| noise.uniform([batch, m], &device));
        self.place(normal, unit)
    }

    /// Draws `[batch, m, target]` from standard normal numbers of that shape and, for more than one component, uniform
    /// numbers `[batch, m]`.
    pub(crate) fn place(&self, normal: Tensor<3>, unit: Option<Tensor<2>>) -> Tensor<3> {
        let constant = self.detach();
        let [batch, target, components] = constant.means.dims();
        let [_, m, _] = normal.dims();
        assert_shape!(normal, [batch, m, target]);
        let chosen = unit.map(|unit| constant.choose_components(unit));
        let pick = |of: &Tensor<3>, d: usize| {
            let row = of.clone().slice([0..batch, d..d + 1, 0..components]).squeeze_dim::<2>(1);
            match &chosen {
                Some(chosen) => row.gather(1, chosen.clone()),
                None => row.expand([batch, m]),
            }
        };
        let scales = constant.log_scales.clone().exp();
        let draws = (0..target).map(|d| {
            let normal = normal.clone().slice([0..batch, 0..m, d..d + 1]).squeeze_dim::<2>(2);
            let draw = normal * pick(&scales, d) + pick(&constant.means, d);
            match self.axes.get(d) {
                Some(Axis::Circle) => wrap_tensor(draw),
                _ => draw,
            }
        });
        Tensor::stack(draws.collect(), 2)
    }
}

#[cfg(test)]
mod laws;
