//! Laws of predictions in the user's units.

use burn::module::Param;
use burn::tensor::{Device, Tensor};
use proptest::prelude::*;

use super::*;
use crate::data::space::{Target, TargetKind};
use crate::density::GaussianMixture;
use crate::loss::Objective;
use crate::math::axis::Axis;
use crate::math::grid::linspace;
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::network::backbone::BackboneConfig;
use crate::network::energy::{EnergyConfig, EnergyNet};
use crate::predict::Mixture;
use crate::predict::predictor::Predictor;
use crate::predict::tiles::Budget;

const LABELS: [f64; 8] = [3.0, 14.0, 1.0, 59.0, 2.0, 27.0, 8.0, 5.0];

const KINDS: [TargetKind; 5] = [
    TargetKind::Real,
    TargetKind::Positive,
    TargetKind::Bounded { low: 0.0, high: 60.0 },
    TargetKind::Count,
    TargetKind::Angle { period: 24.0 },
];

fn noise(step: usize) -> Noise {
    Noise::new(4, Purpose::Prediction, 0, step)
}

fn fixed() -> Method {
    Method::EbmFixed { sigmas: vec![0.3], objective: Objective::Nce }
}

/// An untrained network: a smooth density with nothing special about it.
pub(crate) fn predictor(kinds: &[TargetKind], method: Method, seed: u64) -> Predictor {
    let labels: Vec<f64> = LABELS.iter().flat_map(|&y| vec![y; kinds.len()]).collect();
    let space = TargetSpace::fit(kinds, &labels).unwrap();
    let network = NetworkConfig { backbone: BackboneConfig::Mlp { widths: vec![10, 10] }, ..NetworkConfig::default() };
    let config = ModelConfig { input: 2, target: kinds.len(), method, network, axes: space.axes() };
    Predictor::new(&config.init(seed, &Device::flex()), 2, space, PredictionConfig { m: 512, seed: 1 })
}

const INPUTS: [f32; 4] = [0.3, -1.0, 2.0, 0.5];

/// `∫ p(y) dy` over what a target can be, in its units, a count's by summing.
fn total(prediction: &Prediction<'_>, kind: TargetKind) -> f64 {
    let log_prob = |y: f64| prediction.log_prob(&[y]).estimate.value.exp();
    let marginal = prediction.marginal(0);
    let [low, high] = match kind {
        TargetKind::Angle { period } => [0.0, period],
        _ => [1e-4, 1.0 - 1e-4].map(|p| marginal.curve().quantile(p)),
    };
    match kind {
        TargetKind::Count => (low as u64..=high as u64).map(|n| log_prob(n as f64)).sum(),
        TargetKind::Positive => {
            // Evenly in the logarithm.
            let n = 4000;
            let step = (high / low).ln() / f64::from(n);
            (0..n).map(|i| low * ((f64::from(i) + 0.5) * step).exp()).map(|y| log_prob(y) * y * step).sum()
        }
        _ => {
            let n = 4000;
            let step = (high - low) / f64::from(n);
            (0..n).map(|i| log_prob(low + (f64::from(i) + 0.5) * step) * step).sum()
        }
    }
}

#[test]
fn a_density_integrates_to_one_in_the_users_units_for_every_kind() {
    for kind in KINDS {
        for method in [Method::Mdn { components: 3 }, Method::ebm(3), fixed()] {
            let predictor = predictor(&[kind], method.clone(), 3);
            for prediction in predictor.predict(0, &INPUTS) {
                let total = total(&prediction, kind);
                // What lies beyond the outermost quantiles is 2e-4; the rest is the midpoint rule and the knots.
                assert!((total - 1.0).abs() < 3e-3, "{kind:?}, {method:?}: {total}");
            }
        }
    }
}

