//! Laws of the losses: closed forms, exact gradients, and which inputs each loss trains.

use burn::tensor::{DType, Device, Gradients, Tensor, TensorData};

use super::*;
use crate::density::GaussianMixture;
use crate::math::noise::{Noise, Purpose};

const M: usize = 15;
const BATCH: usize = 4;

fn noise(step: usize) -> Noise {
    Noise::new(3, Purpose::Candidates, 0, step)
}

fn random(columns: usize, step: usize) -> Vec<f64> {
    let tensor = noise(step).normal([BATCH * columns], &Device::flex());
    tensor.into_data().try_to_vec::<f32>().unwrap().into_iter().map(f64::from).collect()
}

/// A trainable f64 tensor `[BATCH, columns]`.
fn parameter(values: &[f64]) -> Tensor<2> {
    let device = Device::flex().autodiff();
    let data = TensorData::new(values.to_vec(), [BATCH, values.len() / BATCH]);
    Tensor::from_data(data, (&device, DType::F64)).require_grad()
}

fn values(tensor: Tensor<1>) -> Vec<f64> {
    tensor.into_data().convert::<f64>().try_to_vec().unwrap()
}

/// A loss of four inputs: observed score, observed log q, candidate scores, candidate log q.
type Loss = fn([Tensor<2>; 4]) -> Tensor<1>;

const LOSSES: [(&str, Loss, [bool; 4]); 4] = [
    (
        "nce",
        |[s0, q0, s, q]| nce(Candidates { score: s0, log_q: q0 }, Candidates { score: s, log_q: q }),
        [true, false, true, false],
    ),
    (
        "importance_nll",
        |[s0, _, s, q]| importance_nll(s0, Candidates { score: s, log_q: q }),
        [true, false, true, false],
    ),
    ("proposal_kl", |[_, _, s, q]| proposal_kl(Candidates { score: s, log_q: q }), [false, false, false, true]),
    ("mixture_nll", |[_, q0, _, _]| mixture_nll(q0), [false, true, false, false]),
];

fn inputs() -> [Vec<f64>; 4] {
    [random(1, 0), random(1, 1), random(M, 2), random(M, 3)]
}

fn run(loss: Loss, inputs: &[Vec<f64>; 4]) -> (f64, [Tensor<2>; 4], Gradients) {
    let parameters = inputs.each_ref().map(|input| parameter(input));
    let total = loss(parameters.clone()).sum();
    let grads = total.backward();
    (values(total)[0], parameters, grads)
}

#[test]
fn central_differences_agree_with_every_gradient() {
    const STEP: f64 = 1e-5;
    for (name, loss, trains) in LOSSES {
        let base = inputs();
        let (_, parameters, grads) = run(loss, &base);
        for (which, parameter) in parameters.iter().enumerate().filter(|(which, _)| trains[*which]) {
            let grad: Vec<f64> = parameter.grad(&grads).unwrap().into_data().try_to_vec().unwrap();
            for (index, grad) in grad.into_iter().enumerate() {
                let at = |offset: f64| {
                    let mut moved = base.clone();
                    moved[which][index] += offset;
                    run(loss, &moved).0
                };
                let difference = (at(STEP) - at(-STEP)) / (2.0 * STEP);
                // Truncation is O(STEP²) = 1e-10, rounding 1e-16 / STEP = 1e-11.
                assert!(
                    (difference - grad).abs() < 1e-8,
                    "{name}, input {which}[{index}]: {difference} against {grad}"
                );
            }
        }
    }
}

#[test]
fn each_loss_trains_what_it_owns_and_nothing_else() {
    for (name, loss, trains) in LOSSES {
        let (_, parameters, grads) = run(loss, &inputs());
        for (which, parameter) in parameters.iter().enumerate() {
            let norm = parameter.grad(&grads).map_or(0.0, |grad| values(grad.abs().sum())[0]);
            assert_eq!(norm > 0.0, trains[which], "{name}, input {which}: gradient norm {norm}");
        }
    }
}

/// Score `log q + c` at candidates of a mixture, as f32.
fn matched(c: f64) -> (Candidates, Candidates) {
    let device = Device::flex();
    let log_weights = Tensor::<2>::from_floats([[0.3, 0.7]], &device).log().expand([BATCH, 2]);
    let means = Tensor::<3>::from_floats([[[-1.0, 2.0]]], &device).expand([BATCH, 1, 2]);
    let log_scales = Tensor::<3>::from_floats([[[-1.0, 0.3]]], &device).expand([BATCH, 1, 2]);
    let q = GaussianMixture::new(log_weights, means, log_scales);
    let at = |y: Tensor<3>| {
        let log_q = q.log_prob(y);
        Candidates { score: log_q.clone() + c, log_q }
    };
    (at(q.sample(1, &mut noise(0))), at(q.sample(M, &mut noise(1))))
}

#[test]
fn perfect_proposal_makes_nce_ln_m_plus_one() {
    for c in [0.0, 3.0, -800.0] {
        let (observed, candidates) = matched(c);
        for loss in values(nce(observed, candidates)) {
            // f32 rounding of scores of magnitude 800.
            assert!((loss - ((M + 1) as f64).ln()).abs() < 1e-3, "{loss}");
        }
    }
}

#[test]
fn perfect_proposal_makes_log_z_the_constant() {
    for c in [0.0, 3.0, -800.0] {
        for log_z in values(log_partition(matched(c).1)) {
            assert!((log_z - c).abs() < 1e-3, "{log_z} against {c}");
        }
    }
}

