//! Scores of many candidates in bounded memory: rows × candidates are cut into tiles.

use std::ops::Range;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use crate::data::dataset::Dataset;
use crate::kernel::log_sums;
use crate::math::grid::Grid;
use crate::math::host::{host, to_host};
use crate::math::num::log_sum_exp;
use crate::method::conditional::Conditional;
use crate::method::model::Model;
use crate::network::energy::{EnergyNet, Points};
use crate::network::features::Features;
use crate::network::input::Input;

/// Examples that share a stream of noise, and the most that are predicted at a time.
pub const CHUNK: usize = 256;

/// Bytes that the intermediates of an evaluation or a prediction may take at a time, beyond its inputs and answers.
pub const MEMORY_BUDGET: usize = 64 << 20;

/// How many bytes of intermediates there may be. What is computed does not depend on it, but for rounding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget(pub usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MEMORY_BUDGET)
    }
}

impl Budget {
    /// A tile of `rows × points × hidden` is alive as a sum, its activation, a layer's output and their sum.
    const COPIES: usize = 4;

    /// How many things of so many `f32` numbers each fit; at least one.
    pub fn fit(self, numbers: usize) -> usize {
        (self.0 / (4 * numbers)).max(1)
    }

    /// The rows and candidates of a tile. About as many of one as of the other: the tile reads a row of projected
    /// features for every column and a column of embedded candidates for every row.
    fn tile(self, batch: usize, candidates: usize, hidden: usize) -> [usize; 2] {
        let scores = self.fit(Self::COPIES * hidden);
        let rows = scores.isqrt().min(batch).max(scores / candidates).max(1);
        [rows, (scores / rows).max(1)]
    }

    /// How many examples a model's backbone and heads can have at a time.
    pub fn rows<F: Features>(self, model: &Model<F>) -> usize {
        self.fit(Self::COPIES * model.feature().width())
    }
}

/// `0..total` in ranges of at most `size`.
pub(crate) fn ranges(total: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..total).step_by(size).map(move |start| start..(start + size).min(total))
}

/// Where a model lies, without gradients.
pub(crate) fn device<F: Features>(model: &Model<F>) -> Device {
    model.devices().into_iter().next().expect("a model has parameters").inner()
}

/// Features of the inputs of a batch, wherever they are, the backbone run on as many at a time as fit.
pub(crate) fn features<F: Features>(model: &Model<F>, input: &F::Input, budget: Budget) -> Tensor<2> {
    let device = device(model);
    let parts = ranges(input.rows(), budget.fit(model.feature().numbers(input.width())));
    Tensor::cat(parts.map(|rows| model.features(input.slice(rows).on(&device))).collect(), 0)
}

/// `p(y|x)` at the inputs of a batch: where a model meets inputs to predict.
pub(crate) fn conditional<'a, F: Features>(model: &'a Model<F>, input: &F::Input, budget: Budget) -> Conditional<'a> {
    model.conditional_on(features(model, input, budget))
}

/// Features and targets of some of the examples, whose inputs are never all on the device at once.
pub(crate) fn features_and_targets<F: Features>(
    model: &Model<F>,
    examples: &dyn Dataset<F::Input>,
    rows: Range<usize>,
    device: &Device,
    budget: Budget,
) -> [Tensor<2>; 2] {
    let mut parts = [Vec::new(), Vec::new()];
    for part in ranges(rows.len(), budget.fit(model.feature().numbers(examples.input_width()))) {
        let rows: Vec<usize> = part.map(|row| rows.start + row).collect();
        let batch = examples.batch(&rows, device);
        parts[0].push(model.features(batch.input));
        parts[1].push(batch.target);
    }
    parts.map(|parts| Tensor::cat(parts, 0))
}

/// Scores `[rows, points]` of a tile.
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub(crate) enum Scores {
    /// Where the model is.
    OnDevice(Tensor<2>),
    /// On the host, row-major, by a kernel.
    OnHost(Vec<f32>, usize),
}

impl Scores {
    /// `log Σ e^f` of each row, nats.
    pub fn log_sums(self) -> Vec<f64> {
        match self {
            Self::OnDevice(scores) => to_host(log_sum_exp(scores, 1)),
            Self::OnHost(scores, points) => log_sums(&scores, points),
        }
    }

    /// Row-major.
    pub fn into_host(self) -> Vec<f64> {
        match self {
            Self::OnDevice(scores) => to_host(scores),
            Self::OnHost(scores, _) => scores.into_iter().map(f64::from).collect(),
        }
    }
}

/// Calls `each` with rows, points and their scores until every example has been scored on the whole grid. `W_x h_x` is
/// computed once, `W_y h_y` once a call, and no tile is larger than the budget.
pub(crate) fn score_on_grid(
    energy: &EnergyNet,
    features: &Tensor<2>,
    grid: &Grid,
    budget: Budget,
    mut each: impl FnMut(Range<usize>, Range<usize>, Scores),
) {
    let projected = energy.project(features.clone());
    if !score_by_kernel(energy, &projected, grid, budget, &mut each) {
        let candidates = |points| grid.candidates(points, &features.device());
        score_all(energy, &projected, grid.len(), candidates, budget, |rows, points, scores| {
            each(rows, points, Scores::OnDevice(scores));
        });
    }
}

