//! Laws of a residual energy: where it starts, which parameters each loss trains, and the density that it stands for.

use burn::tensor::{Device, Tensor};

use super::*;
use crate::data::dataset::Dataset as _;
use crate::data::examples::Examples;
use crate::data::space::TargetSpace;
use crate::density::GaussianMixture;
use crate::evaluate::{kl_on_grid, log_prob_by_importance, log_prob_on_grid, nll_on_grid};
use crate::kernel::Kernels;
use crate::loss::{Candidates, importance_nll, mixture_nll, nce};
use crate::math::grid::Grid;
use crate::math::host::to_host;
use crate::math::noise::Purpose;
use crate::method::conditional::Conditional;
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::method::laws::{named, norm, of};
use crate::method::model::Model;
use crate::predict::config::PredictionConfig;
use crate::predict::importance;
use crate::predict::predictor::Predictor;

const M: usize = 48;

/// A model whose `g` is not 0: the networks of a free energy and its proposal, joined as a residual energy.
pub(crate) fn trained(config: &ModelConfig, device: &Device) -> Model {
    let Method::Residual { components, objective } = config.method else { panic!("a residual energy was asked for") };
    let config = ModelConfig { method: Method::Ebm { components, objective }, ..config.clone() };
    let Model::Ebm(model) = config.init(5, device) else { unreachable!("the method asked for") };
    let crate::method::ebm_learned::EbmLearned { feature, energy, proposal, objective } = model;
    Model::Residual(EbmResidual { feature, energy, proposal, objective })
}

fn config(target: usize, objective: Objective) -> ModelConfig {
    let network = NetworkConfig { residual: target == 1, ..NetworkConfig::default() };
    let method = Method::Residual { components: 3, objective };
    ModelConfig { input: 1, target, method, network, axes: Vec::new() }
}

fn examples(target: usize) -> Examples {
    let x: Vec<f32> = (0..6).map(|i| i as f32 * 0.8 - 2.0).collect();
    let y = x.iter().flat_map(|x| (0..target).map(move |d| (x + d as f32).sin())).collect();
    Examples::new(x, 1, y, target)
}

fn batch(target: usize) -> Batch<Tensor<2>> {
    examples(target).batch(&[0, 1, 2, 3, 4, 5], &Device::flex())
}

fn noise() -> Noise {
    Noise::new(0, Purpose::Candidates, 0, 0)
}

fn inner(model: &Model) -> &EbmResidual {
    let Model::Residual(model) = model else { panic!("a residual energy") };
    model
}

/// The network's output, and the proposal, at the inputs of a batch.
fn parts(model: &Model, input: Tensor<2>) -> (impl Fn(Tensor<3>) -> Tensor<2>, GaussianMixture) {
    let model = inner(model).clone();
    let features = model.feature.forward(input);
    let q = model.proposal.forward(features.clone());
    (move |y| model.energy.score(features.clone(), y), q)
}

#[test]
fn training_starts_at_ln_m_plus_one_with_the_density_of_the_proposal() {
    for (target, kernels) in [(1, Kernels::Fused), (1, Kernels::Plain), (2, Kernels::Fused), (2, Kernels::Plain)] {
        for m in [M, 512] {
            let model = config(target, Objective::Nce).init(1, &Device::flex().autodiff());
            let losses = model.losses(&batch(target), Phase { kernels, ..Phase::method(m) }, &mut noise());
            let (name, loss) = losses.parts[0].clone();
            // Exact sums of ones; one rounding of the logarithm to f32.
            let found = loss.into_scalar::<f32>();
            assert!(name == "nce" && (found - ((m + 1) as f32).ln()).abs() < 1e-6, "{kernels:?}: {found}");
        }
    }
    let model = config(1, Objective::Nce).init(1, &Device::flex());
    let space = TargetSpace::identity([-2.0, 2.0], 1);
    let predictor = Predictor::new(&model, 1, space, PredictionConfig { m: 1024, seed: 0 });
    let prediction = &predictor.predict(0, &[0.4])[0];
    let (_, q) = parts(&model, Tensor::from_floats([[0.4]], &Device::flex()));
    for y in [-1.5, 0.0, 0.3, 2.0] {
        let log_q = to_host(q.log_prob(Tensor::from_floats([[[y]]], &Device::flex())))[0];
        let found = prediction.log_prob(&[f64::from(y)]).estimate.value;
        // log Z = 0 up to linear interpolation between a thousand knots.
        assert!((found - log_q).abs() < 5e-4, "{found} against {log_q}");
    }
    assert!(prediction.reliability().unwrap().ess_share > 0.999);
}

