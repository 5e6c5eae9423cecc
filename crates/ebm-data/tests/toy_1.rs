//! Laws of the first toy problem.

use ebm_core::linspace;
use ebm_data::Pairs;
use ebm_data::toy::toy_1::{self, SEED, TRAIN_LEN, log_density};

/// `∫ p dy` by the trapezium rule, exact to rounding for densities that vanish smoothly.
fn mass(x: f64) -> f64 {
    let y = linspace(-3.0, 9.0, 4001);
    let step = 12.0 / 4000.0;
    y.iter().map(|&y| log_density(x, y).exp()).sum::<f64>() * step
}

fn mean_log_density(pairs: &Pairs) -> f64 {
    let total: f64 = pairs.x.iter().zip(&pairs.y).map(|(&x, &y)| log_density(x, y)).sum();
    total / pairs.len() as f64
}

#[test]
fn density_has_mass_one_at_every_input() {
    for x in linspace(-3.0, 3.0, 61) {
        assert!((mass(x) - 1.0).abs() < 1e-9, "x {x} mass {}", mass(x));
    }
}

#[test]
fn entropy_is_the_known_value() {
    assert!((toy_1::entropy() + 0.326_566_907).abs() < 1e-6, "{}", toy_1::entropy());
}

#[test]
fn right_half_has_the_entropy_of_the_log_normal() {
    // ½ log(2πe·0.25²); the mean of log(y + 1) is zero, so the Jacobian adds nothing.
    let exact = 0.5 * (std::f64::consts::TAU * std::f64::consts::E * 0.0625).ln();
    let step = 12.0 / 4000.0;
    let quadrature: f64 = linspace(-3.0, 9.0, 4001)
        .into_iter()
        .map(|y| log_density(1.0, y))
        .filter(|log_p| log_p.is_finite())
        .map(|log_p| -log_p.exp() * log_p * step)
        .sum();
    assert!((quadrature - exact).abs() < 1e-9);
}

#[test]
fn left_half_is_the_stated_mixture() {
    let (x, y): (f64, f64) = (-1.2, 0.9);
    let normal = |mean: f64| {
        let z = (y - mean) / 0.075;
        (-0.5 * z * z).exp() / (0.075 * std::f64::consts::TAU.sqrt())
    };
    let expected = (0.8 * normal(x.sin()) + 0.2 * normal(-x.sin())).ln();
    assert!((log_density(x, y) - expected).abs() < 1e-12);
}

#[test]
fn far_targets_stay_finite_and_impossible_ones_do_not() {
    assert!(log_density(-1.0, 75.0).is_finite()); // 1000 standard deviations
    assert!(log_density(1.0, 1e12).is_finite());
    for y in [-1.0, -1.5, f64::NEG_INFINITY, f64::INFINITY] {
        assert_eq!(log_density(1.0, y), f64::NEG_INFINITY);
    }
    assert_eq!(log_density(-1.0, f64::INFINITY), f64::NEG_INFINITY);
    assert!(log_density(f64::NAN, 0.0).is_nan() && log_density(0.0, f64::NAN).is_nan());
}

#[test]
fn examples_are_finite_in_range_and_follow_their_density() {
    let pairs = toy_1::train(SEED);
    assert_eq!(pairs.len(), TRAIN_LEN);
    pairs.check().expect("well formed");
    assert!(pairs.x.iter().all(|x| (-3.0..3.0).contains(x)));
    // The mean of log p over n examples scatters about −entropy by sd/√n; sd is about 1.1 nats.
    let excess = -mean_log_density(&pairs) - toy_1::entropy();
    assert!(excess.abs() < 4.0 * 1.1 / (TRAIN_LEN as f64).sqrt(), "excess {excess}");
}

#[test]
fn many_seeds_have_the_entropy_on_average() {
    const SEEDS: u64 = 50;
    let mean: f64 = (0..SEEDS).map(|seed| -mean_log_density(&toy_1::train(seed))).sum::<f64>();
    let excess = mean / SEEDS as f64 - toy_1::entropy();
    assert!(excess.abs() < 4.0 * 1.1 / (SEEDS as f64 * TRAIN_LEN as f64).sqrt(), "excess {excess}");
}

#[test]
fn a_seed_is_one_set_and_another_seed_another() {
    assert_eq!(toy_1::train(7), toy_1::train(7));
    assert_ne!(toy_1::train(7), toy_1::train(8));
}

#[test]
fn the_default_set_is_the_one_described_beside_the_data() {
    let fingerprint = toy_1::train(SEED).fingerprint();
    let source = include_str!("../../../datasets/toy_1/SOURCE.toml");
    assert!(source.contains(&fingerprint), "{fingerprint}");
    assert!(source.contains(&format!("seed = {SEED}\n")));
}
