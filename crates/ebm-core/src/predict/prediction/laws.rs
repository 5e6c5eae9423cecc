//! Laws of predictions in the user's units, for every kind of target.

use burn::tensor::Device;

use super::*;
use crate::data::space::TargetKind;
use crate::loss::Objective;
use crate::math::noise::Purpose;
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::network::backbone::BackboneConfig;
use crate::predict::config::PredictionConfig;
use crate::predict::predictor::Predictor;

pub(crate) const LABELS: [f64; 8] = [3.0, 14.0, 1.0, 59.0, 2.0, 27.0, 8.0, 5.0];

const KINDS: [TargetKind; 9] = [
    TargetKind::Real,
    TargetKind::Positive,
    TargetKind::Bounded { low: 0.0, high: 60.0 },
    TargetKind::Count,
    TargetKind::Angle { period: 24.0 },
    TargetKind::Power { lambda: 0.0, start: 0.5, unit: 8.0 },
    TargetKind::Power { lambda: 0.4, start: 0.5, unit: 8.0 },
    TargetKind::Power { lambda: 1.6, start: 0.5, unit: 8.0 },
    TargetKind::Step { step: 0.25, offset: 0.0 },
];

/// The value of this kind at or below `y`.
fn value(kind: TargetKind, y: f64) -> f64 {
    kind.lattice().map_or(y, |lattice| lattice.value(lattice.index(y)))
}

pub(crate) fn noise(step: usize) -> Noise {
    Noise::new(4, Purpose::Prediction, 0, step)
}

pub(crate) fn fixed() -> Method {
    Method::EbmFixed { sigmas: vec![0.3], objective: Objective::Nce }
}

/// An untrained network, which has a generic smooth density.
pub(crate) fn predictor(kinds: &[TargetKind], method: Method, seed: u64) -> Predictor {
    let labels: Vec<f64> = LABELS.iter().flat_map(|&y| vec![y; kinds.len()]).collect();
    let space = TargetSpace::fit(kinds, &labels).unwrap();
    let network = NetworkConfig { backbone: BackboneConfig::Mlp { widths: vec![10, 10] }, ..NetworkConfig::default() };
    let config = ModelConfig { input: 2, target: kinds.len(), method, network, axes: space.axes() };
    Predictor::new(&config.init(seed, &Device::flex()), 2, space, PredictionConfig { m: 512, seed: 1 })
}

pub(crate) const INPUTS: [f32; 4] = [0.3, -1.0, 2.0, 0.5];

/// Edges `low`, … , `high + 1` of ranges of whole numbers that are the wider the farther they are from 10, near the
/// labels: one number each within about 140, and 0.7 % of the distance from there on, if the range is millions.
fn widening(low: f64, high: f64) -> Vec<f64> {
    let [from, to] = [low, high].map(|end| (end - 10.0).asinh());
    let edge = |i: i32| (10.0 + (from + (to - from) * f64::from(i) / 4000.0).sinh()).round();
    let mut edges: Vec<f64> = (1..4000).map(edge).filter(|edge| low < *edge && *edge <= high).collect();
    edges.splice(0..0, [low]);
    edges.push(high + 1.0);
    edges.dedup();
    edges
}

/// `∫ p(y) dy` over the support of the kind, in units of the target; on a lattice, the sum of probabilities.
fn total(prediction: &Prediction<'_>, kind: TargetKind) -> f64 {
    let density = |y: f64| prediction.log_prob(&[y]).estimate.value.exp();
    let [low, high] = match kind {
        TargetKind::Angle { period } => [0.0, period],
        _ => [1e-4, 1.0 - 1e-4].map(|p| prediction.marginal(0).curve().quantile(p)),
    };
    let midpoints = |from: f64, to: f64| {
        let step = (to - from) / 4000.0;
        (0..4000).map(move |i| (from + (f64::from(i) + 0.5) * step, step))
    };
    // An untrained energy may have tails over millions of values: the middle one stands for its neighbours.
    let values =
        |[from, to]: [f64; 2]| (to - from) * density(kind.lattice().unwrap().value((0.5 * (from + to)).floor()));
    let over_log = |start: f64| {
        let along = midpoints((low + start).ln(), (high + start).ln());
        along.map(|(log, step)| density(log.exp() - start) * log.exp() * step).sum()
    };
    match kind {
        TargetKind::Count | TargetKind::Step { .. } => {
            widening(low.floor(), high.floor()).windows(2).map(|pair| values([pair[0], pair[1]])).sum()
        }
        TargetKind::Positive => over_log(0.0),
        TargetKind::Power { start, .. } => over_log(start),
        _ => midpoints(low, high).map(|(y, step)| density(y) * step).sum(),
    }
}

#[test]
fn a_density_integrates_to_one_in_the_users_units_for_every_kind() {
    for kind in KINDS {
        for method in [Method::Mdn { components: 3 }, Method::ebm(3), fixed()] {
            let predictor = predictor(&[kind], method.clone(), 3);
            for prediction in predictor.predict(0, &INPUTS) {
                let total = total(&prediction, kind);
                // The mass beyond the outermost quantiles is 2e-4; the rest is error of midpoint rule and knots.
                assert!((total - 1.0).abs() < 3e-3, "{kind:?}, {method:?}: {total}");
            }
        }
    }
}

#[test]
fn the_curve_is_the_density_that_the_networks_say() {
    for kind in KINDS.into_iter().filter(|kind| !kind.is_discrete()) {
        for method in [Method::Mdn { components: 3 }, Method::ebm(3), fixed()] {
            let predictor = predictor(&[kind], method.clone(), 5);
            for prediction in predictor.predict(0, &INPUTS) {
                for p in [0.001, 0.05, 0.31, 0.5, 0.77, 0.99] {
                    let y = prediction.quantile(p);
                    let [curve, exact] = [
                        prediction.marginal(0).curve().log_density(prediction.marginal(0).place(y)),
                        prediction.log_prob(&[y]).estimate.value,
                    ];
                    assert!((curve - exact).abs() < 5e-3, "{kind:?}, {method:?}, {p}: {curve} {exact}");
                }
            }
        }
    }
}

