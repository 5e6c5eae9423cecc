//! Laws of curves: closed forms of Gaussians and mixtures, and the agreement of level and set.

use proptest::prelude::*;

use super::*;
use crate::math::grid::linspace;

/// `Φ`
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// Two Gaussians of scale ½ around ∓2 with weights 0.7 and 0.3, off by a constant.
fn two_modes() -> Curve {
    let knots = linspace(-8.0, 8.0, 3201);
    let log = |y: f64| {
        let term = |w: f64, mean: f64| w.ln() - 2.0 * (y - mean).powi(2);
        let [a, b] = [term(0.7, -2.0), term(0.3, 2.0)];
        a.max(b) + (-(a - b).abs()).exp().ln_1p() + 5.0
    };
    Curve::new(&knots, &knots.iter().map(|&y| log(y)).collect::<Vec<_>>())
}

#[test]
fn a_fine_curve_through_a_mixture_has_its_mass_moments_and_quantiles() {
    let curve = two_modes();
    // Knots are σ/100 apart: the error is h²/12σ² = 8e-6 nats, and of the same order below.
    assert!((curve.log_mass() - (5.0 + (0.5 * std::f64::consts::TAU.sqrt()).ln())).abs() < 1e-5);
    assert!((curve.mean() + 0.8).abs() < 1e-5);
    // E[Y; Y > 0] of a Gaussian of mean μ and scale σ: μ Φ(μ/σ) + σ φ(μ/σ).
    let above = |mean: f64| {
        let z = mean / 0.5;
        mean * normal_cdf(z) + 0.5 * (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
    };
    assert!((curve.mean_above(0.0) - 0.7 * above(-2.0) - 0.3 * above(2.0)).abs() < 1e-5);
    assert!((curve.mean_above(-9.0) - curve.mean()).abs() < 1e-12 && curve.mean_above(9.0) == 0.0);
    assert!((curve.variance() - (0.25 + 4.0 - 0.64)).abs() < 1e-4);
    for y in [-3.0, -2.0, 0.0, 1.5, 2.4] {
        let exact = 0.7 * normal_cdf((y + 2.0) / 0.5) + 0.3 * normal_cdf((y - 2.0) / 0.5);
        assert!((curve.cdf(y) - exact).abs() < 1e-5, "{y}");
        assert!((curve.quantile(curve.cdf(y)) - y).abs() < 1e-9);
    }
    assert_eq!((curve.cdf(-9.0), curve.cdf(9.0)), (0.0, 1.0));
    assert!((curve.mode() + 2.0).abs() < 1e-9);
}

#[test]
fn the_set_of_highest_density_of_two_modes_is_the_analytic_one() {
    let curve = two_modes();
    // The modes are eight scales apart, so each mode has its own set |y − μ| < r(t) at density t.
    let radius = |w: f64, t: f64| (-0.5 * (t * 0.5 * std::f64::consts::TAU.sqrt() / w).ln()).max(0.0).sqrt();
    let mass = |w: f64, t: f64| w * (2.0 * normal_cdf(radius(w, t) / 0.5) - 1.0);
    for level in [0.3, 0.5, 0.8, 0.95] {
        let [mut low, mut high] = [1e-9, 1.0];
        for _ in 0..200 {
            let t = 0.5 * (low + high);
            if mass(0.7, t) + mass(0.3, t) > level { low = t } else { high = t }
        }
        let expected: Vec<[f64; 2]> = [(0.7, -2.0), (0.3, 2.0)]
            .into_iter()
            .map(|(w, mean)| [mean - radius(w, low), mean + radius(w, low)])
            .filter(|[from, to]| from < to)
            .collect();
        let found = curve.at_least(curve.threshold(1.0 - level));
        assert_eq!(found.len(), expected.len(), "{level}: {found:?}");
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            // Where the density is flat, the error of the end is the square root of the error of the mass.
            assert!((found - expected).abs() < 1e-3, "{level}: {found} {expected}");
        }
    }
}

#[test]
fn the_score_of_a_gaussian_curve_is_the_closed_form() {
    let knots = linspace(-9.0, 9.0, 2001);
    let curve = Curve::new(&knots, &knots.iter().map(|y| -0.5 * y * y).collect::<Vec<_>>());
    for observed in [-12.0, -1.3, 0.0, 0.4, 3.0] {
        let exact = crate::predict::scoring::mixture_crps([(1.0, 0.0, 1.0)].into_iter(), observed);
        assert!((curve.crps(observed) - exact).abs() < 2e-5, "{observed}: {} {exact}", curve.crps(observed));
    }
}

