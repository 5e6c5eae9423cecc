//! Laws of marginals on a circle and of counts.

use super::*;
use crate::data::space::TargetSpace;
use crate::math::axis::Axis;
use crate::method::config::Method;
use crate::predict::knots::laws::gaussian;
use crate::predict::knots::mixture_marginal;
use crate::predict::mixture::Mixture;
use crate::predict::prediction::laws::{INPUTS, LABELS, predictor};

#[test]
fn an_energy_on_a_circle_is_the_same_after_a_turn_and_its_sets_go_through_zero() {
    let predictor = predictor(&[TargetKind::Angle { period: 24.0 }], Method::ebm(3), 9);
    for prediction in predictor.predict(0, &INPUTS) {
        for y in [0.0, 5.0, 13.7, 23.9] {
            let [one, other] = [y, y + 48.0].map(|y| prediction.log_prob(&[y]).estimate.value);
            assert!((one - other).abs() < 1e-5);
            assert!((prediction.crps(y) - prediction.crps(y - 24.0)).abs() < 1e-9);
        }
        let [before, after] = [23.999, 24.001].map(|y| prediction.log_prob(&[y]).estimate.value);
        assert!((before - after).abs() < 1e-2);
    }
    // A wrapped Gaussian around midnight.
    let space = TargetSpace::fit(&[TargetKind::Angle { period: 24.0 }], &[1.0, 5.0]).unwrap();
    let mixture = &Mixture::from_batch(&gaussian(0.1, -2.0).on(&[Axis::Circle]))[0];
    let (marginal, _) = mixture_marginal(&space.0[0], mixture, 512);
    let hour = 24.0 / std::f64::consts::TAU;
    let sd = (-2f64).exp() * hour;
    assert!((marginal.mean() - 0.1 * hour).abs() < 1e-4 && (marginal.sd() / sd - 1.0).abs() < 1e-4);
    let [from, to] = marginal.hpd(0.95)[0];
    assert!(from > 20.0 && to > 24.0 && (to - from - 2.0 * 1.959_964 * sd).abs() < 1e-3, "{from} {to}");
    let [low, high] = marginal.interval(0.95);
    assert!((low - from).abs() < 1e-3 && (high - to).abs() < 1e-3);
    assert!(marginal.interval_contains(0.95, 0.0) && !marginal.interval_contains(0.95, 12.0));
    assert!((marginal.median() - marginal.mean()).abs() < 1e-3 && (marginal.mode() - marginal.mean()).abs() < 0.01);
}

#[test]
fn the_score_on_a_circle_is_that_of_many_draws_by_distance_along_it() {
    let predictor = predictor(&[TargetKind::Angle { period: 24.0 }], Method::ebm(3), 9);
    let prediction = &predictor.predict(0, &INPUTS)[0];
    let n = 1500;
    let draws: Vec<f64> = (0..n).map(|i| prediction.quantile((f64::from(i) + 0.5) / f64::from(n))).collect();
    let distance = |a: f64, b: f64| {
        let d = (a - b).rem_euclid(24.0);
        d.min(24.0 - d)
    };
    let n = f64::from(n);
    let among = draws.iter().map(|a| draws.iter().map(|b| distance(*a, *b)).sum::<f64>()).sum::<f64>() / (n * n);
    for observed in [0.2, 6.0, 17.3] {
        let to = draws.iter().map(|y| distance(*y, observed)).sum::<f64>() / n;
        assert!((prediction.crps(observed) - (to - 0.5 * among)).abs() < 2e-3, "{observed}");
    }
}

