//! Densities tabulated on a grid, for plots and for the KL divergence from a known truth.

use burn::module::Module;

use crate::data::dataset::Dataset;
use crate::density::GaussianMixture;
use crate::loss::partition;
use crate::math::grid::Grid;
use crate::math::host::to_host;
use crate::method::conditional::Conditional;
use crate::method::model::Model;
use crate::network::features::Features;
use crate::predict::tiles::{Budget, device, features_and_targets, log_prob_shared, ranges, table_of_scores};

/// Which density of a model to tabulate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Model,
    Proposal,
}

/// Calls `each` with the index of every example and its log-density on the grid, nats. Returns false if the model has
/// no such density.
///
/// An energy is normalised on the grid, `log Z = logsumexp(f) + log(volume) − log(points)`. The density of a mixture is
/// exact and not renormalised. Targets are ignored.
fn tabulate<F: Features>(
    model: &Model<F>,
    which: Which,
    examples: &dyn Dataset<F::Input>,
    grid: &Grid,
    mut each: impl FnMut(usize, &[f64]),
) -> bool {
    assert_eq!(grid.dimensions(), examples.target_width(), "the grid and the target differ in dimension");
    let model = model.valid();
    let (budget, device, points) = (Budget::default(), device(&model), grid.len());
    // The table has `points` values of `f64`, the size of two `f32`, for each row.
    let rows_at_once = budget.rows(&model).min(budget.fit(2 * points));
    for rows in ranges(examples.len(), rows_at_once) {
        let [features, _] = features_and_targets(&model, examples, rows.clone(), &device, budget);
        let table = match (which, model.conditional_on(features)) {
            (Which::Model, Conditional::Energy(f)) => {
                let mut table = table_of_scores(&f, grid, budget);
                table.chunks_mut(points).for_each(|row| normalise(row, grid));
                table
            }
            (Which::Proposal, Conditional::Energy(f)) => match f.proposal() {
                Some(proposal) => log_probs(proposal, grid, budget),
                None => return false,
            },
            (_, Conditional::Mixture(mixture)) => log_probs(&mixture, grid, budget),
        };
        for (row, log_prob) in rows.zip(table.chunks(points)) {
            each(row, log_prob);
        }
    }
    true
}

/// Log-densities of every mixture on the grid, row-major `[rows][points]`.
fn log_probs(mixture: &GaussianMixture, grid: &Grid, budget: Budget) -> Vec<f64> {
    to_host(log_prob_shared(mixture, &grid.candidates(0..grid.len(), &mixture.means().device()), budget))
}

/// Converts scores on a grid to log-densities that are normalised on the grid.
fn normalise(scores: &mut [f64], grid: &Grid) {
    let max = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let log_sum = max + scores.iter().map(|score| (score - max).exp()).sum::<f64>().ln();
    let log_z = partition::on_grid(log_sum, grid);
    scores.iter_mut().for_each(|score| *score -= log_z);
}

/// Calls `each` with the index of every example and the model's log-density on the grid, nats.
pub(super) fn tabulate_model<F: Features>(
    model: &Model<F>,
    examples: &dyn Dataset<F::Input>,
    grid: &Grid,
    each: impl FnMut(usize, &[f64]),
) {
    tabulate(model, Which::Model, examples, grid, each);
}

/// `log p(y|x)` in nats at the input of every example, row-major `[examples][grid]`. Targets are ignored.
pub fn log_prob_on_grid<F: Features>(model: &Model<F>, examples: &dyn Dataset<F::Input>, grid: &Grid) -> Vec<f32> {
    let mut values = Vec::with_capacity(examples.len() * grid.len());
    tabulate_model(model, examples, grid, |_, row| values.extend(row.iter().map(|&l| l as f32)));
    values
}

/// [`log_prob_on_grid`] for the proposal: `log q(y|x)`, row-major `[examples][grid]`. `None` if there is no proposal.
pub fn log_proposal_on_grid<F: Features>(
    model: &Model<F>,
    examples: &dyn Dataset<F::Input>,
    grid: &Grid,
) -> Option<Vec<f32>> {
    let mut values = Vec::with_capacity(examples.len() * grid.len());
    tabulate(model, Which::Proposal, examples, grid, |_, row| values.extend(row.iter().map(|&l| l as f32)))
        .then_some(values)
}
