//! Laws of the mixture.

use super::*;
use crate::math::noise::Purpose;
use burn::tensor::{Device, TensorData};

fn noise() -> Noise {
    Noise::new(11, Purpose::Candidates, 0, 0)
}

/// Two examples, three components, one dimension, generic parameters.
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
    // Exact means and variances of the two mixtures: Σ w μ and Σ w (σ² + μ²) − mean².
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