#[test]
fn far_out_the_mass_outside_keeps_its_digits() {
    let knots = linspace(-20.0, 20.0, 4001);
    let curve = Curve::new(&knots, &knots.iter().map(|y| -0.5 * y * y).collect::<Vec<_>>());
    let exact = libm::erfc(15.0 / std::f64::consts::SQRT_2);
    assert!((curve.tail_mass(15.0) / exact - 1.0).abs() < 1e-3, "{} {exact}", curve.tail_mass(15.0));
    let [low, high] = curve.at_least(curve.threshold(exact))[0];
    assert!((low + 15.0).abs() < 1e-4 && (high - 15.0).abs() < 1e-4);
    assert!(curve.tail_mass(21.0) == 0.0 && curve.tail_mass(0.0) > 1.0 - 1e-12);
}

#[test]
fn cutting_a_circle_elsewhere_keeps_the_density() {
    let curve = two_modes();
    let cut = curve.cut_at(0.3);
    assert!((cut.support()[0] - 0.3).abs() < 1e-12 && (cut.support()[1] - 16.3).abs() < 1e-12);
    for y in [0.5, 2.0, 7.9] {
        assert!((cut.log_density(y) - curve.log_density(y)).abs() < 1e-9);
        assert!((cut.log_density(y - 8.0 + 16.0 - 0.4) - curve.log_density(y - 8.4)).abs() < 1e-9);
    }
    assert!((cut.cdf(16.0) - (1.0 - (curve.cdf(0.3) - curve.cdf(0.0)))).abs() < 1e-9);
}

/// Any density: knots at random, log-densities of any kind, flat stretches among them.
fn any_curve() -> impl Strategy<Value = Curve> {
    let cell = (0.01f64..2.0, prop_oneof![Just(-1.0), -8f64..3.0]);
    prop::collection::vec(cell, 2..40).prop_map(|cells| {
        let knots: Vec<f64> = cells
            .iter()
            .scan(-3.0, |y, (step, _)| {
                *y += step;
                Some(*y)
            })
            .collect();
        Curve::new(&knots, &cells.iter().map(|(_, log)| *log).collect::<Vec<_>>())
    })
}

/// Random histograms, many of their steps equal.
fn any_steps() -> impl Strategy<Value = Curve> {
    prop::collection::vec(prop_oneof![Just(0.2), 0.001f64..3.0], 1..40).prop_map(|masses| {
        let edges: Vec<f64> = (0..=masses.len()).map(|n| n as f64).collect();
        Curve::steps(&edges, &masses)
    })
}

fn agrees(curve: &Curve, tail_mass: f64, place: f64) -> Result<(), TestCaseError> {
    let threshold = curve.threshold(tail_mass);
    let set = curve.at_least(threshold);
    let [low, high] = curve.support();
    let y = low + place * (high - low);
    let inside = set.iter().any(|[from, to]| *from <= y && y <= *to);
    // Within 1e-9 of the level, rounding may decide either way.
    if (curve.tail_mass(y) - tail_mass).abs() > 1e-9 {
        prop_assert_eq!(
            inside,
            curve.tail_mass(y) >= tail_mass,
            "y {} tail_mass {} of {}",
            y,
            curve.tail_mass(y),
            tail_mass
        );
    }
    let mass: f64 = set.iter().map(|[from, to]| curve.cdf(*to) - curve.cdf(*from)).sum();
    prop_assert!(mass >= 1.0 - tail_mass - 1e-9, "{} {}", mass, tail_mass);
    Ok(())
}

proptest! {
    #[test]
    fn a_point_is_in_the_set_of_a_level_if_and_only_if_its_own_level_is_no_higher(
        curve in any_curve(), tail_mass in 0.001f64..0.999, place in 0f64..1.0,
    ) {
        agrees(&curve, tail_mass, place)?;
    }

    #[test]
    fn steps_are_in_the_set_whole_or_not_at_all(curve in any_steps(), tail_mass in 0.001f64..0.999, place in 0f64..1.0) {
        agrees(&curve, tail_mass, place)?;
        let set = curve.at_least(curve.threshold(tail_mass));
        prop_assert!(set.iter().flatten().all(|end| end.fract() == 0.0), "{:?}", set);
    }

    #[test]
    fn quantile_inverts_the_cdf_and_masses_add_up(curve in any_curve(), p in 0.001f64..0.999) {
        prop_assert!((curve.cdf(curve.quantile(p)) - p).abs() < 1e-9);
        let [low, high] = curve.support();
        let edges: Vec<f64> = linspace(low, high, 17);
        prop_assert!((curve.masses(&edges).iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}

#[test]
fn a_density_without_a_finite_value_is_unknown_and_so_is_every_answer() {
    let curve = Curve::new(&[0.0, 1.0, 2.0], &[f64::NAN; 3]);
    assert!(curve.is_unknown() && !two_modes().is_unknown());
    let answers = [curve.log_mass(), curve.mean(), curve.quantile(0.3), curve.cdf(0.7), curve.tail_mass(0.7)];
    assert!(answers.into_iter().all(f64::is_nan), "{answers:?}");
}