#[test]
fn quantiles_invert_the_distribution_function_for_every_kind() {
    for kind in KINDS {
        let predictor = predictor(&[kind], Method::ebm(2), 6);
        for prediction in predictor.predict(0, &INPUTS) {
            for p in [0.01, 0.2, 0.5, 0.8, 0.99] {
                let y = prediction.quantile(p);
                if let Some(lattice) = kind.lattice() {
                    assert!(kind.contains(y) && prediction.cdf(y) >= p && prediction.cdf(y - lattice.step) < p);
                } else {
                    assert!((prediction.cdf(y) - p).abs() < 1e-6, "{kind:?} {p}: {}", prediction.cdf(y));
                }
            }
            let [mean, sd] = [prediction.mean(), prediction.sd()];
            assert!(sd > 0.0 && mean.is_finite(), "{kind:?}: {mean} {sd}");
        }
    }
}

#[test]
fn a_target_is_in_a_set_if_and_only_if_its_level_is_no_higher() {
    for kind in KINDS {
        for method in [Method::Mdn { components: 4 }, Method::ebm(4)] {
            let predictor = predictor(&[kind], method, 7);
            for prediction in predictor.predict(0, &INPUTS) {
                for level in [0.1, 0.5, 0.8, 0.95, 0.999] {
                    let set = prediction.hpd(level);
                    for i in 0..200 {
                        let y = 0.31 * f64::from(i) + 0.007;
                        let y = value(kind, y);
                        if !kind.contains(y) || (prediction.hpd_level(&[y]) - level).abs() < 1e-9 {
                            continue;
                        }
                        let turns: &[f64] = if let TargetKind::Angle { .. } = kind {
                            &[-72.0, -48.0, -24.0, 0.0, 24.0]
                        } else {
                            &[0.0]
                        };
                        let inside = set.iter().any(|[from, to]| turns.iter().any(|t| *from <= y + t && y + t <= *to));
                        assert_eq!(inside, prediction.contains(&[y], level), "{kind:?} {level} {y} {set:?}");
                        assert_eq!(inside, prediction.hpd_level(&[y]) <= level);
                        let dense = prediction.log_prob(&[y]).estimate.value - prediction.hpd_threshold(level);
                        // The curve and the network's score agree to 5e-3.
                        assert!(dense.abs() < 0.01 || inside == (dense > 0.0), "{kind:?} {level} {y} {dense}");
                    }
                    assert!(
                        (set.iter().flatten().all(|end| end.is_finite())) && prediction.contains(&[LABELS[0]], 1.0)
                    );
                }
                assert_eq!(prediction.hpd(1.0), [kind.support()]);
            }
        }
    }
}

#[test]
fn a_label_a_thousand_scales_away_has_a_finite_density_in_every_kind() {
    for kind in KINDS {
        for method in [Method::Mdn { components: 2 }, Method::ebm(2)] {
            let predictor = predictor(&[kind], method, 2);
            for prediction in predictor.predict(0, &INPUTS) {
                let far = match kind {
                    TargetKind::Real | TargetKind::Power { .. } | TargetKind::Step { .. } => 2e4,
                    TargetKind::Positive => 1e290,
                    TargetKind::Bounded { high, .. } => high,
                    TargetKind::Count => 1e12,
                    TargetKind::Angle { .. } => 11.0,
                };
                let value = prediction.log_prob(&[far]).estimate.value;
                assert!(value.is_finite(), "{kind:?}: {value}");
                assert!(prediction.crps(far).is_finite() && (0.0..=1.0).contains(&prediction.pit(far)));
            }
        }
    }
}

#[test]
fn draws_have_a_uniform_transform_for_every_kind() {
    const N: usize = 4000;
    for kind in KINDS {
        let predictor = predictor(&[kind], Method::ebm(3), 8);
        let prediction = &predictor.predict(0, &INPUTS)[1];
        let mut noise = noise(1);
        let draws = prediction.sample(N, &mut noise);
        let mut pits: Vec<f64> =
            draws.iter().map(|&y| prediction.marginal(0).randomised_pit(y, noise.unit())).collect();
        pits.sort_unstable_by(f64::total_cmp);
        let distance =
            pits.iter().enumerate().map(|(i, pit)| (pit - (i as f64 + 0.5) / N as f64).abs()).fold(0.0, f64::max);
        // Kolmogorov–Smirnov test at significance 1e-4.
        assert!(distance * (N as f64).sqrt() < 2.2, "{kind:?}: {distance}");
        let covered = draws.iter().filter(|&&y| prediction.contains(&[y], 0.8)).count() as f64 / N as f64;
        assert!(covered > 0.8 - 4.0 * (0.16f64 / N as f64).sqrt(), "{kind:?}: {covered}");
    }
}

#[test]
fn a_model_of_any_method_and_kind_answers_without_panic_on_extreme_inputs() {
    for kind in KINDS {
        for method in [Method::Mdn { components: 2 }, Method::ebm(2), fixed()] {
            let predictor = predictor(&[kind], method, 2);
            for prediction in predictor.predict(0, &[1e6, -1e6, 0.0, 0.0, -3e4, 1e-30]) {
                let [low, high] = prediction.interval(0.9);
                assert!(low <= high && !prediction.mean().is_nan() && !prediction.hpd(0.9).is_empty(), "{kind:?}");
            }
        }
    }
}
