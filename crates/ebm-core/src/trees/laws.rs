//! Laws of boosted trees.

use std::f64::consts::TAU;

use burn::tensor::TensorData;

use super::boost::{Gaussians, natural_step};
use super::config::TreeConfig;
use super::*;
use crate::data::examples::Examples;
use crate::io::error::CheckpointError;
use crate::io::tensors::{Named, from_bytes, to_bytes};

fn fit(examples: &Examples, validation: &Examples, config: &TreesConfig, seed: u64) -> Trees {
    let columns: Vec<usize> = (0..examples.input_width()).collect();
    let on_round = |_, _| ControlFlow::Continue(());
    Trees::fit(examples, validation, &columns, config, seed, &Device::flex(), on_round).unwrap()
}

/// `y = sin 3x + (0.1 + 0.4 |x|) ε`, with a second column that says nothing, and the log-densities of the targets.
fn toy(seed: u64, count: usize) -> (Examples, Vec<f64>) {
    let mut noise = Noise::new(seed, Purpose::Split, 0, 0);
    let (mut inputs, mut targets, mut log_probs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let (x, epsilon) = (2.0 * noise.unit() - 1.0, noise.gauss());
        let scale = 0.1 + 0.4 * x.abs();
        inputs.extend([x as f32, noise.unit() as f32]);
        targets.push(((3.0 * x).sin() + scale * epsilon) as f32);
        log_probs.push(-0.5 * epsilon * epsilon - scale.ln() - 0.5 * TAU.ln());
    }
    (Examples::new(inputs, 2, targets, 1), log_probs)
}

fn log_prob(trees: &Trees, input: &[f32], z: f64) -> f64 {
    let density = |(weight, mean, scale): (f64, f64, f64)| {
        weight * (-0.5 * ((z - mean) / scale).powi(2)).exp() / (scale * TAU.sqrt())
    };
    trees.components(input).map(density).iter().sum::<f64>().ln()
}

#[test]
fn a_step_is_fitted_exactly() {
    let x: Vec<f64> = (0..300).map(|i| f64::from(i) / 100.0).collect();
    let y: Vec<f64> = x.iter().map(|&x| if x < 1.5 { -0.7 } else { 1.3 }).collect();
    let examples = Examples::from_pairs(&x, &y);
    let trees = fit(&examples, &examples, &TreesConfig { fraction: 1.0, ..TreesConfig::default() }, 0);
    for (x, y) in x.iter().zip(&y) {
        let [(_, mean, scale), ..] = trees.components(&[*x as f32]);
        // The error falls to 0.95 of itself in every round; scales stop at e^−7 times those of the residuals.
        assert!((mean - y).abs() < 2e-3 && scale < 1e-2, "{x}: {mean} ± {scale}, not {y}");
    }
}

#[test]
fn the_density_of_a_toy_is_close_to_the_truth() {
    let ((examples, _), (validation, _), (test, truth)) = (toy(0, 4000), toy(1, 1000), toy(2, 2000));
    // Of a smooth function in noise; deep trees fit the noise.
    let mean = TreeConfig { depth: 4, least_rows: 20, ..TreesConfig::default().mean };
    let trees = fit(&examples, &validation, &TreesConfig { mean, ..TreesConfig::default() }, 0);
    let rows: Vec<usize> = (0..test.len()).collect();
    let Batch { input, target } = test.batch(&rows, &Device::flex());
    let (inputs, targets) = (host(&input), to_host(target));
    let found: f64 = inputs.chunks(2).zip(&targets).map(|(input, &z)| log_prob(&trees, input, z)).sum();
    let lost = (truth.iter().sum::<f64>() - found) / truth.len() as f64;
    // The noise of 4000 rows; without the scale it would be 0.2, without the mean 1.
    assert!(lost > -0.02 && lost < 0.06, "{lost} nats");
}

#[test]
fn the_trees_do_not_depend_on_the_number_of_threads() {
    let ((examples, _), (validation, _)) = (toy(0, 500), toy(1, 200));
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| fit(&examples, &validation, &TreesConfig::default(), 3))
    };
    let one = on(1);
    assert_eq!(one, on(4));
    assert_ne!(one, fit(&examples, &validation, &TreesConfig::default(), 4));
}

