//! Known densities, and rows drawn from them.

use std::f64::consts::{PI, TAU};
use std::fmt::Write;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Beta, Distribution, Poisson, StandardNormal};

/// A density of a target given a number x in [−2, 2] and a category g; a third column is noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownDensity {
    /// A Gaussian of constant width around a curve.
    OneMode,
    /// Two Gaussians whose means move apart.
    TwoModes,
    /// A Gaussian whose width changes fourfold.
    Heteroscedastic,
    /// A beta distribution on [0, 1].
    Bounded,
    /// A Poisson distribution.
    Count,
    /// A wrapped Gaussian in degrees that crosses 0.
    Angle,
    /// Two targets, the second around the square of the first.
    TwoTargets,
}

/// The categories, and what each adds to the target.
pub const CATEGORIES: [&str; 3] = ["red", "green", "blue"];
const SHIFTS: [f64; 3] = [0.0, 0.5, -0.5];

/// Rows of a density.
pub struct Drawn {
    /// As a CSV file.
    pub csv: String,
    /// Mean of −log p of their targets, nats.
    pub nll: f64,
}

impl KnownDensity {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::OneMode,
        Self::TwoModes,
        Self::Heteroscedastic,
        Self::Bounded,
        Self::Count,
        Self::Angle,
        Self::TwoTargets,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneMode => "one-mode",
            Self::TwoModes => "two-modes",
            Self::Heteroscedastic => "heteroscedastic",
            Self::Bounded => "bounded",
            Self::Count => "count",
            Self::Angle => "angle",
            Self::TwoTargets => "two-targets",
        }
    }

    /// The target's arguments of `ebm train`.
    pub fn flags(self) -> &'static [&'static str] {
        match self {
            Self::OneMode | Self::TwoModes | Self::Heteroscedastic => &["--target", "y"],
            Self::Bounded => &["--target", "y", "--target-kind", "bounded:0,1"],
            Self::Count => &["--target", "y", "--target-kind", "count"],
            Self::Angle => &["--target", "y", "--target-kind", "angle:360"],
            Self::TwoTargets => &["--target", "y,z"],
        }
    }

    /// Rows that depend only on their number, the seed and the part.
    pub fn draw(self, rows: usize, seed: u64, part: u64) -> Drawn {
        let mut key = [0; 32];
        for (slot, word) in key.chunks_exact_mut(8).zip([seed, part, self as u64, 0x6b6e_6f77]) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        let mut csv = if self == Self::TwoTargets { "x,noise,g,y,z\n" } else { "x,noise,g,y\n" }.to_owned();
        let mut log_prob = 0.0;
        for _ in 0..rows {
            let x = rng.random_range(-2.0..2.0);
            let noise: f64 = rng.sample(StandardNormal);
            let g = rng.random_range(0..3_usize);
            let (targets, log_density) = self.draw_target(x, g, &mut rng);
            log_prob += log_density;
            write!(csv, "{x},{noise},{}", CATEGORIES[g]).expect("a string takes everything");
            targets.iter().for_each(|y| write!(csv, ",{y}").expect("a string takes everything"));
            csv.push('\n');
        }
        Drawn { csv, nll: -log_prob / rows as f64 }
    }

    /// `[weight, mean, sd]` of each component at a number and a category; `None` if it is not a mixture of Gaussians.
    pub fn gaussians(self, x: f64, g: usize) -> Option<Vec<[f64; 3]>> {
        let shift = SHIFTS[g];
        match self {
            Self::OneMode => Some(vec![[1.0, (2.0 * x).sin() + shift, 0.3]]),
            Self::Heteroscedastic => Some(vec![[1.0, x + shift, 0.2 + 0.2 * (x + 2.0)]]),
            Self::TwoModes => Some(vec![[0.6, 1.0 + 0.5 * x + shift, 0.25], [0.4, -1.0 - 0.5 * x + shift, 0.25]]),
            Self::Bounded | Self::Count | Self::Angle | Self::TwoTargets => None,
        }
    }

    /// A target, and its log-density in nats.
    fn draw_target(self, x: f64, g: usize, rng: &mut ChaCha8Rng) -> (Vec<f64>, f64) {
        let shift = SHIFTS[g];
        let mut gauss = || -> f64 { rng.sample(StandardNormal) };
        match self {
            Self::OneMode | Self::Heteroscedastic | Self::TwoModes => {
                let parts = self.gaussians(x, g).expect("a mixture of Gaussians");
                let noise = gauss();
                let at = usize::from(parts.len() > 1 && rng.random::<f64>() >= parts[0][0]);
                let [_, mean, sd] = parts[at];
                let y = mean + sd * noise;
                let terms: Vec<f64> = parts.iter().map(|&[w, mean, sd]| w.ln() + log_normal(y, mean, sd)).collect();
                (vec![y], log_sum_exp(&terms))
            }
            Self::Bounded => {
                let [mean, size] = [1.0 / (1.0 + (-x - shift).exp()), 6.0];
                let [a, b] = [mean * size, (1.0 - mean) * size];
                let y = Beta::new(a, b).expect("both are positive").sample(rng);
                let log_norm = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b);
                (vec![y], log_norm + (a - 1.0) * y.ln() + (b - 1.0) * (-y).ln_1p())
            }
            Self::Count => {
                let rate = (1.0 + 0.6 * x + shift).exp();
                let y: f64 = Poisson::new(rate).expect("a rate is positive").sample(rng);
                (vec![y], y * rate.ln() - rate - libm::lgamma(y + 1.0))
            }
            Self::Angle => {
                let (mean, sd) = (0.8 * x + shift, 0.4);
                let radians = mean + sd * gauss();
                let degrees = (radians * 180.0 / PI).rem_euclid(360.0);
                let around: Vec<f64> =
                    (-4..=4).map(|turn| log_normal(radians + TAU * f64::from(turn), mean, sd)).collect();
                (vec![degrees], log_sum_exp(&around) + (PI / 180.0).ln())
            }
            Self::TwoTargets => {
                let y = 0.5 * x + shift + 0.6 * gauss();
                let z = y * y + 0.3 * gauss();
                (vec![y, z], log_normal(y, 0.5 * x + shift, 0.6) + log_normal(z, y * y, 0.3))
            }
        }
    }
}

