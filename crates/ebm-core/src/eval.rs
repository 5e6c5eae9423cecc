//! Evaluation on grids shared by all examples, as the paper's tables were made.

use burn::tensor::{Tensor, TensorData};

use crate::loss::{Candidates, log_partition};
use crate::model::Conditional;
use crate::predict::to_host;
use crate::{Dataset, Density, Model};

/// Elements of the largest intermediate, `rows × grid × hidden`.
const CHUNK: usize = 1 << 20;

/// Calls `each` with the index of an example, its log-density in nats on the grid, and at its own target if asked for.
///
/// The density is normalised on the grid: `log Z = logsumexp(f) + log(length) − log(points)`, which is
/// [`log_partition`] with the grid as candidates of a uniform proposal. A mixture's density is
/// exact and not renormalised.
fn on_grid(model: &Model, examples: &dyn Dataset, grid: &[f64], mut each: impl FnMut(usize, &[f64], f64)) {
    let device = burn::module::Module::devices(model).into_iter().next().expect("a model has parameters").inner();
    let points = grid.len();
    let length = grid[points - 1] - grid[0];
    let shared: Vec<f32> = grid.iter().map(|&y| y as f32).collect();
    let shared = Tensor::<3>::from_data(TensorData::new(shared, [1, points, 1]), &device);
    let rows_at_once = (CHUNK / (points * 10)).max(1);
    let mut embedded = None;
    let all: Vec<usize> = (0..examples.len()).collect();
    for rows in all.chunks(rows_at_once) {
        let batch = examples.batch(rows, &device);
        let y: Tensor<3> = batch.target.unsqueeze_dim(1);
        let (on_grid, at_target) = match model.conditional(batch.input) {
            Conditional::Mixture(mixture) => {
                (mixture.log_prob(shared.clone().expand([rows.len(), points, 1])), mixture.log_prob(y))
            }
            Conditional::Energy { energy, features, .. } => {
                let embedded = embedded.get_or_insert_with(|| energy.embed(shared.clone())).clone();
                let score = energy.combine(features.clone(), embedded);
                let log_q = Tensor::full(score.dims(), -length.ln(), &device);
                let log_z = log_partition(Candidates { score: score.clone(), log_q }).unsqueeze_dim(1);
                (score - log_z.clone(), energy.score(features, y) - log_z)
            }
        };
        let (on_grid, at_target) = (to_host(on_grid), to_host(at_target));
        for (i, row) in rows.iter().enumerate() {
            each(*row, &on_grid[i * points..(i + 1) * points], at_target[i]);
        }
    }
}

/// `−log p(y_i|x_i)` of every example in nats, an energy model normalised on the grid, a mixture exact.
pub fn nll_on_grid(model: &Model, examples: &dyn Dataset, grid: &[f64]) -> Vec<f64> {
    let mut nll = vec![0.0; examples.len()];
    on_grid(model, examples, grid, |row, _, at_target| nll[row] = -at_target);
    nll
}

/// `log p(y|x)` in nats for every example's input (targets are ignored), row-major `[examples][grid]`.
pub fn log_prob_on_grid(model: &Model, examples: &dyn Dataset, grid: &[f64]) -> Vec<f32> {
    let mut values = Vec::with_capacity(examples.len() * grid.len());
    on_grid(model, examples, grid, |_, log_prob, _| values.extend(log_prob.iter().map(|&l| l as f32)));
    values
}

/// `log q(y|x)` of the proposal, as [`log_prob_on_grid`] gives it for the model; `None` if there is no proposal.
pub fn log_proposal_on_grid(model: &Model, examples: &dyn Dataset, grid: &[f64]) -> Option<Vec<f32>> {
    let device = burn::module::Module::devices(model).into_iter().next()?.inner();
    let shared: Vec<f32> = grid.iter().map(|&y| y as f32).collect();
    let shared = Tensor::<3>::from_data(TensorData::new(shared, [1, grid.len(), 1]), &device);
    let all: Vec<usize> = (0..examples.len()).collect();
    let mut values = Vec::with_capacity(examples.len() * grid.len());
    for rows in all.chunks((CHUNK / (grid.len() * 10)).max(1)) {
        let (Conditional::Mixture(q) | Conditional::Energy { proposal: Some(q), .. }) =
            model.conditional(examples.batch(rows, &device).input)
        else {
            return None;
        };
        let log_q = q.log_prob(shared.clone().expand([rows.len(), grid.len(), 1]));
        values.extend(log_q.into_data().iter::<f32>());
    }
    Some(values)
}

/// `KL(truth ‖ model)` in nats as Table 1 counts it: the mean over the inputs of `Σ p log(p / p_model)`, both
/// normalised as sums on the grid, `1e-30` added to the truth.
pub fn kl_on_grid(model: &Model, examples: &dyn Dataset, grid: &[f64], truth: impl Fn(usize, f64) -> f64) -> f64 {
    let mut total = 0.0;
    on_grid(model, examples, grid, |row, log_prob, _| {
        let density: Vec<f64> = grid.iter().map(|&y| truth(row, y).exp()).collect();
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
