//! Laws of grid evaluation: tiling does not change results, and densities are normalised on the documented support.

use burn::tensor::Device;

use super::*;
use crate::data::examples::Examples;
use crate::evaluate::densities::{log_prob_on_grid, log_proposal_on_grid};
use crate::evaluate::truth_kl::kl_on_grid;
use crate::loss::Objective;
use crate::math::noise::{Noise, Purpose};
use crate::math::num::log_sum_exp;
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::network::backbone::BackboneConfig;
use crate::network::energy::tests::concatenated;

fn model(method: Method, target: usize) -> Model {
    let backbone = BackboneConfig::Mlp { widths: vec![8, 6] };
    let network = NetworkConfig { backbone, target_widths: vec![5, 7], hidden: 12, residual: target == 1 };
    ModelConfig { input: 2, target, method, network, axes: Vec::new() }.init(5, &Device::flex())
}

fn examples(n: usize, target: usize) -> Examples {
    let mut noise = Noise::new(4, Purpose::Prediction, 0, 0);
    let mut values = |n: usize| (0..n).map(|_| noise.gauss() as f32).collect::<Vec<_>>();
    Examples::new(values(2 * n), 2, values(target * n), target)
}

fn fixed() -> Method {
    Method::EbmFixed { sigmas: vec![0.1], objective: Objective::Nce }
}

/// The computation of the paper's code: every example scores its own copy of the grid, with concatenated features.
fn naive(model: &Model, examples: &Examples, grid: &Grid) -> Vec<f64> {
    let [n, points, target] = [examples.len(), grid.len(), grid.dimensions()];
    let batch = examples.batch(&(0..n).collect::<Vec<_>>(), &Device::flex());
    let Conditional::Energy(f) = model.conditional(batch.input) else { panic!() };
    let (energy, features) = (f.network, f.features().clone());
    let copies = grid.candidates(0..points, &Device::flex()).expand([n, points, target]);
    let log_sum = log_sum_exp(concatenated(energy, features.clone(), copies), 1).squeeze_dim::<1>(1);
    let observed = concatenated(energy, features, batch.target.unsqueeze_dim(1)).squeeze_dim::<1>(1);
    to_host(log_sum - observed + grid.log_volume() - (points as f64).ln())
}

#[test]
fn streaming_gives_what_every_example_scoring_its_own_copy_of_the_grid_gives() {
    for (target, grid) in [(1, Grid::line(-3.0, 3.0, 2048)), (3, Grid::cube(-3.0, 3.0, 13, 3))] {
        let (model, examples) = (model(fixed(), target), examples(37, target));
        let expected = naive(&model, &examples, &grid);
        for budget in [Budget::default(), Budget(50_000), Budget(1)] {
            let found = nll(&model, &examples, &grid, budget, &mut |_| ());
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-4, "{budget:?}: {found}, {expected}");
            }
        }
    }
}

#[test]
fn progress_counts_up_to_all_examples() {
    let (model, examples) = (model(fixed(), 1), examples(40, 1));
    let mut heard = Vec::new();
    nll(&model, &examples, &Grid::line(-3.0, 3.0, 500), Budget(50_000), &mut |done| heard.push(done));
    assert!(heard.len() > 2 && heard.is_sorted() && heard.last() == Some(&40), "{heard:?}");
}

#[test]
fn an_energy_is_normalised_on_the_grid_and_its_nll_is_a_value_of_that_density() {
    for (target, grid) in [(1, Grid::line(-3.0, 3.0, 64)), (3, Grid::fine(-3.0, 3.0, 4, 3))] {
        let model = model(Method::ebm(2), target);
        // One label on every point of the grid, all with the same input.
        let points: Vec<f32> = grid.points(0..grid.len()).map(|y| y as f32).collect();
        let examples = Examples::new([0.3, -0.8].repeat(grid.len()), 2, points, target);
        let log_prob = log_prob_on_grid(&model, &examples, &grid);
        let log_cell = grid.log_volume() - (grid.len() as f64).ln();
        for row in log_prob.chunks(grid.len()) {
            let mass: f64 = row.iter().map(|&l| (f64::from(l) + log_cell).exp()).sum();
            assert!((mass - 1.0).abs() < 1e-5, "{mass}");
        }
        for (i, nll) in nll_on_grid(&model, &examples, &grid, &mut |_| ()).iter().enumerate() {
            assert!((nll + f64::from(log_prob[i * grid.len() + i])).abs() < 1e-5);
        }
    }
}

#[test]
fn a_mixture_is_exact_whatever_the_grid_and_on_the_support_it_has_mass_one() {
    let model = model(Method::Mdn { components: 3 }, 1);
    let grid = Grid::fine(-0.8, 0.5, 4000, 1);
    let points: Vec<f32> = grid.axis().iter().map(|&y| y as f32).collect();
    let examples = Examples::new([0.3, -0.8].repeat(grid.len()), 2, points, 1);
    let whole = nll_on_grid(&model, &examples, &grid, &mut |_| ());
    assert_eq!(whole, nll_on_grid(&model, &examples, &Grid::line(-9.0, 9.0, 2), &mut |_| ()));
    let cut = nll_on_support(&model, &examples, &grid).unwrap();
    let mass = cut.iter().map(|nll| (-nll).exp()).sum::<f64>() / grid.len() as f64 * grid.log_volume().exp();
    assert!((mass - 1.0).abs() < 1e-5, "{mass}");
    assert!(cut.iter().zip(&whole).all(|(cut, whole)| cut < whole));
    assert!(nll_on_support(&self::model(fixed(), 1), &examples, &grid).is_none());
}

#[test]
fn the_divergence_of_a_model_from_itself_is_zero_and_from_another_positive() {
    let (one, other) = (model(Method::ebm(2), 1), model(Method::Mdn { components: 3 }, 1));
    let (examples, grid) = (examples(9, 1), Grid::line(-3.0, 3.0, 200));
    let table = log_prob_on_grid(&one, &examples, &grid);
    let truth =
        |row: usize, y: f64| f64::from(table[row * 200 + grid.axis().iter().position(|&point| point == y).unwrap()]);
    assert!(kl_on_grid(&one, &examples, &grid, truth).abs() < 1e-6);
    assert!(kl_on_grid(&other, &examples, &grid, truth) > 0.01);
    assert!(log_proposal_on_grid(&one, &examples, &grid).is_some_and(|table| table.len() == 9 * 200));
    assert!(log_proposal_on_grid(&model(fixed(), 1), &examples, &grid).is_none());
}
