//! Scores of many candidates in bounded memory: the matrix of rows × candidates is computed in tiles.

use std::ops::Range;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use crate::data::dataset::Dataset;
use crate::density::GaussianMixture;
use crate::kernel::log_sums;
use crate::loss::Candidates;
use crate::math::grid::Grid;
use crate::math::host::{host, to_host};
use crate::math::num::log_sum_exp;
use crate::method::conditional::{Conditional, Unnormalised};
use crate::method::model::Model;
use crate::network::energy::Points;
use crate::network::features::Features;
use crate::network::input::Input;

/// The most examples predicted at a time. In importance sampling, they share one stream of noise.
pub const CHUNK: usize = 256;

/// Limit in bytes on the intermediate results of an evaluation or prediction, not counting inputs and outputs.
pub const MEMORY_BUDGET: usize = 64 << 20;

/// The memory limit for intermediate results, in bytes. Results depend on it only by rounding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget(pub usize);

impl Default for Budget {
    fn default() -> Self {
        Self(MEMORY_BUDGET)
    }
}

impl Budget {
    /// Arrays of size `rows × points × hidden` held at a time: a sum, its activation, a layer's output, their sum.
    const COPIES: usize = 4;

    /// How many items of `numbers` `f32` values each fit; at least one.
    pub fn fit(self, numbers: usize) -> usize {
        (self.0 / (4 * numbers)).max(1)
    }

    /// The rows and candidates of a tile. The tile is about square, because it reads one row of projected features for
    /// every column and one column of embedded candidates for every row.
    fn tile(self, batch: usize, candidates: usize, hidden: usize) -> [usize; 2] {
        let scores = self.fit(Self::COPIES * hidden);
        let rows = scores.isqrt().min(batch).max(scores / candidates).max(1);
        [rows, (scores / rows).max(1)]
    }

    /// How many examples a model can evaluate at a time.
    pub fn rows<F: Features>(self, model: &Model<F>) -> usize {
        self.fit(Self::COPIES * model.feature().width())
    }
}

/// Splits `0..total` into ranges of at most `size`.
pub(crate) fn ranges(total: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..total).step_by(size).map(move |start| start..(start + size).min(total))
}

/// The device of a model, without autodiff.
pub(crate) fn device<F: Features>(model: &Model<F>) -> Device {
    model.devices().into_iter().next().expect("a model has parameters").inner()
}

/// Features `[batch, features]` of a batch of inputs on any device. The backbone runs on as many at a time as fit.
pub(crate) fn features<F: Features>(model: &Model<F>, input: &F::Input, budget: Budget) -> Tensor<2> {
    let device = device(model);
    let parts = ranges(input.rows(), budget.fit(model.feature().numbers(input.width())));
    Tensor::cat(parts.map(|rows| model.features(input.slice(rows).on(&device))).collect(), 0)
}

/// `p(y|x)` at a batch of inputs on any device. The backbone runs on as many at a time as fit.
pub(crate) fn conditional<'a, F: Features>(model: &'a Model<F>, input: &F::Input, budget: Budget) -> Conditional<'a> {
    model.conditional_on(features(model, input, budget))
}

/// Features `[rows, features]` and targets `[rows, target]` of some examples. Inputs are moved to the device in parts.
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
    /// On the model's device, `[rows, points]`.
    OnDevice(Tensor<2>),
    /// From a kernel on the host: row-major `[rows, points]`, and the number of points.
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

    /// The scores on the host, row-major `[rows, points]`.
    pub fn into_host(self) -> Vec<f64> {
        match self {
            Self::OnDevice(scores) => to_host(scores),
            Self::OnHost(scores, _) => scores.into_iter().map(f64::from).collect(),
        }
    }
}

/// Log-densities `[batch, points]`, nats, of all mixtures at points `[1, points, target]` that they share.
pub(crate) fn log_prob_shared(q: &GaussianMixture, y: &Tensor<3>, budget: Budget) -> Tensor<2> {
    let [batch, target, components] = q.means().dims();
    let parts = ranges(y.dims()[1], budget.fit(Budget::COPIES * batch * components)).map(|points| {
        let count = points.len();
        q.log_prob(y.clone().slice([0..1, points]).expand([batch, count, target]))
    });
    Tensor::cat(parts.collect(), 1)
}

/// `log q` of some rows at points `[1, points, target]`, `[rows, points]`, if scores are relative to it.
fn base(f: &Unnormalised<'_>, rows: &Range<usize>, y: impl FnOnce() -> Tensor<3>, budget: Budget) -> Option<Tensor<2>> {
    f.base().map(|q| log_prob_shared(&q.rows(rows.clone()), &y(), budget))
}

/// Scores every example on the whole grid and calls `each` with the rows, points and scores of every tile. `W_x h_x` is
/// computed once, `W_y h_y` once for every range of points. No tile exceeds the budget.
pub(crate) fn score_on_grid(
    f: &Unnormalised<'_>,
    grid: &Grid,
    budget: Budget,
    mut each: impl FnMut(Range<usize>, Range<usize>, Scores),
) {
    let projected = f.network.project(f.features.clone());
    if !score_by_kernel(f, &projected, grid, budget, &mut each) {
        let candidates = |points| grid.candidates(points, &projected.device());
        score_all(f, &projected, grid.len(), candidates, budget, |rows, points, scores| {
            each(rows, points, Scores::OnDevice(scores));
        });
    }
}

