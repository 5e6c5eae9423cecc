//! Laws of calibration.

use super::*;
use crate::math::grid::linspace;
use crate::math::noise::{Noise, Purpose};
use crate::predict::curve::Curve;

fn descending(n: usize) -> Vec<f64> {
    (0..n).map(|i| 1.0 - (i as f64 + 0.5) / n as f64).collect()
}

#[test]
fn the_rank_is_that_of_the_finite_sample_guarantee() {
    let calibration = Calibration::of((1..=9).map(|i| f64::from(i) / 10.0).collect()).unwrap();
    // The ⌈10 c⌉-th largest of 0.9, 0.8, …, 0.1.
    for (coverage, tail_mass) in
        [(0.05, 0.9), (0.1, 0.9), (0.11, 0.8), (0.5, 0.5), (0.9, 0.1), (0.91, 0.0), (0.999, 0.0)]
    {
        assert_eq!(calibration.tail_mass(coverage), tail_mass, "{coverage}");
        assert_eq!(calibration.level(coverage), 1.0 - tail_mass);
    }
}

#[test]
fn a_summary_of_many_scores_is_never_too_small_a_set() {
    let all = descending(100_000);
    let calibration = Calibration::of(all.clone()).unwrap();
    assert_eq!((calibration.len(), calibration.tail_masses.len()), (100_000, KEPT));
    for i in 1..1000 {
        let coverage = f64::from(i) / 1000.0;
        let exact = all[(100_001.0 * coverage).ceil() as usize - 1];
        let kept = calibration.tail_mass(coverage);
        assert!(kept <= exact && kept >= exact - 1.0 / KEPT as f64, "{coverage}: {kept} {exact}");
    }
}

#[test]
fn a_calibration_is_plain_data_that_is_checked_when_it_is_read() {
    let calibration = Calibration::of(vec![0.2, 0.9, 0.5]).unwrap();
    let json = serde_json::to_string(&calibration).unwrap();
    assert_eq!(serde_json::from_str::<Calibration>(&json).unwrap(), calibration);
    for (from, to) in [("/1", "/2"), ("0.9", "0.1"), ("0.9", "1.9"), ("\"n\":3", "\"n\":4"), ("\"n\"", "\"m\"")] {
        assert!(serde_json::from_str::<Calibration>(&json.replace(from, to)).is_err(), "{from} → {to}");
    }
    assert_eq!(Calibration::of(vec![]), Err(CalibrationError::Empty));
    assert!(matches!(Calibration::of(vec![0.5, f64::NAN]), Err(CalibrationError::Score { index: 1, .. })));
}

/// Coverage of calibrated sets of `curve` where labels are `draw`n, over many calibrations of `n` and one label each.
fn coverage(curve: &Curve, draw: impl Fn(&mut Noise) -> f64, n: usize, coverage: f64, repeats: usize) -> f64 {
    let covered = (0..repeats).filter(|&repeat| {
        let mut noise = Noise::new(7, Purpose::Split, n, repeat);
        let tail_masses = (0..n).map(|_| curve.tail_mass(draw(&mut noise))).collect();
        let calibration = Calibration::of(tail_masses).unwrap();
        curve.tail_mass(draw(&mut noise)) >= calibration.tail_mass(coverage)
    });
    covered.count() as f64 / repeats as f64
}

fn normal(scale: f64, reach: f64) -> Curve {
    let knots = linspace(-reach * scale, reach * scale, 801);
    Curve::new(&knots, &knots.iter().map(|y| -0.5 * (y / scale).powi(2)).collect::<Vec<_>>())
}

#[test]
fn a_density_however_wrong_covers_as_often_as_promised() {
    const REPEATS: usize = 2000;
    let draw = |noise: &mut Noise| noise.gauss();
    // Overconfident by a factor of ten, far too wide, off centre, and correct.
    let off = {
        let knots = linspace(-5.0, 20.0, 801);
        Curve::new(&knots, &knots.iter().map(|y| -0.5 * (y - 3.0).powi(2)).collect::<Vec<_>>())
    };
    for curve in [normal(0.1, 38.0), normal(30.0, 8.0), off, normal(1.0, 30.0)] {
        for (n, level) in [(19, 0.9), (50, 0.5), (99, 0.95)] {
            let share = coverage(&curve, draw, n, level, REPEATS);
            // Without ties the coverage is exactly ⌈(n+1)c⌉/(n+1); four binomial errors.
            let exact = ((n + 1) as f64 * level).ceil() / (n + 1) as f64;
            let error = 4.0 * (level * (1.0 - level) / REPEATS as f64).sqrt();
            assert!((share - exact).abs() < error, "n {n}, level {level}: {share}");
        }
    }
}

#[test]
fn ties_only_make_it_cover_more_often() {
    // Counts: a wrong distribution over four values.
    let steps = Curve::steps(&[0.0, 1.0, 2.0, 3.0, 4.0], &[0.7, 0.1, 0.1, 0.1]);
    let draw = |noise: &mut Noise| noise.below(4) as f64 + 0.5;
    let share = coverage(&steps, draw, 39, 0.8, 4000);
    assert!(share > 0.8 - 4.0 * (0.16f64 / 4000.0).sqrt(), "{share}");
}

#[test]
fn too_few_examples_promise_the_whole_support() {
    let calibration = Calibration::of(vec![0.5; 8]).unwrap();
    assert_eq!(calibration.tail_mass(0.9), 0.0);
    assert!(normal(1.0, 8.0).tail_mass(1e9) >= calibration.tail_mass(0.9));
}
