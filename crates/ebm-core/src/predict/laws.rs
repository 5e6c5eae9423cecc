//! Laws of draws and mixtures: importance sampling, quadrature and closed forms agree.

use burn::tensor::{Device, Tensor};

use super::*;
use crate::data::dataset::Dataset as _;
use crate::data::examples::Examples;
use crate::density::GaussianMixture;
use crate::loss::Objective;
use crate::math::grid::Grid;
use crate::math::host::to_host;
use crate::math::noise::{Noise, Purpose};
use crate::method::conditional::Conditional;
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::method::model::Model;
use crate::network::backbone::BackboneConfig;

fn noise() -> Noise {
    Noise::new(2, Purpose::Prediction, 0, 0)
}

fn inputs() -> Tensor<2> {
    Tensor::<2>::from_floats([[-2.0], [-0.3], [0.4], [1.7]], &Device::flex())
}

/// An untrained network, which has a generic smooth density with heavy tails.
pub(crate) fn model(method: Method) -> Model {
    ModelConfig::scalar(method).init(5, &Device::flex())
}

/// A model of a three-dimensional target given four numbers.
pub(crate) fn vector_model(method: Method) -> Model {
    let backbone = BackboneConfig::Mlp { widths: vec![8, 6] };
    let network = NetworkConfig { backbone, target_widths: vec![5, 7], hidden: 12, residual: false };
    ModelConfig { input: 4, target: 3, method, network, axes: Vec::new() }.init(5, &Device::flex())
}

pub(crate) fn vector_examples(n: usize) -> Examples {
    let mut noise = noise();
    let mut values = |n: usize| (0..n).map(|_| noise.gauss() as f32).collect::<Vec<_>>();
    Examples::new(values(4 * n), 4, values(3 * n), 3)
}

/// Draws of `p = N(1, 0.5²)` from `q = N(0.7, 0.9²)`, with scores off by a constant.
fn gaussian_draws(m: usize) -> Draws {
    let mut noise = noise();
    let y: Vec<f64> = (0..m).map(|_| 0.7 + 0.9 * noise.gauss()).collect();
    let log_normal = |y: f64, mean: f64, scale: f64| -0.5 * ((y - mean) / scale).powi(2) - scale.ln();
    let log_weights = y.iter().map(|&y| log_normal(y, 1.0, 0.5) + 7.0 - log_normal(y, 0.7, 0.9)).collect();
    Draws::sampled(y, log_weights)
}

fn agrees(estimate: Estimate, exact: f64) -> bool {
    (estimate.value - exact).abs() < 4.0 * estimate.standard_error
}

#[test]
fn importance_sampling_has_the_known_moments_within_its_own_error() {
    let draws = gaussian_draws(100_000);
    assert!(agrees(draws.log_partition(), 7.0), "{:?}", draws.log_partition());
    assert!(agrees(draws.mean(), 1.0), "{:?}", draws.mean());
    assert!(agrees(draws.expectation(|y| (y[0] - 1.0).powi(2)), 0.25));
    assert!((draws.variance() - 0.25).abs() < 0.01);
    assert!(draws.mean().standard_error < 0.01);
    for (p, z) in [(0.025, -1.959_964), (0.5, 0.0), (0.9, 1.281_552)] {
        assert!((draws.quantile(p) - (1.0 + 0.5 * z)).abs() < 0.02, "{p}");
    }
}

#[test]
fn resampling_draws_from_the_model_not_from_the_proposal() {
    let samples = gaussian_draws(50_000).resample(50_000, &mut noise());
    let mean = samples.iter().sum::<f64>() / samples.len() as f64;
    let variance = samples.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / samples.len() as f64;
    // Errors of the draws and of the resampling, each about 0.5/√50000.
    assert!((mean - 1.0).abs() < 0.02 && (variance - 0.25).abs() < 0.02, "{mean}, {variance}");
}

#[test]
fn the_effective_sample_size_lies_between_one_and_m() {
    assert!((Draws::sampled(vec![0.0; 50], vec![3.0; 50]).effective_sample_size() - 50.0).abs() < 1e-9);
    let mut one = vec![0.0; 50];
    one[7] = 500.0;
    assert!((Draws::sampled(vec![0.0; 50], one).effective_sample_size() - 1.0).abs() < 1e-9);
}

#[test]
fn a_label_where_the_proposal_never_looked_takes_all_the_weight() {
    let fits = Draws::sampled(vec![0.0; 1023], vec![0.0; 1023]);
    assert!((fits.label_weight(0.0) - 1.0 / 1024.0).abs() < 1e-12);
    assert!(fits.label_weight(40.0) > 0.999);
}

