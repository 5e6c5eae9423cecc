//! Natural-gradient boosting of a Gaussian's mean and log-scale.

use std::f64::consts::TAU;
use std::ops::ControlFlow;

use super::bins::Bins;
use super::config::{TreeConfig, TreesConfig};
use super::grow::{Grower, Shape};
use super::tree::Tree;
use crate::math::noise::{Noise, Purpose};

/// Rounds between two validations.
const VALIDATE_EVERY: usize = 5;
/// Log-scales are clamped to ± this: from a thousandth to a thousand times the deviation of the target.
const LOG_SCALE_LIMIT: f64 = 7.0;
/// The largest weight of a row in a fit of the mean, relative to the mean weight.
const MOST_WEIGHT: f64 = 20.0;
/// The largest step of a log-scale, before it is multiplied by the rate. A row far off would otherwise rule its leaf.
const MOST_STEP: f64 = 3.0;

/// Examples on the host: inputs are rows of `width` numbers, row-major; targets are standardised scalars.
pub(super) struct Rows {
    pub inputs: Vec<f32>,
    pub width: usize,
    pub targets: Vec<f64>,
}

impl Rows {
    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.inputs.chunks_exact(self.width)
    }
}

/// A Gaussian for each of some rows.
pub(super) struct Gaussians {
    pub means: Vec<f64>,
    pub log_scales: Vec<f64>,
}

impl Gaussians {
    fn new(count: usize, [mean, log_scale]: [f32; 2]) -> Self {
        Self { means: vec![mean.into(); count], log_scales: vec![log_scale.into(); count] }
    }

    fn add(&mut self, [mean, log_scale]: [&Tree; 2], rows: &Rows) {
        for ((row, of_mean), of_scale) in rows.rows().zip(&mut self.means).zip(&mut self.log_scales) {
            *of_mean += mean.value(row);
            *of_scale = add_log_scale(*of_scale, log_scale.value(row));
        }
    }

    /// `(z − μ) / σ`
    pub fn standardised(&self, targets: &[f64]) -> impl Iterator<Item = f64> {
        let parameters = self.means.iter().zip(&self.log_scales);
        targets.iter().zip(parameters).map(|(z, (mean, log_scale))| (z - mean) * (-log_scale).exp())
    }

    /// The mean negative log-likelihood, nats.
    fn nll(&self, targets: &[f64]) -> f64 {
        let terms = self.standardised(targets).zip(&self.log_scales).map(|(u, log_scale)| 0.5 * u * u + log_scale);
        terms.sum::<f64>() / targets.len() as f64 + 0.5 * TAU.ln()
    }
}

/// Trees of the rounds up to the one with the least validation loss.
pub(super) struct Boosted {
    /// Mean and log-scale before the first round.
    pub start: [f32; 2],
    pub means: Vec<Tree>,
    pub log_scales: Vec<Tree>,
    /// The predictions of the validation rows.
    pub validation: Gaussians,
}

/// The direction in which the negative log-likelihood of a Gaussian falls fastest, in the metric of its Fisher
/// information `diag(1/σ², 2)`: `[z − μ, ½ (u² − 1)]` for the residual `z − μ` and `u = (z − μ)/σ`.
pub(super) fn natural_step(residual: f64, log_scale: f64) -> [f64; 2] {
    let u = residual * (-log_scale).exp();
    [residual, 0.5 * (u * u - 1.0)]
}

/// The log-scale after a step.
pub(super) fn add_log_scale(log_scale: f64, step: f64) -> f64 {
    (log_scale + step).clamp(-LOG_SCALE_LIMIT, LOG_SCALE_LIMIT)
}

/// Boosts until the validation loss no longer falls. Calls `progress` after each round, with the number of rounds and the
/// last validation loss, nats, which is computed every fifth round; `None` if that breaks.
///
/// Row `i` of round `r` is fitted to if uniform number `i` of `Noise(seed, Subsample, r, 0)` is less than the fraction.
pub(super) fn boost(
    examples: &Rows,
    validation: &Rows,
    config: &TreesConfig,
    seed: u64,
    mut progress: impl FnMut(usize, f64) -> ControlFlow<()>,
) -> Option<Boosted> {
    let bins = Bins::new(&examples.inputs, examples.width);
    let mut grower = Grower::new(&bins);
    let count = examples.targets.len();
    let start = start(&examples.targets);
    let mut now = Gaussians::new(count, start);
    let mut held_out = Gaussians::new(validation.targets.len(), start);
    let (mut means, mut log_scales) = (Vec::new(), Vec::new());
    let mut loss = held_out.nll(&validation.targets);
    let mut best = (0, loss);
    let ones = vec![1.0; count];
    for round in 0..config.rounds {
        let mut noise = Noise::new(seed, Purpose::Subsample, round, 0);
        let drawn = noise.uniforms(count).into_iter().zip(0..);
        let rows: Vec<u32> = drawn.filter(|(u, _)| f64::from(*u) < config.fraction).map(|(_, row)| row).collect();
        let residuals = examples.targets.iter().zip(&now.means).map(|(z, mean)| z - mean);
        let steps = residuals.zip(&now.log_scales).map(|(residual, log_scale)| natural_step(residual, *log_scale));
        let (of_mean, of_scale): (Vec<f64>, Vec<f64>) =
            steps.map(|[mean, log_scale]| (mean, log_scale.min(MOST_STEP))).unzip();
        let mean = grower.grow(rows.clone(), &of_mean, &precisions(&now.log_scales), shape(&config.mean));
        let log_scale = grower.grow(rows, &of_scale, &ones, shape(&config.log_scale));
        now.add([&mean, &log_scale], examples);
        held_out.add([&mean, &log_scale], validation);
        means.push(mean);
        log_scales.push(log_scale);
        let rounds = round + 1;
        if rounds % VALIDATE_EVERY == 0 {
            loss = held_out.nll(&validation.targets);
            if loss < best.1 {
                best = (rounds, loss);
            }
        }
        if progress(rounds, loss).is_break() {
            return None;
        }
        if rounds - best.0 >= config.patience {
            break;
        }
    }
    means.truncate(best.0);
    log_scales.truncate(best.0);
    let mut held_out = Gaussians::new(validation.targets.len(), start);
    for trees in means.iter().zip(&log_scales) {
        held_out.add(trees.into(), validation);
    }
    Some(Boosted { start, means, log_scales, validation: held_out })
}

/// Mean and log standard deviation of the targets.
fn start(targets: &[f64]) -> [f32; 2] {
    let count = targets.len() as f64;
    let mean = targets.iter().sum::<f64>() / count;
    let variance = targets.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / count;
    [mean as f32, add_log_scale(0.0, 0.5 * variance.ln()) as f32]
}

/// Weights of rows in a fit of the mean: `1/σ²`, divided by their mean, at most [`MOST_WEIGHT`].
fn precisions(log_scales: &[f64]) -> Vec<f64> {
    let precisions: Vec<f64> = log_scales.iter().map(|log_scale| (-2.0 * log_scale).exp()).collect();
    let mean = precisions.iter().sum::<f64>() / precisions.len() as f64;
    precisions.into_iter().map(|precision| (precision / mean).min(MOST_WEIGHT)).collect()
}

fn shape(&TreeConfig { rate, depth, least_rows }: &TreeConfig) -> Shape {
    Shape { depth, least_rows, rate }
}
