//! KL divergence of a model from a known density.

use crate::data::dataset::Dataset;
use crate::evaluate::densities::tabulate_model;
use crate::math::grid::Grid;
use crate::method::model::Model;
use crate::network::features::Features;

/// `KL(truth ‖ model)` in nats for a scalar target, as in Table 1: the mean over the inputs of `Σ p log(p / p_model)`,
/// where both are normalised to sum 1 on the grid, and `1e-30` is added to the truth. `truth(row, y)` is a log-density.
///
/// # Panics
/// If the grid is not one-dimensional.
pub fn kl_on_grid<F: Features>(
    model: &Model<F>,
    examples: &dyn Dataset<F::Input>,
    grid: &Grid,
    truth: impl Fn(usize, f64) -> f64,
) -> f64 {
    assert_eq!(grid.dimensions(), 1, "the KL divergence on a grid needs a scalar target");
    let mut total = 0.0;
    tabulate_model(model, examples, grid, |row, log_prob| {
        let density: Vec<f64> = grid.axis().iter().map(|&y| truth(row, y).exp()).collect();
        let sum: f64 = density.iter().sum();
        let log_sum = log_prob.iter().map(|l| l.exp()).sum::<f64>().ln();
        total += density
            .iter()
            .zip(log_prob)
            .map(|(density, log_model)| {
                let p = density / sum + 1e-30;
                p * (p.ln() - (log_model - log_sum))
            })
            .sum::<f64>();
    });
    total / examples.len() as f64
}
