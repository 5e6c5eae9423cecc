//! Negative log-likelihood on a grid shared by all examples, as in the paper's tables, with one support for all
//! methods.
//!
//! Intermediate results take at most [`MEMORY_BUDGET`](crate::predict::MEMORY_BUDGET) bytes: scores are computed in
//! tiles, and only a running log-sum-exp is kept.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::data::dataset::Dataset;
use crate::loss::partition;
use crate::math::grid::Grid;
use crate::math::host::to_host;
use crate::method::conditional::{Conditional, Unnormalised};
use crate::method::model::Model;
use crate::network::features::Features;
use crate::predict::mixture::Mixture;
use crate::predict::tiles::{Budget, device, features_and_targets, ranges, score_on_grid};

/// `−log p(y_i|x_i)` of every example, nats. An energy is normalised on the grid; a mixture is exact.
///
/// `log Z(x) = logsumexp(f) + log(volume) − log(points)`, an integral over the support of the grid. A mixture is not
/// restricted to that support; use [`nll_on_support`] to compare the two. `progress` receives the number of examples
/// done, with partly done ones counted in proportion.
///
/// # Panics
/// If the grid and the target differ in dimension.
pub fn nll_on_grid<F: Features>(
    model: &Model<F>,
    examples: &dyn Dataset<F::Input>,
    grid: &Grid,
    progress: &mut dyn FnMut(usize),
) -> Vec<f64> {
    nll(model, examples, grid, Budget::default(), progress)
}

fn nll<F: Features>(
    model: &Model<F>,
    examples: &dyn Dataset<F::Input>,
    grid: &Grid,
    budget: Budget,
    progress: &mut dyn FnMut(usize),
) -> Vec<f64> {
    assert_eq!(grid.dimensions(), examples.target_width(), "the grid and the target differ in dimension");
    let model = model.valid();
    let device = device(&model);
    let mut nll = Vec::with_capacity(examples.len());
    for rows in ranges(examples.len(), budget.rows(&model)) {
        let [features, target] = features_and_targets(&model, examples, rows.clone(), &device, budget);
        let y: Tensor<3> = target.unsqueeze_dim(1);
        match model.conditional_on(features) {
            Conditional::Mixture(mixture) => nll.extend(to_host(mixture.log_prob(y)).iter().map(|log_prob| -log_prob)),
            Conditional::Energy(f) => {
                let done = &mut |share: f64| progress(rows.start + (share * rows.len() as f64) as usize);
                let log_z = log_partition_on_grid(&f, grid, budget, done);
                let scores = to_host(f.score(y));
                nll.extend(log_z.iter().zip(scores).map(|(log_z, score)| log_z - score));
            }
        }
        progress(rows.end);
    }
    nll
}

/// `log Z(x)` in nats for every input. `progress` receives the fraction done.
fn log_partition_on_grid(f: &Unnormalised<'_>, grid: &Grid, budget: Budget, progress: &mut dyn FnMut(f64)) -> Vec<f64> {
    let batch = f.features().dims()[0];
    let mut log_sums = vec![f64::NEG_INFINITY; batch];
    let mut scored = 0;
    score_on_grid(f, grid, budget, |rows, points, scores| {
        scored += rows.len() * points.len();
        for (sum, more) in log_sums[rows].iter_mut().zip(scores.log_sums()) {
            *sum = partition::log_add_exp(*sum, more);
        }
        progress(scored as f64 / (batch * grid.len()) as f64);
    });
    log_sums.into_iter().map(|sum| partition::on_grid(sum, grid)).collect()
}

/// `−log p(y_i|x_i)` of every example in nats under a mixture truncated to the support of the grid and renormalised,
/// for comparison with an energy that is normalised on the grid. `None` for an energy.
///
/// `−log p(y) + log P(low ≤ Y ≤ high)`, with the exact probability. For a label inside the support, it is at most
/// the NLL on the whole line.
///
/// # Panics
/// If the grid and the target differ in dimension.
pub fn nll_on_support<F: Features>(
    model: &Model<F>,
    examples: &dyn Dataset<F::Input>,
    grid: &Grid,
) -> Option<Vec<f64>> {
    assert_eq!(grid.dimensions(), examples.target_width(), "the grid and the target differ in dimension");
    let model = model.valid();
    let budget = Budget::default();
    let mut nll = Vec::with_capacity(examples.len());
    for rows in ranges(examples.len(), budget.rows(&model)) {
        let [features, target] = features_and_targets(&model, examples, rows, &device(&model), budget);
        let Conditional::Mixture(mixture) = model.conditional_on(features) else { return None };
        let log_prob = to_host(mixture.log_prob(target.unsqueeze_dim(1)));
        let mixtures = Mixture::from_batch(&mixture);
        nll.extend(mixtures.iter().zip(log_prob).map(|(mixture, l)| mixture.log_mass(grid.support()) - l));
    }
    Some(nll)
}

#[cfg(test)]
mod laws;
