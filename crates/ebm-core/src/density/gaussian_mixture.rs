//! Mixtures of diagonal Gaussians: what an MDN returns, and the hand-made noise of earlier work.

mod wrapped;

use std::f64::consts::TAU;

use burn::tensor::Tensor;

use crate::density::Density;
use crate::math::axis::{Axis, wrap_tensor};
use crate::math::noise::Noise;
use crate::math::num::log_sum_exp;

pub use wrapped::CIRCLE_LOG_SCALE_LIMIT;
pub(crate) use wrapped::log_wrapped;

/// Log-scales are held within ± this, so that no component's width reaches 0 or ∞ in `f32`.
pub const LOG_SCALE_LIMIT: f64 = 15.0;

/// `q(y) = Σ_k w_k N(y; μ_k, diag σ_k²)`, one mixture an example, everything in log space.
///
/// Paper: eq. (3); the noise of Sec. 2.1 is [`GaussianMixture::centred`].
#[derive(Debug, Clone)]
pub struct GaussianMixture {
    log_weights: Tensor<2>,
    means: Tensor<3>,
    log_scales: Tensor<3>,
    /// One a dimension; none when all are lines.
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

    /// The same parameters over these axes, one a dimension; none for lines alone. On a circle a Gaussian is wrapped:
    /// `N(y; μ, σ²)` becomes `Σ_n N(y + 2πn; μ, σ²)`, a density on the circle with period 2π in `y` and in `μ`, and
    /// log-scales are clamped to at most [`CIRCLE_LOG_SCALE_LIMIT`].
    ///
    /// # Panics
    /// When there is another number of axes than of dimensions.
    #[must_use]
    pub fn on(self, axes: &[Axis]) -> Self {
        if !Axis::any_circle(axes) {
            return self;
        }
        let log_scales = wrapped::clamp(self.log_scales, axes);
        Self { log_scales, axes: axes.to_vec(), ..self }
    }

    /// What each dimension of the target is; none when all are lines.
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The noise of earlier work: equal weights, every component centred on the target, scale `sigmas[k]` in every
    /// dimension. Paper: Sec. 2.1, `q(y) = (1/K) Σ_k N(y; y_i, σ_k² I)`.
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

    /// The same densities as constants: no gradient flows to their parameters.
    pub fn detach(&self) -> Self {
        Self {
            log_weights: self.log_weights.clone().without_autodiff(),
            means: self.means.clone().without_autodiff(),
            log_scales: self.log_scales.clone().without_autodiff(),
            axes: self.axes.clone(),
        }
    }

    /// Which component each draw comes from, by uniform numbers `[batch, m]`: integers in `0..components`.
    fn choose_components(&self, unit: Tensor<2>) -> Tensor<2, burn::tensor::Int> {
        let [batch, components] = self.log_weights.dims();
        // The last edge is 1 up to rounding; leaving it out keeps the index inside.
        let edges = self.log_weights.clone().exp().cumsum(1).slice([0..batch, 0..components - 1]);
        let passed = unit.unsqueeze_dim::<3>(2).greater(edges.unsqueeze_dim::<3>(1));
        passed.int().sum_dim(2).squeeze_dim(2)
    }
}