/// [`score_on_grid`] by tensor operations, for any candidates `[1, points, target]` that all examples share.
/// `projected`: `[batch, hidden]`. Calls `each` with rows, points and scores `[rows, points]`.
fn score_all(
    f: &Unnormalised<'_>,
    projected: &Tensor<2>,
    count: usize,
    candidates: impl Fn(Range<usize>) -> Tensor<3>,
    budget: Budget,
    mut each: impl FnMut(Range<usize>, Range<usize>, Tensor<2>),
) {
    let [batch, hidden] = projected.dims();
    let [height, width] = budget.tile(batch, count, hidden);
    for points in ranges(count, width) {
        let y = candidates(points.clone());
        let embedded = f.network.embed(y.clone());
        for rows in ranges(batch, height) {
            let output = f.network.combine(projected.clone().slice([rows.clone()]), embedded.clone());
            let scores = match base(f, &rows, || y.clone(), budget) {
                Some(log_q) => log_q + output,
                None => output,
            };
            each(rows, points.clone(), scores);
        }
    }
}

/// Examples that a kernel scores at a time. Their scores at a few thousand points fit in the cache.
const KERNEL_ROWS: usize = 64;

/// [`score_on_grid`] by a kernel on the host. Returns false, without calling `each`, if there is no kernel for the
/// network or device.
fn score_by_kernel(
    f: &Unnormalised<'_>,
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
        let Some(shared) = Points::new(f.network, y, grid.dimensions(), &projected.device()) else { return false };
        let (device, projected) = (projected.device(), on_host.get_or_insert_with(|| host(projected)));
        for rows in ranges(batch, budget.fit(width).min(KERNEL_ROWS)) {
            let mut scores = shared.scores(&projected[rows.start * hidden..rows.end * hidden], rows.len());
            if let Some(log_q) = base(f, &rows, || grid.candidates(points.clone(), &device), budget) {
                scores.iter_mut().zip(host(&log_q)).for_each(|(score, log_q)| *score += log_q);
            }
            each(rows, points.clone(), Scores::OnHost(scores, points.len()));
        }
    }
    true
}

/// Scores of every row on the grid, row-major `[rows][points]`. The caller limits the size of this table.
pub(crate) fn table_of_scores(f: &Unnormalised<'_>, grid: &Grid, budget: Budget) -> Vec<f64> {
    let mut table = vec![0.0; f.features.dims()[0] * grid.len()];
    score_on_grid(f, grid, budget, |rows, points, scores| {
        for (row, scores) in rows.zip(scores.into_host().chunks(points.len())) {
            table[row * grid.len()..][points.clone()].copy_from_slice(scores);
        }
    });
    table
}

/// Scores of every row, row-major `[rows][points]`, at points that all examples share, row-major `[points, D]`.
pub(crate) fn score_shared(f: &Unnormalised<'_>, points: &[f64], budget: Budget) -> Vec<f64> {
    let dimensions = f.network.dimensions();
    let count = points.len() / dimensions;
    let candidates = |range: Range<usize>| {
        let some = &points[range.start * dimensions..range.end * dimensions];
        let values: Vec<f32> = some.iter().map(|&y| y as f32).collect();
        Tensor::from_data(TensorData::new(values, [1, range.len(), dimensions]), &f.features.device())
    };
    let mut table = vec![0.0; f.features.dims()[0] * count];
    let projected = f.network.project(f.features.clone());
    score_all(f, &projected, count, candidates, budget, |rows, points, scores| {
        for (row, scores) in rows.zip(to_host(scores).chunks(points.len())) {
            table[row * count..][points.clone()].copy_from_slice(scores);
        }
    });
    table
}

/// Scores and log-densities of candidates `[batch, m, target]`, where every example has its own candidates. The
/// log-densities are NaN without a proposal.
pub(crate) fn score_candidates(f: &Unnormalised<'_>, y: &Tensor<3>, budget: Budget) -> Candidates {
    let [batch, m, _] = y.dims();
    let network = f.network;
    let projected = network.project(f.features.clone());
    let scores = budget.fit(Budget::COPIES * network.widths()[1]);
    let rows = ranges(batch, (scores / m).max(1)).map(|rows| {
        let projected = projected.clone().slice([rows.clone()]);
        let scores = ranges(m, scores)
            .map(|some| network.combine(projected.clone(), network.embed(y.clone().slice([rows.clone(), some]))));
        Tensor::cat(scores.collect(), 1)
    });
    let output = Tensor::cat(rows.collect(), 0);
    let log_q = f.proposal().map_or_else(|| output.full_like(f32::NAN), |q| q.log_prob(y.clone()));
    Candidates { score: f.form().score(output, || log_q.clone()), log_q }
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
            // Tiles at an edge are cut off.
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
