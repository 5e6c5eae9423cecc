//! The density of a vector: weighted draws and their log-densities.

use std::sync::Arc;

use crate::data::space::TargetSpace;
use crate::math::noise::Noise;
use crate::math::order::ascending;
use crate::predict::draws::Draws;
use crate::predict::knots::mixture_marginal;
use crate::predict::marginal::Marginal;
use crate::predict::mixture::Mixture;
use crate::predict::scoring::energy_score_by;
use crate::predict::smooth::smoothed;

/// The most draws used for the energy score, whose cost is quadratic in their number.
const ENERGY_SCORE_DRAWS: usize = 1024;

/// Weighted draws of a vector, in the user's units and standardised.
#[derive(Debug)]
pub(super) struct Joint {
    /// Row-major `[m, D]`, in the user's units.
    draws: Draws,
    /// Standardised, row-major `[m, D]`.
    standardised: Arc<[f64]>,
    /// Log-densities in the user's units, ascending, each with the cumulative weight up to it.
    levels: Vec<(f64, f64)>,
    /// Index of the draw with the highest density.
    densest: usize,
}

impl Joint {
    /// `draws` are standardised, `points` are the same points in the user's units, `log_density` is that of `draws`.
    pub fn new(draws: &Draws, points: Arc<[f64]>, log_density: &[f64], space: &TargetSpace) -> Self {
        let in_units = |(z, log): (&[f64], &f64)| {
            log + space.targets().iter().zip(z).map(|(target, &z)| target.log_jacobian_at_model(z)).sum::<f64>()
        };
        let log_probs: Vec<f64> = draws.points().chunks(space.dimensions()).zip(log_density).map(in_units).collect();
        let mut passed = 0.0;
        let order = ascending(&log_probs);
        let up_to = order.iter().map(|&i| {
            passed += draws.weights()[i];
            (log_probs[i], passed.min(1.0))
        });
        let levels = up_to.collect();
        let densest = order.iter().rev().copied().find(|&i| draws.weights()[i] > 0.0).unwrap_or(order[0]);
        Self { standardised: draws.shared_points(), draws: draws.with_points(points), levels, densest }
    }

    /// The density of one dimension: exact if the density is a `mixture`, smoothed draws otherwise.
    pub fn marginal(&self, dimension: usize, space: &TargetSpace, mixture: Option<&Mixture>) -> Marginal {
        let target = &space.targets()[dimension];
        if let Some(mixture) = mixture {
            return mixture_marginal(target, &mixture.marginal(dimension), self.draws.len()).0;
        }
        let draws = self.draws.marginal(dimension);
        let z: Vec<f64> = self.standardised.iter().skip(dimension).step_by(space.dimensions()).copied().collect();
        let curve = smoothed(target, &z, draws.weights());
        Marginal::new(*target, curve).with_draws(draws.sorted())
    }

    /// The draws, standardised, row-major `[m, D]`, and their normalised weights.
    pub fn weighted(&self) -> (&[f64], &[f64]) {
        (&self.standardised, self.draws.weights())
    }

    pub fn mode(&self) -> &[f64] {
        let dimensions = self.draws.dimensions();
        &self.draws.points()[self.densest * dimensions..][..dimensions]
    }

    /// The total weight of the draws whose log-density is at most `log_prob`.
    pub fn tail_mass(&self, log_prob: f64) -> f64 {
        if log_prob.is_nan() {
            return f64::NAN;
        }
        match self.levels.partition_point(|(level, _)| *level <= log_prob) {
            0 => 0.0,
            at if at == self.levels.len() => 1.0,
            at => self.levels[at - 1].1,
        }
    }

    /// The least log-density at which the cumulative weight reaches `tail_mass`.
    pub fn threshold(&self, tail_mass: f64) -> f64 {
        let at = self.levels.partition_point(|(_, passed)| *passed < tail_mass);
        self.levels[at.min(self.levels.len() - 1)].0
    }

    pub fn sample(&self, n: usize, noise: &mut Noise) -> Vec<f64> {
        self.draws.resample(n, noise)
    }

    pub fn energy_score(&self, observed: &[f64], space: &TargetSpace, noise: &mut Noise) -> f64 {
        let counts = |d: usize, difference: f64| space.targets()[d].difference(difference);
        if self.draws.len() <= ENERGY_SCORE_DRAWS {
            return energy_score_by(self.draws.points(), self.draws.weights(), observed, counts);
        }
        let n = ENERGY_SCORE_DRAWS;
        energy_score_by(&self.sample(n, noise), &vec![1.0 / n as f64; n], observed, counts)
    }
}

#[cfg(test)]
mod laws;