fn log_normal(y: f64, mean: f64, sd: f64) -> f64 {
    -0.5 * ((y - mean) / sd).powi(2) - sd.ln() - 0.5 * TAU.ln()
}

fn log_sum_exp(terms: &[f64]) -> f64 {
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + terms.iter().map(|term| (term - largest).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_a_function_of_seed_and_part() {
        for density in KnownDensity::ALL {
            let drawn = density.draw(5, 1, 0).csv;
            assert_eq!(drawn, density.draw(5, 1, 0).csv);
            assert_ne!(drawn, density.draw(5, 2, 0).csv);
            assert_ne!(drawn, density.draw(5, 1, 1).csv);
            assert_eq!(drawn.lines().count(), 6);
        }
    }

    #[test]
    fn the_mean_log_density_of_many_rows_is_the_entropy() {
        // Entropies of Gaussians: ½ log 2πe + log sd. Five standard errors of a mean whose terms have sd √½ each.
        let n = 40_000;
        let bound = 5.0 * (0.5 / n as f64).sqrt();
        let gaussian = |sd: f64| 0.5 * (TAU * std::f64::consts::E).ln() + sd.ln();
        let nll = |density: KnownDensity| density.draw(n, 0, 0).nll;
        assert!((nll(KnownDensity::OneMode) - gaussian(0.3)).abs() < bound);
        assert!((nll(KnownDensity::TwoTargets) - gaussian(0.6) - gaussian(0.3)).abs() < 2.0 * bound);
        // So narrow that it is a Gaussian in degrees.
        assert!((nll(KnownDensity::Angle) - gaussian(0.4 * 180.0 / PI)).abs() < bound);
    }
}