impl Density for GaussianMixture {
    /// `log Σ_k exp(log w_k + Σ_d log N(y_d; μ_kd, σ_kd²))`. Finite at any distance from the means.
    ///
    /// # Gradient
    /// Flows to `y` and to every parameter.
    fn log_prob(&self, y: Tensor<3>) -> Tensor<2> {
        let [batch, target, components] = self.means.dims();
        let [_, m, _] = y.dims();
        assert_shape!(y, [batch, m, target]);
        if Axis::any_circle(&self.axes) {
            return self.log_prob_wrapped(y);
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

    fn sample(&self, m: usize, noise: &mut Noise) -> Tensor<3> {
        let [batch, target, components] = self.means.dims();
        let device = self.means.device();
        let normal = noise.normal([batch, m, target], &device);
        let unit = (components > 1).then(|| noise.uniform([batch, m], &device));
        self.place(normal, unit)
    }
}

impl GaussianMixture {
    /// Draws `[batch, m, target]` from standard normal numbers of that shape and, for more than one component, from
    /// uniform ones, `[batch, m]`.
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
mod tests {
    use super::*;
    use crate::math::noise::Purpose;
    use burn::tensor::{Device, TensorData};

    fn noise() -> Noise {
        Noise::new(11, Purpose::Candidates, 0, 0)
    }

    /// Two examples, three components, one dimension, nothing special about them.
    fn mixture(device: &Device) -> GaussianMixture {
        let weights = Tensor::<2>::from_floats([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]], device);
        let means = Tensor::<3>::from_floats([[[-1.0, 0.5, 2.0]], [[0.0, -2.0, 1.0]]], device);
        let scales = Tensor::<3>::from_floats([[[0.3, 0.1, 0.8]], [[1.0, 0.4, 0.05]]], device);
        GaussianMixture::new(weights.log(), means, scales.log())
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn integrates_to_one() {
        let device = Device::flex();
        let (low, high, n) = (-12.0f64, 12.0f64, 60_001);
        let step = (high - low) / (n - 1) as f64;
        let grid: Vec<f32> = (0..n).map(|i| (low + step * i as f64) as f32).collect();
        let y = Tensor::<3>::from_data(TensorData::new(grid, [1, n, 1]), &device).expand([2, n, 1]);
        for total in values(mixture(&device).log_prob(y).exp().sum_dim(1)) {
            // The narrowest component is 125 steps wide: the rectangle rule is exact to rounding.
            assert!((f64::from(total) * step - 1.0).abs() < 1e-4, "{total}");
        }
    }

    #[test]
    fn draws_have_the_mixtures_moments() {
        const M: usize = 200_000;
        let y = values(mixture(&Device::flex()).sample(M, &mut noise()));
        // Means and variances of the two mixtures, by hand: Σ w μ and Σ w (σ² + μ²) − mean².
        for (draws, (mean, variance)) in y.chunks(M).zip([(0.65, 1.3175), (0.0, 1.3165)]) {
            let draws: Vec<f64> = draws.iter().map(|&y| f64::from(y)).collect();
            let sample_mean = draws.iter().sum::<f64>() / M as f64;
            let sample_variance = draws.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / M as f64;
            // Five standard errors; the fourth moment is below 5 variances².
            assert!((sample_mean - mean).abs() < 5.0 * (variance / M as f64).sqrt(), "{sample_mean}");
            assert!((sample_variance - variance).abs() < 10.0 * variance / (M as f64).sqrt(), "{sample_variance}");
        }
    }

    #[test]
    fn a_label_a_thousand_sigma_away_has_finite_density_and_gradient() {
        let device = Device::flex().autodiff();
        let means = Tensor::<3>::from_floats([[[0.0, 1.0]]], &device).require_grad();
        let log_scales = Tensor::<3>::from_floats([[[-2.0, -1.0]]], &device).require_grad();
        let log_weights = Tensor::<2>::from_floats([[0.5, 0.5]], &device).log();
        let y = Tensor::<3>::from_floats([[[370.0]]], &device);
        let log_prob = GaussianMixture::new(log_weights, means.clone(), log_scales.clone()).log_prob(y);
        let grads = log_prob.clone().sum().backward();
        let value = log_prob.into_scalar::<f32>();
        assert!(value.is_finite() && value < -4e5, "{value}");
        for grad in [means.grad(&grads).unwrap(), log_scales.grad(&grads).unwrap()] {
            assert!(values(grad).iter().all(|g| g.is_finite()));
        }
    }

    #[test]
    fn collapsed_scales_and_weights_stay_finite() {
        let device = Device::flex();
        let log_weights = Tensor::<2>::from_floats([[0.0, -200.0]], &device);
        let means = Tensor::<3>::from_floats([[[0.0, 0.0]]], &device);
        let log_scales = Tensor::<3>::from_floats([[[-1e4, 1e4]]], &device);
        let mixture = GaussianMixture::new(log_weights, means, log_scales);
        let y = Tensor::<3>::from_floats([[[0.0], [1.0], [-1e5]]], &device);
        assert!(values(mixture.log_prob(y)).iter().all(|l| l.is_finite()));
        assert!(values(mixture.sample(100, &mut noise())).iter().all(|y| y.is_finite()));
    }

    #[test]
    fn a_centred_mixture_has_its_mode_on_the_label() {
        let device = Device::flex();
        let y = Tensor::<2>::from_floats([[1.0, -2.0], [30.0, 4.0]], &device);
        let noise = GaussianMixture::centred(y.clone(), &[0.1, 0.8]);
        let at = values(noise.log_prob(y.clone().unsqueeze_dim(1)));
        let beside = values(noise.log_prob((y + 0.05).unsqueeze_dim(1)));
        let expected = (0.5f64 * (1.0 / (TAU * 0.01) + 1.0 / (TAU * 0.64))).ln() as f32;
        for (at, beside) in at.iter().zip(&beside) {
            assert!((at - expected).abs() < 1e-5 && beside < at);
        }
    }

    #[test]
    fn central_differences_agree_with_the_gradient_of_the_log_density() {
        use burn::tensor::DType;
        const STEP: f64 = 1e-5;
        let device = Device::flex().autodiff();
        // Log-weights, means, log-scales and the targets, two dimensions and two components.
        let base = [vec![-0.4, -1.1], vec![0.3, -0.7, 1.2, 0.1], vec![-0.2, 0.4, 0.1, -0.6], vec![0.5, -0.3]];
        let run = |inputs: &[Vec<f64>; 4]| {
            let tensor = |which: usize, shape: [usize; 3]| {
                let data = TensorData::new(inputs[which].clone(), shape);
                Tensor::<3>::from_data(data, (&device, DType::F64)).require_grad()
            };
            let leaves = [tensor(0, [1, 1, 2]), tensor(1, [1, 2, 2]), tensor(2, [1, 2, 2]), tensor(3, [1, 1, 2])];
            let [log_weights, means, log_scales, y] = leaves.clone();
            let mixture = GaussianMixture::new(log_weights.squeeze_dim(1), means, log_scales);
            let log_prob = mixture.log_prob(y).sum();
            let gradients = log_prob.backward();
            (log_prob.into_scalar::<f64>(), leaves.map(|leaf| leaf.grad(&gradients).unwrap()))
        };
        let (_, gradients) = run(&base);
        for (which, gradient) in gradients.into_iter().enumerate() {
            let gradient: Vec<f64> = gradient.into_data().try_to_vec().unwrap();
            for (index, gradient) in gradient.into_iter().enumerate() {
                let at = |offset: f64| {
                    let mut moved = base.clone();
                    moved[which][index] += offset;
                    run(&moved).0
                };
                let difference = (at(STEP) - at(-STEP)) / (2.0 * STEP);
                assert!((difference - gradient).abs() < 1e-8, "input {which}[{index}]: {difference}, {gradient}");
            }
        }
    }
}