/// Calls `each` with rows, points and their scores `[rows, points]`, as [`score_on_grid`] does, for candidates
/// `[1, points, target]` of any kind that all examples share, by tensor operations.
fn score_all(
    energy: &EnergyNet,
    projected: &Tensor<2>,
    count: usize,
    candidates: impl Fn(Range<usize>) -> Tensor<3>,
    budget: Budget,
    mut each: impl FnMut(Range<usize>, Range<usize>, Tensor<2>),
) {
    let [batch, hidden] = projected.dims();
    let [height, width] = budget.tile(batch, count, hidden);
    for points in ranges(count, width) {
        let embedded = energy.embed(candidates(points.clone()));
        for rows in ranges(batch, height) {
            let scores = energy.combine(projected.clone().slice([rows.clone()]), embedded.clone());
            each(rows, points.clone(), scores);
        }
    }
}

/// Examples that a kernel scores before their scores are read: those of a few thousand points stay in cache.
const KERNEL_ROWS: usize = 64;

/// [`score_on_grid`] by a kernel on the host; false, and nothing done, where there is none.
fn score_by_kernel(
    energy: &EnergyNet,
    projected: &Tensor<2>,
    grid: &Grid,
    budget: Budget,
    each: &mut impl FnMut(Range<usize>, Range<usize>, Scores),
) -> bool {
    let [batch, hidden] = projected.dims();
    let width = budget.fit(Budget::COPIES * hidden).min(grid.len());
    let mut on_host = None;
    for points in ranges(grid.len(), width) {
        let y = grid.points(points.clone()).map(|y| y as f32).collect();
        let Some(shared) = Points::new(energy, y, grid.dimensions(), &projected.device()) else { return false };
        let projected = on_host.get_or_insert_with(|| host(projected));
        for rows in ranges(batch, budget.fit(width).min(KERNEL_ROWS)) {
            let scores = shared.scores(&projected[rows.start * hidden..rows.end * hidden], rows.len());
            each(rows, points.clone(), Scores::OnHost(scores, points.len()));
        }
    }
    true
}

/// Scores of every row on the grid, row-major `[rows][points]`: a table that is the caller's to bound.
pub(crate) fn table_of_scores(energy: &EnergyNet, features: &Tensor<2>, grid: &Grid, budget: Budget) -> Vec<f64> {
    let mut table = vec![0.0; features.dims()[0] * grid.len()];
    score_on_grid(energy, features, grid, budget, |rows, points, scores| {
        for (row, scores) in rows.zip(scores.into_host().chunks(points.len())) {
            table[row * grid.len()..][points.clone()].copy_from_slice(scores);
        }
    });
    table
}

/// Scores of every row at points that all examples share, row-major `[points, D]` → `[rows][points]`.
pub(crate) fn score_shared(energy: &EnergyNet, features: &Tensor<2>, points: &[f64], budget: Budget) -> Vec<f64> {
    let dimensions = energy.dimensions();
    let count = points.len() / dimensions;
    let candidates = |range: Range<usize>| {
        let some = &points[range.start * dimensions..range.end * dimensions];
        let values: Vec<f32> = some.iter().map(|&y| y as f32).collect();
        Tensor::from_data(TensorData::new(values, [1, range.len(), dimensions]), &features.device())
    };
    let mut table = vec![0.0; features.dims()[0] * count];
    score_all(energy, &energy.project(features.clone()), count, candidates, budget, |rows, points, scores| {
        for (row, scores) in rows.zip(to_host(scores).chunks(points.len())) {
            table[row * count..][points.clone()].copy_from_slice(scores);
        }
    });
    table
}

/// Scores `[batch, m]` of candidates `[batch, m, target]`, every example its own.
pub(crate) fn score_candidates(energy: &EnergyNet, features: &Tensor<2>, y: &Tensor<3>, budget: Budget) -> Tensor<2> {
    let [batch, m, _] = y.dims();
    let projected = energy.project(features.clone());
    let scores = budget.fit(Budget::COPIES * energy.widths()[1]);
    let rows = ranges(batch, (scores / m).max(1)).map(|rows| {
        let projected = projected.clone().slice([rows.clone()]);
        let scores = ranges(m, scores)
            .map(|some| energy.combine(projected.clone(), energy.embed(y.clone().slice([rows.clone(), some]))));
        Tensor::cat(scores.collect(), 1)
    });
    Tensor::cat(rows.collect(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_tile_fits_the_budget_and_is_never_empty(
            batch in 1usize..5000, points in 1usize..5_000_000, hidden in 1usize..4096,
        ) {
            let [rows, width] = Budget::default().tile(batch, points, hidden);
            prop_assert!(rows > 0 && width > 0);
            // What is left over at an edge is not computed.
            prop_assert!(rows.min(batch) * width.min(points) * hidden * 4 * Budget::COPIES <= MEMORY_BUDGET);
        }

        #[test]
        fn ranges_cover_everything_once(total in 0usize..100, size in 1usize..20) {
            let covered: Vec<usize> = ranges(total, size).flatten().collect();
            prop_assert_eq!(covered, (0..total).collect::<Vec<_>>());
            prop_assert!(ranges(total, size).all(|range| range.len() <= size));
        }
    }
}