#[test]
fn importance_sampling_and_quadrature_agree_within_four_standard_errors() {
    let model = model(Method::Ebm { components: 3, objective: Objective::Nce });
    // The untrained score has linear tails. An extra Gaussian factor restricts it to the bulk of the proposal.
    let Conditional::Energy(f) = model.conditional(inputs()) else { panic!() };
    let q = f.proposal().expect("it was learned");
    let confined = |y: Tensor<3>| f.score(y.clone()) - y.squeeze_dim::<2>(2).powi_scalar(2) * 0.5;
    let m = 20_000;
    let y = q.sample(m, &mut noise());
    let log_weights = to_host(confined(y.clone()) - q.log_prob(y.clone()));
    let y = to_host(y.squeeze_dim::<2>(2));
    let grid = Grid::line(-12.0, 12.0, m);
    let score = to_host(confined(grid.candidates(0..m, &Device::flex()).expand([4, m, 1])));
    for i in 0..4 {
        let row = i * m..(i + 1) * m;
        let sampled = Draws::sampled(y[row.clone()].to_vec(), log_weights[row.clone()].to_vec());
        let quadrature = score[row].iter().map(|s| s + grid.log_volume()).collect();
        let quadrature = Draws::quadrature(grid.axis(), quadrature);
        assert!(agrees(sampled.log_partition(), quadrature.log_partition().value));
        assert!(agrees(sampled.mean(), quadrature.mean().value));
        assert!(sampled.log_partition().standard_error < 0.05);
        assert_eq!(quadrature.log_partition().standard_error, 0.0);
    }
}

#[test]
fn a_mixtures_quantile_inverts_its_cdf_and_its_draws_follow_it() {
    let device = Device::flex();
    let mixture = GaussianMixture::new(
        Tensor::<2>::from_floats([[0.25, 0.75]], &device).log(),
        Tensor::<3>::from_floats([[[-3.0, 1.0]]], &device),
        Tensor::<3>::from_floats([[[0.2, 1.5]]], &device).log(),
    );
    let mixture = &Mixture::from_batch(&mixture)[0];
    for i in 1..100 {
        let p = f64::from(i) / 100.0;
        assert!((mixture.cdf(mixture.quantile(p)) - p).abs() < 1e-12);
    }
    let mut noise = noise();
    let threshold = mixture.quantile(0.3);
    let below = mixture.sample(100_000, &mut noise).into_iter().filter(|&y| y < threshold).count();
    assert!((below as f64 / 1e5 - 0.3).abs() < 4.0 * (0.21f64 / 1e5).sqrt());
    let step = 1e-5;
    let slope = (mixture.cdf(0.4 + step) - mixture.cdf(0.4 - step)) / (2.0 * step);
    assert!((slope.ln() - mixture.log_prob(&[0.4])).abs() < 1e-6);
}

#[test]
fn the_host_and_the_device_agree_on_a_mixtures_density() {
    let model = model(Method::Mdn { components: 5 });
    let target = Tensor::<2>::from_floats([[0.1], [-2.0], [5.0], [0.0]], &Device::flex());
    let Conditional::Mixture(mixture) = model.conditional(inputs()) else { panic!() };
    let on_device = to_host(mixture.log_prob(target.clone().unsqueeze_dim(1)));
    for ((mixture, on_device), y) in Mixture::from_batch(&mixture).iter().zip(on_device).zip(to_host(target)) {
        assert!((on_device - mixture.log_prob(&[y])).abs() < 1e-4);
    }
}

#[test]
fn refinement_climbs_to_a_maximum_of_the_score() {
    let device = Device::flex().autodiff();
    let model = ModelConfig::scalar(Method::ebm(2)).init(5, &device);
    let Conditional::Energy(f) = model.conditional(Tensor::<2>::from_floats([[-2.0], [1.0]], &device)) else {
        panic!()
    };
    let start = Tensor::<2>::from_floats([[0.3], [-0.2]], &device);
    let score = |y: &Tensor<2>| to_host(f.score(y.clone().unsqueeze_dim(1)).without_autodiff());
    let end = refine(&f, start.clone(), 0.05, 50);
    for (before, after) in score(&start).into_iter().zip(score(&end)) {
        assert!(after > before, "{before} → {after}");
    }
}