#[test]
fn a_monotone_transform_of_a_column_changes_nothing() {
    // Squares of whole numbers are exact in f32, and more than there are bins.
    let x: Vec<f64> = (0..1000).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| (x / 100.0).sin()).collect();
    let squares: Vec<f64> = x.iter().map(|x| x * x).collect();
    let config = TreesConfig { rounds: 40, ..TreesConfig::default() };
    let [plain, transformed] = [&x, &squares].map(|x| {
        let examples = Examples::from_pairs(x, &y);
        fit(&examples, &examples, &config, 1)
    });
    assert_ne!(plain, transformed);
    for (x, square) in x.iter().zip(&squares) {
        assert_eq!(plain.components(&[*x as f32]), transformed.components(&[*square as f32]));
    }
}

#[test]
fn columns_that_are_not_given_are_not_read() {
    let (examples, _) = toy(0, 400);
    let on_round = |_, _| ControlFlow::Continue(());
    let fit = |columns: &[usize]| {
        let config = TreesConfig { rounds: 20, ..TreesConfig::default() };
        Trees::fit(&examples, &examples, columns, &config, 0, &Device::flex(), on_round).unwrap()
    };
    let [first, second] = [fit(&[0]), fit(&[1])];
    assert_eq!(first.components(&[0.5, -9.0]), first.components(&[0.5, 9.0]));
    assert_ne!(first.components(&[-0.5, 0.0]), first.components(&[0.5, 0.0]));
    assert_eq!(second.components(&[-9.0, 0.3]), second.components(&[9.0, 0.3]));
}

#[test]
fn the_kept_rounds_are_those_of_the_least_validation_loss() {
    let ((examples, _), (validation, _)) = (toy(0, 300), toy(1, 200));
    let [examples, validation] = [examples, validation]
        .map(|set| read(&set, &[0, 1], "training", Noise::new(0, Purpose::Split, 0, 0), &Device::flex()).unwrap());
    let mut losses = Vec::new();
    let on_round = |_, loss| {
        losses.push(loss);
        ControlFlow::Continue(())
    };
    let boosted = boost(&examples, &validation, &TreesConfig::default(), 0, on_round).unwrap();
    let nll = |Gaussians { log_scales, .. }: &Gaussians, u: Vec<f64>| {
        let terms = u.iter().zip(log_scales).map(|(u, log_scale)| 0.5 * u * u + log_scale + 0.5 * TAU.ln());
        terms.sum::<f64>() / log_scales.len() as f64
    };
    let kept = nll(&boosted.validation, boosted.validation.standardised(&validation.targets).collect());
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!((kept - least).abs() < 1e-9, "{kept} is not the least loss, {least}");
    // It stopped by itself, a hundred rounds after the best.
    assert_eq!(losses.len(), boosted.means.len() + 100);
    assert!(!boosted.means.is_empty() && losses.len() < 1500);
}

#[test]
fn the_natural_step_is_the_gradient_over_the_fisher_information() {
    let nll = |z: f64, [mean, log_scale]: [f64; 2]| 0.5 * ((z - mean) / log_scale.exp()).powi(2) + log_scale;
    for (z, mean, log_scale) in [(0.3, 1.1, -0.8), (-2.0, 0.4, 0.5), (1.0, 1.0, 0.0)] {
        let h = 1e-5;
        let by_mean = (nll(z, [mean + h, log_scale]) - nll(z, [mean - h, log_scale])) / (2.0 * h);
        let by_scale = (nll(z, [mean, log_scale + h]) - nll(z, [mean, log_scale - h])) / (2.0 * h);
        let fisher = [(-2.0 * log_scale).exp(), 2.0];
        let [mean_step, scale_step] = natural_step(z - mean, log_scale);
        // Central differences have an error of h² times a third derivative.
        assert!((mean_step + by_mean / fisher[0]).abs() < 1e-8, "{mean_step}");
        assert!((scale_step + by_scale / fisher[1]).abs() < 1e-8, "{scale_step}");
    }
}

#[test]
fn targets_that_are_not_one_finite_number_are_refused() {
    let on_round = |_, _| ControlFlow::Continue(());
    let fit = |examples: &Examples| {
        Trees::fit(examples, examples, &[0], &TreesConfig::default(), 0, &Device::flex(), on_round)
    };
    assert_eq!(fit(&Examples::new(vec![0.0], 1, vec![0.0, 1.0], 2)), Err(TreesError::NotScalar { dimensions: 2 }));
    let refused = Err(TreesError::NonFinite { of: "training", row: 1 });
    assert_eq!(fit(&Examples::new(vec![0.0, 1.0], 1, vec![0.0, f32::NAN], 1)), refused);
    assert_eq!(fit(&Examples::new(vec![0.0, f32::INFINITY], 1, vec![0.0, 1.0], 1)), refused);
}