#[test]
fn perfect_proposal_makes_the_importance_nll_that_of_the_proposal() {
    for c in [0.0, 3.0, -800.0] {
        let (observed, candidates) = matched(c);
        let expected = values(mixture_nll(observed.log_q));
        for (nll, expected) in values(importance_nll(observed.score, candidates)).into_iter().zip(expected) {
            assert!((nll - expected).abs() < 1e-3, "{nll} against {expected}");
        }
    }
}

#[test]
fn a_standard_normal_at_its_mean_has_nll_half_ln_two_pi() {
    let device = Device::flex();
    let scalar = |value: f32| Tensor::<3>::full([1, 1, 1], value, &device);
    let normal = GaussianMixture::new(Tensor::zeros([1, 1], &device), scalar(5.0), scalar(0.0));
    let nll = values(mixture_nll(normal.log_prob(scalar(5.0))))[0];
    assert!((nll - 0.5 * std::f64::consts::TAU.ln()).abs() < 1e-6, "{nll}");
}

#[test]
fn the_mean_importance_weight_of_a_normalised_score_is_one() {
    // E_q[r/q] = 1 for any normalised r: here two different mixtures, q wider than r.
    const DRAWS: usize = 400_000;
    let device = Device::flex();
    let gaussian = |mean: f32, log_scale: f32| {
        GaussianMixture::new(
            Tensor::zeros([1, 1], &device),
            Tensor::full([1, 1, 1], mean, &device),
            Tensor::full([1, 1, 1], log_scale, &device),
        )
    };
    let (q, r) = (gaussian(0.0, 0.5), gaussian(0.4, 0.0));
    let y = q.sample(DRAWS, &mut noise(0));
    let weights = (r.log_prob(y.clone()) - q.log_prob(y)).exp();
    let weights: Vec<f32> = weights.into_data().try_to_vec().unwrap();
    let mean = weights.iter().map(|&w| f64::from(w)).sum::<f64>() / DRAWS as f64;
    let variance = weights.iter().map(|&w| (f64::from(w) - mean).powi(2)).sum::<f64>() / DRAWS as f64;
    let standard_error = (variance / DRAWS as f64).sqrt();
    assert!((mean - 1.0).abs() < 4.0 * standard_error, "{mean} ± {standard_error}");
    assert!(standard_error < 2e-3);
}

#[test]
fn extreme_scores_keep_every_loss_finite() {
    for scale in [1e4, -1e4] {
        let mut extreme = inputs();
        for input in &mut extreme {
            input.iter_mut().enumerate().for_each(|(i, value)| *value *= if i % 2 == 0 { scale } else { 1.0 });
        }
        for (name, loss, trains) in LOSSES {
            let (value, parameters, grads) = run(loss, &extreme);
            assert!(value.is_finite(), "{name}");
            for (parameter, _) in parameters.iter().zip(trains).filter(|(_, trains)| *trains) {
                let grad: Vec<f64> = parameter.grad(&grads).unwrap().into_data().try_to_vec().unwrap();
                assert!(grad.iter().all(|g| g.is_finite()), "{name}");
            }
        }
    }
}

/// Result 1 on a case with a known answer: `p = N(0, 1)`, `q = N(μ, σ²)`.
///
/// `KL(p ‖ q) = ln σ + (1 + μ²) / (2σ²) − ½`, so the gradient in `(μ, ln σ)` is `(μ/σ², 1 − (1 + μ²)/σ²)`.
#[test]
fn gradient_of_result_1_approaches_the_exact_kl_gradient_with_bias_one_over_m() {
    const MEAN: f64 = 1.5;
    const LOG_SCALE: f64 = 0.4;
    let variance = (2.0 * LOG_SCALE).exp();
    let exact = [MEAN / variance, 1.0 - (1.0 + MEAN * MEAN) / variance];

    // The mean over `repeats` independent estimates with `m` candidates, and its standard error.
    let estimate = |m: usize, repeats: usize| {
        let device = Device::flex().autodiff();
        let mean = Tensor::<3>::full([repeats, 1, 1], MEAN, &device).require_grad();
        let log_scale = Tensor::<3>::full([repeats, 1, 1], LOG_SCALE, &device).require_grad();
        let q = GaussianMixture::new(Tensor::zeros([repeats, 1], &device), mean.clone(), log_scale.clone());
        let y = q.sample(m, &mut noise(m));
        let score = y.clone().squeeze_dim::<2>(2).powi_scalar(2) * -0.5;
        let grads = proposal_kl(Candidates { score, log_q: q.log_prob(y) }).sum().backward();
        [mean, log_scale].map(|parameter| {
            let each: Vec<f32> = parameter.grad(&grads).unwrap().into_data().try_to_vec().unwrap();
            let mean = each.iter().map(|&g| f64::from(g)).sum::<f64>() / repeats as f64;
            let spread = each.iter().map(|&g| (f64::from(g) - mean).powi(2)).sum::<f64>() / repeats as f64;
            (mean, (spread / repeats as f64).sqrt())
        })
    };

    let (coarse, fine) = (estimate(8, 200_000), estimate(64, 40_000));
    for parameter in 0..2 {
        let bias = |estimate: [(f64, f64); 2]| estimate[parameter].0 - exact[parameter];
        let error = |estimate: [(f64, f64); 2]| estimate[parameter].1;
        assert!(bias(coarse).abs() > 10.0 * error(coarse), "bias {} ± {} at 8 candidates", bias(coarse), error(coarse));
        // Eight times the candidates give an eighth of the bias, up to terms of order 1/M² and the standard errors.
        let expected = bias(coarse) / 8.0;
        let tolerance = 4.0 * (error(fine) + error(coarse) / 8.0) + expected.abs() * 0.35;
        assert!((bias(fine) - expected).abs() < tolerance, "{} against {expected}", bias(fine));
    }
}
