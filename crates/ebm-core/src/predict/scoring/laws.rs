//! Laws of scoring rules: closed forms, agreement with each other, uniformity and propriety.

use std::f64::consts::PI;

use super::*;
use crate::math::noise::{Noise, Purpose};

fn noise(seed: u64) -> Noise {
    Noise::new(seed, Purpose::Prediction, 0, 0)
}

fn gaussian(n: usize, mean: f64, scale: f64, noise: &mut Noise) -> Vec<f64> {
    (0..n).map(|_| mean + scale * noise.gauss()).collect()
}

/// Random normalised weights.
fn weights(n: usize, noise: &mut Noise) -> Vec<f64> {
    let raw: Vec<f64> = (0..n).map(|_| noise.unit()).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|w| w / sum).collect()
}

/// `σ (z (2Φ(z) − 1) + 2φ(z) − 1/√π)`, Gneiting and Raftery (2007), eq. (5).
fn gaussian_crps(mean: f64, scale: f64, observed: f64) -> f64 {
    let z = (observed - mean) / scale;
    scale * (z * libm::erf(z / 2f64.sqrt()) + 2.0 * (-0.5 * z * z).exp() / (2.0 * PI).sqrt() - 1.0 / PI.sqrt())
}

#[test]
fn the_crps_of_a_point_mass_is_the_distance() {
    for observed in [-3.0, 2.0, 7.5] {
        assert_eq!(crps(&[2.0], &[1.0], observed), (observed - 2.0f64).abs());
        assert!((crps(&[2.0; 5], &[0.2; 5], observed) - (observed - 2.0f64).abs()).abs() < 1e-12);
        assert!((mixture_crps([(1.0, 2.0, 1e-12)].into_iter(), observed) - (observed - 2.0f64).abs()).abs() < 1e-11);
    }
}

#[test]
fn the_crps_of_one_gaussian_has_its_closed_form() {
    for observed in [-4.0, 0.3, 1.0, 30.0] {
        let expected = gaussian_crps(0.7, 1.3, observed);
        let split = [(0.25, 0.7, 1.3), (0.75, 0.7, 1.3)];
        assert!((mixture_crps(split.into_iter(), observed) - expected).abs() < 1e-12);
    }
}

#[test]
fn the_crps_of_draws_is_the_double_sum_over_them() {
    let noise = &mut noise(1);
    let (y, w) = (gaussian(60, 0.0, 2.0, noise), weights(60, noise));
    for observed in [-9.0, y[7], 0.123, 9.0] {
        let to_observed: f64 = y.iter().zip(&w).map(|(y, w)| w * (y - observed).abs()).sum();
        let among: f64 =
            y.iter().zip(&w).flat_map(|(a, v)| y.iter().zip(&w).map(move |(b, w)| v * w * (a - b).abs())).sum();
        assert!((crps(&y, &w, observed) - (to_observed - 0.5 * among)).abs() < 1e-12);
    }
}

#[test]
fn the_crps_of_draws_from_a_mixture_approaches_the_mixtures_own() {
    let noise = &mut noise(2);
    let n = 100_000;
    let y: Vec<f64> =
        (0..n).map(|_| if noise.unit() < 0.3 { -2.0 + 0.5 * noise.gauss() } else { 1.0 + noise.gauss() }).collect();
    for observed in [-2.5, 0.0, 4.0] {
        let exact = mixture_crps([(0.3, -2.0, 0.5), (0.7, 1.0, 1.0)].into_iter(), observed);
        // The standard error is below sd/√n = 0.006; four of them.
        assert!((crps(&y, &vec![1.0 / n as f64; n], observed) - exact).abs() < 0.024);
    }
}

#[test]
fn the_energy_score_of_a_scalar_is_its_crps() {
    let noise = &mut noise(3);
    let (y, w) = (gaussian(200, 1.0, 2.0, noise), weights(200, noise));
    for observed in [-5.0, 0.5, 8.0] {
        assert!((energy_score(&y, &w, &[observed]) - crps(&y, &w, observed)).abs() < 1e-12);
    }
}

