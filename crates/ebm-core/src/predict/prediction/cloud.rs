//! What is known of a vector: weighted draws and their density.

use super::knots::mixture_marginal;
use super::marginal::Marginal;
use super::score::Score;
use super::smooth::smoothed;
use crate::data::space::TargetSpace;
use crate::math::noise::Noise;
use crate::predict::draws::ascending;
use crate::predict::{Draws, Predictive, scoring};

/// Weighted draws of a vector, in the user's units and as the networks see them.
#[derive(Debug)]
pub(super) struct Cloud {
    /// In the user's units.
    draws: Draws,
    /// As the networks see them, row-major `[m, D]`.
    seen: Vec<f64>,
    /// Log-densities in the user's units, ascending, and the weight of the draws up to each.
    levels: Vec<(f64, f64)>,
    densest: usize,
}

impl Cloud {
    /// From draws of what the networks see, with their log-densities there; weights are 0 beyond the support.
    pub fn new(draws: &Draws, log_density: &[f64], space: &TargetSpace) -> Self {
        let dimensions = space.dimensions();
        let rows = || draws.points().chunks(dimensions);
        let points: Vec<f64> = rows().flat_map(|z| space.from_model(z)).collect();
        let in_units = |(z, log): (&[f64], &f64)| {
            log + space.targets().iter().zip(z).map(|(target, &z)| target.log_jacobian_at_model(z)).sum::<f64>()
        };
        let log_probs: Vec<f64> = rows().zip(log_density).map(in_units).collect();
        let mut passed = 0.0;
        let order = ascending(&log_probs);
        let up_to = order.iter().map(|&i| {
            passed += draws.weights()[i];
            (log_probs[i], passed.min(1.0))
        });
        let levels = up_to.collect();
        let densest = order.iter().rev().copied().find(|&i| draws.weights()[i] > 0.0).unwrap_or(order[0]);
        Self { seen: draws.points().to_vec(), draws: draws.with_points(points), levels, densest }
    }

    pub fn marginal(&self, dimension: usize, space: &TargetSpace, score: &Score<'_>) -> Marginal {
        let target = &space.targets()[dimension];
        if let Score::Mixture(mixture) = score {
            return mixture_marginal(target, &mixture.marginal(dimension), self.draws.len()).0;
        }
        let draws = self.draws.marginal(dimension);
        let seen: Vec<f64> = self.seen.iter().skip(dimension).step_by(space.dimensions()).copied().collect();
        let curve = smoothed(target, &seen, draws.weights());
        Marginal::new(*target, curve).with_draws(draws.sorted())
    }

    pub fn mode(&self) -> &[f64] {
        let dimensions = self.draws.dimensions();
        &self.draws.points()[self.densest * dimensions..][..dimensions]
    }

    /// The weight of the draws no denser than this.
    pub fn outside(&self, log_prob: f64) -> f64 {
        match self.levels.partition_point(|(level, _)| *level <= log_prob) {
            0 => 0.0,
            at if at == self.levels.len() => 1.0,
            at => self.levels[at - 1].1,
        }
    }

    /// The least log-density of a draw with at least `outside` up to it.
    pub fn threshold(&self, outside: f64) -> f64 {
        let at = self.levels.partition_point(|(_, passed)| *passed < outside);
        self.levels[at.min(self.levels.len() - 1)].0
    }

    pub fn sample(&self, n: usize, noise: &mut Noise) -> Vec<f64> {
        self.draws.resample(n, noise)
    }

    pub fn energy_score(&self, observed: &[f64], space: &TargetSpace, noise: &mut Noise) -> f64 {
        let counts = |d: usize, difference: f64| space.targets()[d].difference(difference);
        if self.draws.len() <= Predictive::ENERGY_SCORE_DRAWS {
            return scoring::energy_score_by(self.draws.points(), self.draws.weights(), observed, counts);
        }
        let n = Predictive::ENERGY_SCORE_DRAWS;
        scoring::energy_score_by(&self.sample(n, noise), &vec![1.0 / n as f64; n], observed, counts)
    }
}