#[test]
fn the_energys_loss_trains_energy_and_backbone_and_the_likelihood_mixture_and_backbone() {
    let device = Device::flex().autodiff();
    for objective in [Objective::Nce, Objective::Importance] {
        let model = trained(&config(1, objective), &device);
        let found = |mixture| {
            let phase = Phase { mixture, kernels: Kernels::Plain, ..Phase::method(M) };
            model.losses(&batch(1), phase, &mut noise()).gradients(&model)
        };
        let EbmResidual { feature, energy, proposal, .. } = inner(&model);
        let [all, likelihood] = [found(MixtureLoss::Method), found(MixtureLoss::Likelihood)];
        assert!([norm(feature, &all), norm(energy, &all), norm(proposal, &all)].iter().all(|&norm| norm > 0.0));
        assert_eq!(norm(energy, &likelihood), 0.0);
        // The energy's loss adds nothing to the gradient of the mixture, and something to that of the backbone.
        assert!((norm(proposal, &all) - norm(proposal, &likelihood)).abs() < 1e-5 * norm(proposal, &all));
        assert!((norm(feature, &all) - norm(feature, &likelihood)).abs() > 1e-3 * norm(feature, &all));
    }
    // At the start, the energy's gradient reaches the last layer alone.
    let model = config(1, Objective::Nce).init(1, &device);
    let gradients = model.losses(&batch(1), Phase::method(M), &mut noise()).gradients(&model);
    let EnergyNet { from_target, score, .. } = &inner(&model).energy;
    assert!(norm(score, &gradients) > 0.0 && norm(from_target, &gradients) == 0.0);
}

#[test]
fn the_gradient_is_that_of_the_score_log_q_plus_g_with_a_constant_log_q() {
    let device = Device::flex().autodiff();
    for (target, objective) in [(1, Objective::Nce), (1, Objective::Importance), (2, Objective::Nce)] {
        let model = trained(&config(target, objective), &device);
        let batch = batch(target);
        let (g, q) = parts(&model, batch.input.clone().autodiff());
        let composed = |y: Tensor<3>| {
            let log_q = q.log_prob(y.clone()).without_autodiff();
            Candidates { score: log_q.clone() + g(y), log_q }
        };
        let y = batch.target.clone().unsqueeze_dim(1);
        let (observed, drawn) = (composed(y.clone()), composed(q.sample(M, &mut noise())));
        let energy = match objective {
            Objective::Nce => nce(observed, drawn),
            Objective::Importance => importance_nll(observed.score, drawn),
        };
        let expected = named(&model, &of((energy + mixture_nll(q.log_prob(y))).mean().backward(), &model));
        for kernels in [Kernels::Fused, Kernels::Plain] {
            let phase = Phase { kernels, ..Phase::method(M) };
            let found = named(&model, &model.losses(&batch, phase, &mut noise()).gradients(&model));
            for (path, expected) in &expected {
                assert_eq!(found[path].len(), expected.len());
                for (found, expected) in found[path].iter().zip(expected) {
                    // Sums of about 300 numbers of order 1 in another order.
                    assert!((found - expected).abs() < 2e-5, "{kernels:?}, {path}: {found} against {expected}");
                }
            }
        }
    }
}