#[test]
fn an_observer_can_stop_the_rounds() {
    let (examples, _) = toy(0, 100);
    let mut seen = Vec::new();
    let on_round = |rounds, _| {
        seen.push(rounds);
        if rounds < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let found = Trees::fit(&examples, &examples, &[0], &TreesConfig::default(), 0, &Device::flex(), on_round);
    assert_eq!((found, seen), (Err(TreesError::Stopped), vec![1, 2, 3]));
}

#[test]
fn few_rows_and_equal_targets_are_fitted_without_a_panic() {
    for targets in [vec![0.5], vec![0.5, 0.5, 0.5], vec![1e30, -1e30, 0.0, 1e-30]] {
        let examples = Examples::new((0..targets.len()).map(|x| x as f32).collect(), 1, targets, 1);
        let trees = fit(&examples, &examples, &TreesConfig::default(), 0);
        for (weight, mean, scale) in trees.components(&[0.5]) {
            assert!(weight > 0.0 && mean.is_finite() && scale > 0.0 && scale.is_finite());
        }
    }
}

#[test]
fn saved_trees_come_back() {
    let ((examples, _), (validation, _)) = (toy(0, 300), toy(1, 100));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trees.safetensors");
    for rounds in [60, 1] {
        // A single round is not validated, so no tree is kept.
        let trees = fit(&examples, &validation, &TreesConfig { rounds, ..TreesConfig::default() }, 0);
        assert_eq!(trees.rounds() > 0, rounds > 1);
        trees.save(&path).unwrap();
        assert_eq!(Trees::load(&path).unwrap(), trees);
    }
}

#[test]
fn a_file_that_does_not_describe_trees_is_refused() {
    let (examples, _) = toy(0, 300);
    let trees = fit(&examples, &examples, &TreesConfig { rounds: 10, ..TreesConfig::default() }, 0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trees.safetensors");
    trees.save(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let load = |named: &Named| {
        std::fs::write(&path, to_bytes(named).unwrap()).unwrap();
        Trees::load(&path)
    };
    let named = from_bytes(&bytes).unwrap();
    assert_eq!(load(&named).unwrap(), trees);

    // The first node of the first tree is a split; its children are 1 and `right`.
    let right = named["mean.rights"].as_slice::<f32>().unwrap()[0];
    assert!(right > 1.0);
    for (name, index, value) in [
        ("input_width", 0, 0.0),
        ("input_width", 0, 1.5),
        ("residual.weights", 1, 0.0),
        ("residual.scales", 2, -1.0),
        ("mean.columns", 0, 2.0),
        ("mean.columns", 0, -2.0),
        ("mean.columns", 0, 0.5),
        ("mean.rights", 0, 0.0),
        ("mean.rights", 0, 1.0),
        ("mean.rights", 0, 1e6),
        ("mean.rights", 0, f32::MAX),
        ("log_scale.rights", 0, -1.0),
        ("mean.sizes", 0, 0.0),
        ("mean.sizes", 0, 1e6),
        ("mean.sizes", 9, 1.0),
    ] {
        let mut wrong = named.clone();
        let data = &wrong[name];
        let (mut values, shape) = (data.clone().try_into_vec::<f32>().unwrap(), data.shape().to_vec());
        values[index] = value;
        wrong.insert(name.to_owned(), TensorData::new(values, shape));
        let found = load(&wrong);
        assert!(matches!(found, Err(CheckpointError::WrongTrees { .. })), "{name}[{index}] = {value}: {found:?}");
    }
    for name in named.keys() {
        let mut wrong = named.clone();
        let data = wrong.remove(name).unwrap();
        assert!(matches!(load(&wrong), Err(CheckpointError::MissingTensor { .. })), "without {name}");
        let mut values = data.try_into_vec::<f32>().unwrap();
        values.pop();
        let length = values.len();
        wrong.insert(name.clone(), TensorData::new(values, [length]));
        assert!(matches!(load(&wrong), Err(CheckpointError::WrongTrees { .. })), "short {name}");
    }
    let mut wrong = named.clone();
    wrong.insert("other".to_owned(), TensorData::new(vec![1f32], [1]));
    assert!(matches!(load(&wrong), Err(CheckpointError::UnknownTensor { .. })));
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(Trees::load(&path), Err(CheckpointError::Format(_))));
}