#[test]
fn the_energy_score_does_not_change_when_draws_and_observation_are_turned_together() {
    let noise = &mut noise(4);
    let (y, w) = (gaussian(100, 0.0, 1.0, noise), weights(50, noise));
    let turn = |y: &[f64]| -> Vec<f64> {
        y.chunks(2).flat_map(|y| [0.6 * y[0] - 0.8 * y[1], 0.8 * y[0] + 0.6 * y[1]]).collect()
    };
    let observed = [0.4, -1.1];
    assert!((energy_score(&y, &w, &observed) - energy_score(&turn(&y), &w, &turn(&observed))).abs() < 1e-12);
}

#[test]
fn the_pit_of_the_truth_is_uniform() {
    const EXAMPLES: usize = 2000;
    let noise = &mut noise(5);
    // Each example has its own true density N(μ, σ²), estimated from 500 importance-weighted draws of
    // N(μ + 0.2σ, (1.5σ)²).
    let mut pits: Vec<f64> = (0..EXAMPLES)
        .map(|_| {
            let (mean, scale) = (noise.gauss(), 0.1 + noise.unit());
            let z = gaussian(500, 0.2, 1.5, noise);
            let raw: Vec<f64> = z.iter().map(|z| (-0.5 * z * z + 0.5 * ((z - 0.2) / 1.5).powi(2)).exp()).collect();
            let sum: f64 = raw.iter().sum();
            let y: Vec<f64> = z.iter().map(|z| mean + scale * z).collect();
            pit(&y, &raw.iter().map(|w| w / sum).collect::<Vec<_>>(), mean + scale * noise.gauss())
        })
        .collect();
    pits.sort_unstable_by(f64::total_cmp);
    let n = EXAMPLES as f64;
    let kolmogorov = pits.iter().enumerate().map(|(i, p)| (p - (i as f64 + 0.5) / n).abs()).fold(0.0, f64::max);
    // Kolmogorov–Smirnov test at significance 1e-3. The error of F from 500 draws, sd below 0.03, has less effect.
    assert!(kolmogorov < 1.95 / n.sqrt(), "{kolmogorov}");
    for level in [0.5, 0.8, 0.9, 0.95] {
        let share = pits.iter().filter(|&&pit| (pit - 0.5).abs() <= 0.5 * level).count() as f64 / n;
        assert!((share - level).abs() < 4.0 * (level * (1.0 - level) / n).sqrt(), "{level}: {share}");
    }
}

#[test]
fn ties_with_the_observation_count_half() {
    assert_eq!(pit(&[1.0, 2.0, 3.0], &[0.2, 0.5, 0.3], 2.0), 0.45);
}

#[test]
fn the_truth_scores_better_than_a_shifted_or_stretched_prediction() {
    const EXAMPLES: usize = 4000;
    let noise = &mut noise(6);
    let observed = gaussian(EXAMPLES, 0.0, 1.0, noise);
    let vector: Vec<[f64; 2]> = (0..EXAMPLES / 10).map(|_| [noise.gauss(), noise.gauss()]).collect();
    let cloud = gaussian(600, 0.0, 1.0, noise);
    let mean_crps = |mean: f64, scale: f64| {
        observed.iter().map(|&y| mixture_crps([(1.0, mean, scale)].into_iter(), y)).sum::<f64>() / EXAMPLES as f64
    };
    let mean_energy_score = |mean: f64, scale: f64| {
        let points: Vec<f64> = cloud.iter().map(|z| mean + scale * z).collect();
        vector.iter().map(|y| energy_score(&points, &[1.0 / 300.0; 300], y)).sum::<f64>() / vector.len() as f64
    };
    for (mean, scale) in [(0.4, 1.0), (-0.4, 1.0), (0.0, 0.6), (0.0, 1.6)] {
        assert!(mean_crps(mean, scale) > mean_crps(0.0, 1.0) + 0.01, "CRPS of N({mean}, {scale}²)");
        assert!(mean_energy_score(mean, scale) > mean_energy_score(0.0, 1.0), "energy score of N({mean}, {scale}²)");
    }
}
