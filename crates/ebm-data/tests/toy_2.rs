//! Laws of the second toy problem.

use ebm_core::linspace;
use ebm_data::toy::toy_2::{self, LEN, log_density};
use ebm_data::{Pairs, read_pairs};
use std::path::{Path, PathBuf};

/// The published draw, when present beside the project.
fn published_folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    folder.is_dir().then_some(folder)
}

/// `∫ f(y) dy` over a piece on which `f` is smooth, by the midpoint rule.
fn midpoint(lo: f64, hi: f64, f: impl Fn(f64) -> f64) -> f64 {
    const CELLS: usize = 4000;
    let step = (hi - lo) / CELLS as f64;
    (0..CELLS).map(|i| f(lo + (i as f64 + 0.5) * step)).sum::<f64>() * step
}

/// Input of the example at order `i`.
fn x_at(i: usize) -> f64 {
    i as f64 / (LEN - 1) as f64
}

#[test]
fn published_draw_is_made_again_bit_for_bit() {
    let Some(folder) = published_folder() else { return };
    let ours = toy_2::published();
    for (name, ours) in [("train", ours.train), ("val", ours.validation), ("test", ours.test)] {
        let theirs = read_pairs(folder.join(format!("toy2_{name}.csv"))).expect("readable");
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn published_draw_is_the_one_described_beside_the_data() {
    let splits = toy_2::published();
    let source = include_str!("../../../datasets/toy_2/SOURCE.toml");
    for (name, pairs, len) in
        [("train", &splits.train, 1710), ("validation", &splits.validation, 190), ("test", &splits.test, 1900)]
    {
        let split = format!("name = \"{name}\"\nexamples = {len}\nsha256 = \"{}\"\n", pairs.fingerprint());
        assert_eq!(pairs.len(), len);
        assert!(source.contains(&split), "{split}");
    }
}

#[test]
fn splits_are_disjoint_and_together_hold_every_input() {
    let splits = toy_2::published();
    let mut x = [splits.train.x, splits.validation.x, splits.test.x].concat();
    x.sort_unstable_by(f64::total_cmp);
    let expected: Vec<f64> = (0..LEN).map(x_at).collect();
    assert_eq!(x, expected);
}

#[test]
fn true_density_scores_the_published_test_set_as_known() {
    let Pairs { x, y } = toy_2::published().test;
    let total: f64 = x.iter().zip(&y).map(|(&x, &y)| log_density(x, y)).sum();
    let nll = -total / x.len() as f64;
    assert!((nll - 1.2387).abs() < 1e-4, "{nll}");
}

#[test]
fn entropy_is_the_known_value() {
    assert!((toy_2::entropy() - 1.253375).abs() < 1e-6, "{}", toy_2::entropy());
}

#[test]
fn density_has_mass_one_at_every_input() {
    // The first region's density is infinite at y = 0.5: substitute y = 0.5 + 5u².
    for i in [0, 400, 799] {
        let mass = midpoint(0.0, 1.0, |u| log_density(x_at(i), 0.5 + 5.0 * u * u).exp() * 10.0 * u);
        assert!((mass - 1.0).abs() < 1e-9, "{i} {mass}");
    }
    for i in (800..1800).step_by(37).chain([967, 969]) {
        let mean = 3.0 * (5.0 * (i as f64 - 800.0) / 999.0).cos() - 2.0;
        let reach = 2.5 * f64::abs(mean); // ten standard deviations
        let mass = midpoint(mean - reach, mean + reach, |y| log_density(x_at(i), y).exp());
        assert!((mass - 1.0).abs() < 1e-9, "{i} {mass}");
    }
    for i in (1800..2300).step_by(37).chain([2299]) {
        let k = (i as f64 - 1800.0) / 499.0;
        let (lo, hi) = (-2.0 - 2.5 * k, -0.5 + 9.5 * k);
        let mass = midpoint(lo, hi, |y| log_density(x_at(i), y).exp());
        assert!((mass - 1.0).abs() < 1e-9, "{i} {mass}");
        assert_eq!(log_density(x_at(i), lo - 1e-9), f64::NEG_INFINITY);
        assert_eq!(log_density(x_at(i), hi + 1e-9), f64::NEG_INFINITY);
    }
    for i in [2300, 3000, 3799] {
        let pieces = [(-4.5, -3.0), (1.0, 4.0), (8.0, 8.5)];
        let mass = |(lo, hi)| midpoint(lo, hi, |y| log_density(x_at(i), y).exp());
        assert!(pieces.into_iter().all(|piece| (mass(piece) - 1.0 / 3.0).abs() < 1e-12));
    }
}

#[test]
fn regions_change_between_examples() {
    // At y = 20 no region but the normal has any density; at −4 only those after the first.
    for i in [799, 1800, 2299, 2300] {
        assert_eq!(log_density(x_at(i), 20.0), f64::NEG_INFINITY, "{i}");
    }
    assert!(log_density(x_at(800), 20.0).is_finite() && log_density(x_at(1799), 20.0).is_finite());
    assert_eq!(log_density(x_at(2299), 0.0), -13.5f64.ln());
    assert_eq!(log_density(x_at(2300), 0.0), f64::NEG_INFINITY);
}

#[test]
fn limits_of_the_density_are_its_values() {
    assert_eq!(log_density(0.1, 0.5), f64::INFINITY);
    assert!((log_density(0.1, 5.5) + 10f64.ln()).abs() < 1e-15);
    assert_eq!(log_density(0.1, 0.4999), f64::NEG_INFINITY);
    assert!((log_density(0.9, 8.5) + 1.5f64.ln()).abs() < 1e-15);
    assert!(log_density(f64::NAN, 1.0).is_nan() && log_density(0.1, f64::NAN).is_nan());
    for y in linspace(-5.0, 9.0, 57) {
        assert_eq!(log_density(-1.0, y), log_density(0.0, y));
        assert_eq!(log_density(2.0, y), log_density(1.0, y));
    }
}