#[test]
fn candidates_are_those_that_the_same_noise_gives_whoever_asks() {
    let model = vector_model(Method::ebm(3));
    let examples = vector_examples(5);
    let batch = examples.batch(&[0, 1, 2, 3, 4], &Device::flex());
    let draws = importance(&model.conditional(batch.input.clone()), 64, &mut noise()).unwrap();
    let log_probs = crate::evaluate::log_prob_by_importance(&model, &examples, 64, 2, &mut |_| ()).unwrap();
    let again = importance(&model.conditional(batch.input), 64, &mut noise()).unwrap();
    for ((draws, again), (log_prob, reliability)) in draws.iter().zip(&again).zip(log_probs) {
        assert_eq!((draws.points(), draws.weights()), (again.points(), again.weights()));
        assert_eq!(draws.reliability(), Some(reliability));
        assert!(log_prob.estimate.value.is_finite() && log_prob.label_weight.is_some());
    }
    let mixture = vector_model(Method::Mdn { components: 2 });
    assert!(crate::evaluate::log_prob_by_importance(&mixture, &examples, 64, 2, &mut |_| ()).is_none());
}

#[test]
fn a_marginal_is_a_column_of_the_draws_with_their_weights() {
    let draws = Draws::sampled(vec![1.0, 10.0, 2.0, 20.0, 4.0, 40.0], vec![0.0, 1.0, 2.0]);
    let scalar = Draws::sampled(vec![10.0, 20.0, 40.0], vec![0.0, 1.0, 2.0]);
    let marginal = draws.marginal(1);
    assert_eq!((draws.len(), draws.dimensions(), marginal.dimensions()), (3, 2, 1));
    assert_eq!(marginal.mean(), scalar.mean());
    assert_eq!(marginal.mean().value, draws.expectation(|y| y[1]).value);
    assert_eq!((marginal.variance(), marginal.quantile(0.5)), (scalar.variance(), scalar.quantile(0.5)));
    assert_eq!(marginal.log_partition(), draws.log_partition());
    for drawn in draws.resample(50, &mut noise()).chunks(2) {
        assert_eq!(drawn[1], 10.0 * drawn[0], "a candidate is drawn whole");
    }
}

#[test]
#[should_panic(expected = "ask a marginal")]
fn a_vector_has_no_scalar_mean() {
    let _ = Draws::sampled(vec![1.0, 2.0], vec![0.0]).mean();
}

#[test]
fn a_mixtures_marginals_and_draws_are_those_of_its_density() {
    let device = Device::flex();
    let mixture = GaussianMixture::new(
        Tensor::<2>::from_floats([[0.25, 0.75]], &device).log(),
        Tensor::<3>::from_floats([[[-3.0, 1.0], [2.0, 0.0]]], &device),
        Tensor::<3>::from_floats([[[0.2, 1.5], [0.5, 1.0]]], &device).log(),
    );
    let mixture = &Mixture::from_batch(&mixture)[0];
    assert!((mixture.marginal(0).mean() - (0.25 * -3.0 + 0.75)).abs() < 1e-6);
    assert!((mixture.marginal(1).variance() - (0.25 * (0.25 + 2.25) + 0.75 * (1.0 + 0.25))).abs() < 1e-6);
    let n = 50_000;
    let draws = mixture.sample(n, &mut noise());
    // The probability of a box in three ways: exactly, by the fraction of draws, by the midpoint rule.
    let [low, high] = [-0.5, 2.5];
    let mass = mixture.log_mass([low, high]).exp();
    let inside = draws.chunks(2).filter(|y| y.iter().all(|&y| low <= y && y <= high)).count() as f64 / n as f64;
    assert!((inside - mass).abs() < 4.0 * (mass * (1.0 - mass) / n as f64).sqrt(), "{inside}, {mass}");
    let grid = Grid::fine(low, high, 200, 2);
    let points: Vec<f64> = grid.points(0..grid.len()).collect();
    let mean = points.chunks(2).map(|y| mixture.log_prob(y).exp()).sum::<f64>() / grid.len() as f64;
    assert!((mean * grid.log_volume().exp() - mass).abs() < 1e-4);
}

#[test]
fn the_mass_of_a_box_far_from_a_mixture_keeps_its_digits() {
    let device = Device::flex();
    for sign in [-1.0, 1.0] {
        let mixture = GaussianMixture::new(
            Tensor::<2>::zeros([1, 1], &device),
            Tensor::<3>::full([1, 1, 1], sign * 10.0, &device),
            Tensor::<3>::zeros([1, 1, 1], &device),
        );
        // log(1 − Φ(9)); the other end is negligible.
        let log_mass = Mixture::from_batch(&mixture)[0].log_mass([-1.0, 1.0]);
        assert!((log_mass + 43.628_149_2).abs() < 1e-5, "{log_mass}");
        assert!(Mixture::from_batch(&mixture)[0].log_mass([-200.0, -100.0]).is_finite());
    }
}