#[test]
fn probabilities_of_counts_are_integrals_over_their_units() {
    let space = TargetSpace::fit(&[TargetKind::Count], &LABELS).unwrap();
    let target = &space.0[0];
    let mixture = &Mixture::from_batch(&gaussian(-0.3, -0.2))[0];
    let (marginal, log_mass) = mixture_marginal(target, mixture, 1024);
    let [below, _] = target.model_support();
    assert!((log_mass.exp() - (1.0 - mixture.cdf(below))).abs() < 1e-5);
    let exact = |n: f64| {
        let [from, to] = [n, n + 1.0].map(|v| mixture.cdf(target.continuous_to_model(v)));
        (to - from) / log_mass.exp()
    };
    let mut probabilities = Vec::new();
    for n in 0..400 {
        let n = f64::from(n);
        let probability = marginal.log_probability(n).unwrap().exp();
        assert!((probability - exact(n)).abs() < 5e-5, "{n}: {probability} {}", exact(n));
        probabilities.push(probability);
    }
    let total: f64 = probabilities.iter().sum();
    assert!((total - 1.0).abs() < 1e-4, "{total}");
    let mean: f64 = probabilities.iter().enumerate().map(|(n, p)| n as f64 * p).sum();
    assert!((marginal.mean() - mean).abs() < 0.02 * mean, "{} {mean}", marginal.mean());
    // The score by its definition.
    for observed in [0.0, 3.0, 40.0] {
        let mut below = 0.0;
        let definition: f64 = probabilities
            .iter()
            .enumerate()
            .map(|(n, p)| {
                below += p;
                (below - f64::from(u8::from(observed <= n as f64))).powi(2)
            })
            .sum();
        assert!(
            (marginal.crps(observed) - definition).abs() < 2e-3,
            "{observed}: {} {definition}",
            marginal.crps(observed)
        );
    }
    let set = marginal.hpd(0.8);
    let inside = |n: f64| set.iter().any(|[from, to]| *from <= n && n <= *to);
    let mass: f64 = (0..400).filter(|&n| inside(f64::from(n))).map(|n| probabilities[n as usize]).sum();
    let least = (0..400).filter(|&n| inside(f64::from(n))).map(|n| probabilities[n as usize]).fold(1.0, f64::min);
    // The smallest set with that probability: without its least probable count, it has less.
    assert!(mass >= 0.8 && mass - least < 0.8, "{mass} {least}");
    assert_eq!(marginal.hpd_level(-1.0), 1.0);
}

#[test]
fn large_counts_are_answered_too() {
    let labels: Vec<f64> = (0..50).map(|i| 1e6 + 3e4 * f64::from(i)).collect();
    let space = TargetSpace::fit(&[TargetKind::Count], &labels).unwrap();
    let mixture = &Mixture::from_batch(&gaussian(0.0, 0.0))[0];
    let (marginal, _) = mixture_marginal(&space.0[0], mixture, 1024);
    let median = space.0[0].continuous_from_model(0.0);
    assert!((marginal.median() / median - 1.0).abs() < 1e-3);
    let exact = -0.5 * std::f64::consts::TAU.ln() + space.0[0].log_jacobian(median.floor());
    assert!((marginal.log_probability(median.floor()).unwrap() - exact).abs() < 1e-3);
    assert!(marginal.hpd(0.9)[0].iter().all(|end| end.fract() == 0.0));
}

#[test]
fn a_lattice_is_whole_numbers_in_another_unit() {
    let mixture = &Mixture::from_batch(&gaussian(-0.3, -1.2))[0];
    let of = |step: f64, offset: f64| {
        let labels = LABELS.map(|k| offset + step * k);
        let space = TargetSpace::fit(&[TargetKind::Step { step, offset }], &labels).unwrap();
        (space.0[0], mixture_marginal(&space.0[0], mixture, 1024).0)
    };
    let (target, marginal) = of(0.001, -0.004);
    let value = |k: i32| f64::from(k - 4) / 1000.0;
    let mut total = 0.0;
    for k in -30..60 {
        let [from, to] = [k, k + 1].map(|v| mixture.cdf(target.continuous_to_model(f64::from(v))));
        let probability = marginal.log_probability(value(k)).unwrap().exp();
        assert!((probability - (to - from)).abs() < 5e-5, "{k}: {probability} {}", to - from);
        assert!((marginal.cdf(value(k)) - to).abs() < 1e-4);
        total += probability;
    }
    assert!((total - 1.0).abs() < 1e-3, "{total}");
    // Answers are values, with no dirt from multiplication.
    let ends = [marginal.median(), marginal.mode(), marginal.interval(0.8)[0], marginal.hpd(0.8)[0][1]];
    assert!(ends.iter().all(|y| format!("{y}").len() <= 6), "{ends:?}");
    let (_, whole) = of(1.0, 0.0);
    for (of_step, of_whole) in [
        (marginal.crps(0.007), whole.crps(11.0) / 1000.0),
        (marginal.sd(), whole.sd() / 1000.0),
        (marginal.mean(), (whole.mean() - 4.0) / 1000.0),
        (marginal.size_of(0.2), whole.size_of(0.2) / 1000.0),
        (marginal.randomised_pit(0.007, 0.3) / 1000.0, whole.randomised_pit(11.0, 0.3) / 1000.0),
    ] {
        assert!((of_step - of_whole).abs() < 1e-9, "{of_step} {of_whole}");
    }
    assert_eq!(marginal.tail_mass(0.0075), 0.0);
}