#[test]
fn the_curve_is_the_density_that_the_networks_say() {
    for kind in KINDS.into_iter().filter(|kind| *kind != TargetKind::Count) {
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
                if kind == TargetKind::Count {
                    assert!(prediction.cdf(y) >= p && prediction.cdf(y - 1.0) < p);
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
                        let y = if kind == TargetKind::Count { y.floor() } else { y };
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
                        // The curve and the networks agree to 5e-3.
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

/// `e^{−rate |z − centre|}`, by two rectifiers.
fn laplace(centre: f32, rate: f32) -> EnergyNet {
    let device = Device::flex();
    let config =
        EnergyConfig { features: 1, target: 1, target_widths: vec![], hidden: 2, residual: false, axes: vec![] };
    let mut net = config.init(&mut noise(0), &device);
    net.from_target.weight = Param::from_tensor(Tensor::from_floats([[1.0, -1.0]], &device));
    net.from_features.weight = Param::from_tensor(Tensor::zeros([1, 2], &device));
    net.from_features.bias = Some(Param::from_tensor(Tensor::from_floats([-centre, centre], &device)));
    net.score.bias = Some(Param::from_tensor(Tensor::zeros([1], &device)));
    net.score.weight = Param::from_tensor(Tensor::from_floats([[-rate], [-rate]], &device));
    net
}

/// One Gaussian, as a proposal.
fn gaussian(mean: f32, log_scale: f32) -> GaussianMixture {
    let device = Device::flex();
    GaussianMixture::new(
        Tensor::zeros([1, 1], &device),
        Tensor::full([1, 1, 1], mean, &device),
        Tensor::full([1, 1, 1], log_scale, &device),
    )
}

#[test]
fn an_energy_of_known_integral_is_answered_to_its_rounding() {
    let target = Target { kind: TargetKind::Real, shift: 50.0, scale: 10.0, seen: [20.0, 80.0] };
    let features = Tensor::<2>::zeros([1, 1], &Device::flex());
    // A wide one, a narrow one, one with long tails, and one where the proposal is elsewhere.
    for (centre, rate, q) in
        [(0.5, 2.0, (0.4, -0.5)), (-1.0, 300.0, (-1.0, -4.0)), (0.0, 0.4, (0.0, 0.0)), (2.5, 8.0, (-2.0, -1.5))]
    {
        for proposal in [Some(gaussian(q.0, q.1)), None] {
            let energy = laplace(centre, rate);
            let found = &knots::scalars(&target, &energy, &features, proposal.as_ref(), 1024, Budget::default())[0];
            let marginal = &found.marginal;
            let (centre, rate) = (f64::from(centre), f64::from(rate));
            let error = found.log_partition - (2.0 / rate).ln();
            // Between its kinks such a score is the curve itself: what is left is the kink, between two knots.
            assert!(error.abs() < 2e-3, "{rate}, {}: {error}", proposal.is_some());
            let scale = 10.0 / rate;
            assert!((marginal.mean() - 50.0 - 10.0 * centre).abs() < 2e-3 * scale + 1e-6, "{}", marginal.mean());
            assert!((marginal.sd() / (2f64.sqrt() * scale) - 1.0).abs() < 2e-3, "{} {scale}", marginal.sd());
            let [low, high] = marginal.hpd(0.9)[0];
            let exact = 10f64.ln() * scale;
            assert!((0.5 * (high - low) / exact - 1.0).abs() < 2e-3);
            let [from, to] = marginal.interval(0.9);
            assert!((from - low).abs() < 5e-3 * scale && (to - high).abs() < 5e-3 * scale);
            // Tails go on as the network does.
            let far = marginal.outside(50.0 + 10.0 * (centre + 100.0 / rate));
            assert!((far.ln() + 100.0).abs() < 0.01, "{far}");
        }
    }
}

#[test]
fn a_proposal_that_misses_shows_in_the_effective_sample_size() {
    let target = Target { kind: TargetKind::Real, shift: 0.0, scale: 1.0, seen: [-3.0, 3.0] };
    let features = Tensor::<2>::zeros([1, 1], &Device::flex());
    let share = |mean| {
        let found = knots::scalars(
            &target,
            &laplace(2.0, 4.0),
            &features,
            Some(&gaussian(mean, -1.0)),
            1024,
            Budget::default(),
        );
        found[0].ess_share.unwrap()
    };
    // All of 1024 draws count for one where it misses.
    assert!(share(2.0) > 0.5 && share(-2.0) < 2e-3, "{} {}", share(2.0), share(-2.0));
}

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
    let (marginal, _) = knots::mixture_marginal(&space.0[0], mixture, 512);
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
    let (marginal, log_mass) = knots::mixture_marginal(target, mixture, 1024);
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
    // The least that has it: without its least probable count it has less.
    assert!(mass >= 0.8 && mass - least < 0.8, "{mass} {least}");
    assert_eq!(marginal.hpd_level(-1.0), 1.0);
}

#[test]
fn large_counts_are_answered_too() {
    let labels: Vec<f64> = (0..50).map(|i| 1e6 + 3e4 * f64::from(i)).collect();
    let space = TargetSpace::fit(&[TargetKind::Count], &labels).unwrap();
    let mixture = &Mixture::from_batch(&gaussian(0.0, 0.0))[0];
    let (marginal, _) = knots::mixture_marginal(&space.0[0], mixture, 1024);
    let median = space.0[0].continuous_from_model(0.0);
    assert!((marginal.median() / median - 1.0).abs() < 1e-3);
    let exact = -0.5 * std::f64::consts::TAU.ln() + space.0[0].log_jacobian(median.floor());
    assert!((marginal.log_probability(median.floor()).unwrap() - exact).abs() < 1e-3);
    assert!(marginal.hpd(0.9)[0].iter().all(|end| end.fract() == 0.0));
}

#[test]
fn a_label_a_thousand_scales_away_has_a_finite_density_in_every_kind() {
    for kind in KINDS {
        for method in [Method::Mdn { components: 2 }, Method::ebm(2)] {
            let predictor = predictor(&[kind], method, 2);
            for prediction in predictor.predict(0, &INPUTS) {
                let far = match kind {
                    TargetKind::Real => 2e4,
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
        // Kolmogorov and Smirnov at 1 in 10000.
        assert!(distance * (N as f64).sqrt() < 2.2, "{kind:?}: {distance}");
        let covered = draws.iter().filter(|&&y| prediction.contains(&[y], 0.8)).count() as f64 / N as f64;
        assert!(covered > 0.8 - 4.0 * (0.16f64 / N as f64).sqrt(), "{kind:?}: {covered}");
    }
}

fn vector_kinds() -> [TargetKind; 3] {
    [TargetKind::Real, TargetKind::Positive, TargetKind::Angle { period: 24.0 }]
}

#[test]
fn a_vectors_sets_hold_as_many_of_its_draws_as_they_say() {
    for method in [Method::Mdn { components: 2 }, Method::ebm(2), fixed()] {
        let predictor = predictor(&vector_kinds(), method.clone(), 4);
        let prediction = &predictor.predict(0, &INPUTS)[0];
        let draws = prediction.sample(2000, &mut noise(2));
        for level in [0.5, 0.9] {
            let inside = draws.chunks(3).filter(|y| prediction.contains(y, level)).count() as f64 / 2000.0;
            // Draws are candidates again: the share is that of the weights but for resampling, and ties.
            assert!((inside - level).abs() < 0.06, "{method:?} {level}: {inside}");
            for y in draws.chunks(3).take(50) {
                let dense = prediction.log_prob(y).estimate.value - prediction.hpd_threshold(level);
                assert!(dense.abs() < 1e-3 || prediction.contains(y, level) == (dense > 0.0));
            }
        }
        assert!(prediction.contains(&[1e5, 1e5, 3.0], 1.0) && !prediction.contains(&[3.0, -1.0, 3.0], 1.0));
        assert!(prediction.energy_score(&LABELS[..3], &mut noise(3)) > 0.0);
    }
}

#[test]
fn a_vectors_marginals_have_the_moments_of_its_draws() {
    for method in [Method::Mdn { components: 2 }, Method::ebm(2)] {
        let predictor = predictor(&[TargetKind::Real, TargetKind::Real], method, 4);
        let prediction = &predictor.predict(0, &INPUTS)[0];
        let draws = prediction.sample(50_000, &mut noise(2));
        for d in 0..2 {
            let own: Vec<f64> = draws.iter().skip(d).step_by(2).copied().collect();
            let mean = own.iter().sum::<f64>() / own.len() as f64;
            let sd = (own.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / own.len() as f64).sqrt();
            let marginal = prediction.marginal(d);
            // Of a mixture the candidates are 512 draws, of an energy the marginal is made of the candidates themselves.
            assert!((marginal.mean() - mean).abs() < 4.0 * sd / 512f64.sqrt(), "{} {mean} {sd}", marginal.mean());
            assert!((marginal.sd() / sd - 1.0).abs() < 0.15);
            let covered = own.iter().filter(|&&y| marginal.interval_contains(0.8, y)).count() as f64 / own.len() as f64;
            // An energy's few effective candidates can make an interval wider than it says.
            let wider = if prediction.reliability().is_some() { 0.2 } else { 0.07 };
            assert!(covered > 0.73 && covered < 0.8 + wider, "{covered}");
            let dense = own.iter().filter(|&&y| marginal.hpd_level(y) <= 0.8).count() as f64 / own.len() as f64;
            assert!(dense > 0.71 && dense < 0.8 + wider, "{dense}");
        }
    }
}

/// A network of seed 3 on these labels, and what it says of the first input.
fn of_labels<T>(kind: TargetKind, labels: &[f64], method: &Method, with: impl Fn(&Prediction<'_>) -> T) -> T {
    let space = TargetSpace::fit(&[kind], labels).unwrap();
    let config = ModelConfig { input: 2, ..ModelConfig::scalar(method.clone()) };
    let predictor = Predictor::new(&config.init(3, &Device::flex()), 2, space, PredictionConfig { m: 128, seed: 0 });
    with(&predictor.predict(0, &INPUTS[..2])[0])
}

fn close(found: f64, expected: f64, unit: f64) -> Result<(), TestCaseError> {
    // What the networks see is rounded to f32.
    prop_assert!((found - expected).abs() < 2e-4 * unit, "{} {} in units of {}", found, expected, unit);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn another_unit_moves_every_answer_with_it_and_the_density_by_its_logarithm(
        exponent in -12f64..12.0, shift in -5f64..5.0, energy in any::<bool>(),
    ) {
        let method = if energy { Method::ebm(2) } else { Method::Mdn { components: 2 } };
        let unit = 10f64.powf(exponent);
        let moved = |y: f64| unit * (y + shift);
        let answers = |prediction: &Prediction<'_>, moved: &dyn Fn(f64) -> f64| {
            let log_prob = [4.0, 30.0].map(|y| prediction.log_prob(&[moved(y)]).estimate.value);
            let places = [vec![prediction.mean()], [0.05, 0.5, 0.9].map(|p| prediction.quantile(p)).to_vec(),
                prediction.interval(0.8).to_vec(), prediction.hpd(0.7).concat()].concat();
            let mode = prediction.mode()[0];
            let lengths = [prediction.sd(), prediction.crps(moved(20.0))];
            let shares = [prediction.cdf(moved(10.0)), prediction.hpd_level(&[moved(25.0)])];
            (log_prob, places, lengths, shares, mode)
        };
        let base = of_labels(TargetKind::Real, &LABELS, &method, |p| answers(p, &|y| y));
        let other = of_labels(TargetKind::Real, &LABELS.map(moved), &method, |p| answers(p, &moved));
        let sd = base.2[0];
        // Of knots that are equally dense to within rounding, either may be the mode.
        prop_assert!((other.4 - moved(base.4)).abs() < 0.1 * unit * sd);
        for (base, other) in base.0.iter().zip(other.0) {
            close(other, base - unit.ln(), 10.0)?;
        }
        prop_assert_eq!(base.1.len(), other.1.len());
        for (base, other) in base.1.iter().zip(other.1) {
            close(other, moved(*base), unit * sd * 10.0)?;
        }
        for (base, other) in base.2.iter().zip(other.2) {
            close(other, unit * base, unit * sd)?;
        }
        for (base, other) in base.3.iter().zip(other.3) {
            close(other, *base, 1.0)?;
        }
    }

    #[test]
    fn another_unit_of_a_positive_target_scales_every_answer(exponent in -12f64..12.0) {
        let unit = 10f64.powf(exponent);
        let answers = |prediction: &Prediction<'_>| {
            vec![prediction.median(), prediction.quantile(0.1), prediction.interval(0.5)[1], prediction.hpd(0.5)[0][0]]
        };
        let base = of_labels(TargetKind::Positive, &LABELS, &Method::ebm(2), answers);
        let other = of_labels(TargetKind::Positive, &LABELS.map(|y| unit * y), &Method::ebm(2), answers);
        for (base, other) in base.iter().zip(other) {
            close(other, unit * base, unit * base * 5.0)?;
        }
    }
}

#[test]
fn knots_reach_every_scale_of_a_mixture_at_once() {
    let device = Device::flex();
    let mixture = GaussianMixture::new(
        Tensor::<2>::from_floats([[0.5, 0.3, 0.2]], &device).log(),
        Tensor::<3>::from_floats([[[0.0, 1.0, -2.0]]], &device),
        Tensor::<3>::from_floats([[[-9.0, 0.0, -3.0]]], &device),
    );
    let mixture = &Mixture::from_batch(&mixture)[0];
    let target = Target::identity([-3.0, 3.0]);
    let (marginal, _) = knots::mixture_marginal(&target, mixture, 1024);
    assert!(marginal.curve().log_mass().abs() < 2e-4, "{}", marginal.curve().log_mass());
    for p in linspace(0.01, 0.99, 33) {
        assert!((mixture.cdf(marginal.quantile(p)) - p).abs() < 1e-4, "{p}");
    }
    let exact = crate::predict::scoring::mixture_crps(mixture.scalar_components(), 0.4);
    assert!((marginal.crps(0.4) - exact).abs() < 1e-4);
    assert!(
        (marginal.mean() - mixture.mean()).abs() < 1e-4
            && (marginal.sd().powi(2) / mixture.variance() - 1.0).abs() < 5e-4
    );
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