#[test]
fn every_answer_about_a_scalar_is_of_the_density_q_e_to_the_g_over_z() {
    let (model, device) = (trained(&config(1, Objective::Nce), &Device::flex()), Device::flex());
    let (examples, grid) = (examples(1), Grid::line(-30.0, 30.0, 60_001));
    let batch = examples.batch(&[0, 1, 2, 3, 4, 5], &device);
    let (g, q) = parts(&model, batch.input.clone());
    let log_p = |y: Tensor<3>| to_host(q.log_prob(y.clone()) + g(y));
    let n = grid.len();
    let on_grid = log_p(grid.candidates(0..n, &device).expand([6, n, 1]));
    let log_z: Vec<f64> = (on_grid.chunks(n)).map(|f| (f.iter().map(|f| f.exp()).sum::<f64>() * 1e-3).ln()).collect();
    let expected: Vec<f64> =
        log_p(batch.target.unsqueeze_dim(1)).iter().zip(&log_z).map(|(f, log_z)| f - log_z).collect();

    let labels: Vec<f64> = to_host(examples.batch(&[0, 1, 2, 3, 4, 5], &device).target);
    let space = TargetSpace::identity([-2.0, 2.0], 1);
    let predictor = Predictor::new(&model, 1, space, PredictionConfig { m: 1024, seed: 0 });
    let inputs: Vec<f32> = (0..6).map(|i| i as f32 * 0.8 - 2.0).collect();
    let answers = predictor.log_prob(0, &inputs, &labels).unwrap();
    let by_grid = nll_on_grid(&model, &examples, &grid, &mut |_| ());
    let table = log_prob_on_grid(&model, &examples, &grid);
    let sampled = log_prob_by_importance(&model, &examples, 20_000, 1, &mut |_| ()).unwrap();
    for (row, &expected) in expected.iter().enumerate() {
        let (prediction, log_prob) = &answers[row];
        // Linear interpolation between a thousand knots; f32 scores on the grid; four standard errors.
        assert!((log_prob.estimate.value - expected).abs() < 1e-3, "{} {expected}", log_prob.estimate.value);
        assert!((prediction.log_prob(&labels[row..=row]).estimate.value - expected).abs() < 1e-3);
        assert!((-by_grid[row] - expected).abs() < 1e-3, "{} {expected}", by_grid[row]);
        let mass: f64 = table[row * n..(row + 1) * n].iter().map(|l| f64::from(*l).exp()).sum::<f64>() * 1e-3;
        assert!((mass - 1.0).abs() < 1e-3, "{mass}");
        let estimate = sampled[row].0.estimate;
        assert!((estimate.value - expected).abs() < 4.0 * estimate.standard_error + 1e-4, "{estimate:?} {expected}");
        assert!(prediction.reliability().unwrap().ess_share < 0.999);
    }
    let truth = |row: usize, y: f64| f64::from(table[row * n + ((y + 30.0) * 1000.0).round() as usize]);
    assert!(kl_on_grid(&model, &examples, &grid, truth).abs() < 1e-5);
}

#[test]
fn importance_weights_are_e_to_the_g_in_any_dimension() {
    for target in [1, 2] {
        let model = trained(&config(target, Objective::Nce), &Device::flex());
        let input = batch(target).input;
        let draws = importance(&model.conditional(input.clone()), M, &mut noise()).unwrap();
        let (g, q) = parts(&model, input.clone());
        let y = q.sample(M, &mut noise());
        let g = to_host(g(y.clone()));
        let Conditional::Energy(f) = model.conditional(input) else { panic!("an energy") };
        let composed = to_host(f.score(y.clone()) - q.log_prob(y));
        for (row, draws) in draws.iter().enumerate() {
            let own = row * M..(row + 1) * M;
            let sum: f64 = g[own.clone()].iter().map(|g| g.exp()).sum();
            assert!((draws.log_partition().value - (sum / M as f64).ln()).abs() < 1e-5);
            for (weight, (g, composed)) in draws.weights().iter().zip(g[own.clone()].iter().zip(&composed[own])) {
                assert!((weight - g.exp() / sum).abs() < 1e-6 && (g - composed).abs() < 1e-5);
            }
        }
    }
}
