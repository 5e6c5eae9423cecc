//! Divergence of a model from a known density.

use crate::data::dataset::Dataset;
use crate::evaluate::densities::tabulate_model;
use crate::math::grid::Grid;
use crate::method::model::Model;
use crate::network::features::Features;

/// `KL(truth ‖ model)` in nats of a scalar target, as Table 1 counts it: the mean over the inputs of `Σ p log(p /
/// p_model)`, both normalised as sums on the grid, `1e-30` added to the truth.
///
/// # Panics
/// When the target is not a scalar.
pub fn kl_on_grid<F: Features>(
    model: &Model<F>,
    examples: &dyn Dataset<F::Input>,
    grid: &Grid,
    truth: impl Fn(usize, f64) -> f64,
) -> f64 {
    assert_eq!(grid.dimensions(), 1, "a scalar target");
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
