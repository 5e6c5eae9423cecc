//! Laws of wrapped mixtures.

use burn::tensor::{DType, Device, TensorData};

use super::*;
use crate::density::GaussianMixture;
use crate::math::noise::{Noise, Purpose};

/// Two components on a circle with the given `log σ`.
fn on_circle(log_scales: [f32; 2]) -> GaussianMixture {
    let device = Device::flex();
    let log_weights = Tensor::<2>::from_floats([[0.3, 0.7]], &device).log();
    let means = Tensor::<3>::from_floats([[[3.0, -0.4]]], &device);
    GaussianMixture::new(log_weights, means, Tensor::<3>::from_floats([[log_scales]], &device)).on(&[Axis::Circle])
}

fn log_probs(mixture: &GaussianMixture, y: &[f64]) -> Vec<f64> {
    let y: Vec<f32> = y.iter().map(|&y| y as f32).collect();
    let y = Tensor::<3>::from_data(TensorData::new(y.clone(), [1, y.len(), 1]), &Device::flex());
    mixture.log_prob(y).into_data().iter::<f32>().map(f64::from).collect()
}

#[test]
fn integrates_to_one_over_the_circle_at_any_width() {
    let n = 20_000;
    let grid: Vec<f64> = (0..n).map(|i| -PI + TAU * (f64::from(i) + 0.5) / f64::from(n)).collect();
    for log_scales in [[-4.0, -2.0], [0.0, 0.5], [1.0, 1.14], [5.0, 15.0]] {
        let total = log_probs(&on_circle(log_scales), &grid).iter().map(|l| l.exp()).sum::<f64>();
        // Rounding of f32 logarithms; the midpoint rule is exact to more digits on a circle.
        assert!((total * TAU / f64::from(n) - 1.0).abs() < 2e-6, "{log_scales:?}: {total}");
    }
}

#[test]
fn has_period_two_pi_and_is_continuous_where_the_circle_closes() {
    let mixture = on_circle([-1.0, 0.8]);
    for y in [-3.1, -1.0, 0.2, 2.9, PI] {
        let values = log_probs(&mixture, &[y, y + TAU, y - TAU, y + 10.0 * TAU]);
        // After ten turns an f32 angle has an error of 4e-6; the slope of the density is at most 10.
        assert!(values.iter().all(|value| (value - values[0]).abs() < 1e-4), "{values:?}");
    }
    let ends = log_probs(&mixture, &[PI - 1e-5, PI + 1e-5]);
    assert!((ends[0] - ends[1]).abs() < 1e-3, "{ends:?}");
}

#[test]
fn draws_lie_on_the_circle_and_follow_the_density() {
    const N: usize = 100_000;
    let mixture = on_circle([-1.0, 0.2]);
    let draws: Vec<f32> =
        mixture.sample(N, &mut Noise::new(3, Purpose::Candidates, 0, 0)).into_data().try_to_vec().unwrap();
    assert!(draws.iter().all(|y| y.abs() <= std::f32::consts::PI + 1e-6));
    let bins = 16;
    for bin in 0..bins {
        let edge = |i: usize| -PI + TAU * i as f64 / bins as f64;
        let inside = draws.iter().filter(|&&y| (edge(bin)..edge(bin + 1)).contains(&f64::from(y))).count();
        let within: Vec<f64> = (0..200).map(|i| edge(bin) + (f64::from(i) + 0.5) * TAU / 3200.0).collect();
        let mass = log_probs(&mixture, &within).iter().map(|l| l.exp()).sum::<f64>() * TAU / 3200.0;
        // Five standard errors of a binomial count.
        let error = 5.0 * (mass * (1.0 - mass) / N as f64).sqrt();
        assert!((inside as f64 / N as f64 - mass).abs() < error, "bin {bin}");
    }
}

#[test]
fn the_host_and_the_device_agree_on_a_wrapped_density() {
    let mixture = on_circle([-0.5, 0.9]);
    for y in [-3.0, -0.2, 1.7, 3.1] {
        let terms =
            [(0.3f64, 3.0, -0.5f64), (0.7, -0.4, 0.9)].map(|(w, mean, s)| w * log_wrapped(y, mean, s.exp()).exp());
        assert!((log_probs(&mixture, &[y])[0] - (terms[0] + terms[1]).ln()).abs() < 1e-5);
    }
}

#[test]
fn a_narrow_component_far_round_the_circle_stays_finite() {
    let mixture = on_circle([-15.0, -15.0]);
    assert!(log_probs(&mixture, &[1.0, -2.0, 3.1]).iter().all(|l| l.is_finite() && *l < -1e10));
}

#[test]
fn central_differences_agree_with_the_gradient_of_a_wrapped_density() {
    const STEP: f64 = 1e-5;
    let device = Device::flex().autodiff();
    let axes = [Axis::Circle, Axis::Line];
    let base = [vec![-0.4, -1.1], vec![0.3, -2.7, 1.2, 0.1], vec![0.9, 0.4, 0.1, -0.6], vec![2.9, -0.3]];
    let run = |inputs: &[Vec<f64>; 4]| {
        let tensor = |which: usize, shape: [usize; 3]| {
            let data = TensorData::new(inputs[which].clone(), shape);
            Tensor::<3>::from_data(data, (&device, DType::F64)).require_grad()
        };
        let leaves = [tensor(0, [1, 1, 2]), tensor(1, [1, 2, 2]), tensor(2, [1, 2, 2]), tensor(3, [1, 1, 2])];
        let [log_weights, means, log_scales, y] = leaves.clone();
        let mixture = GaussianMixture::new(log_weights.squeeze_dim(1), means, log_scales).on(&axes);
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
