//! Laws of knots: known integrals for any scale and any position of the proposal.

use burn::module::Param;
use burn::tensor::{Device, Tensor};

use super::*;
use crate::data::space::{Target, TargetKind};
use crate::density::GaussianMixture;
use crate::math::host::to_host;
use crate::math::noise::{Noise, Purpose};
use crate::network::energy::{EnergyConfig, EnergyNet};
use crate::predict::scalars::scalars;
use crate::predict::scoring::mixture_crps;

const ASKED: Asked = Asked { m: 1024, role: Role::Answer, budget: Budget(1 << 26) };

/// `e^{−rate |z − centre|}`, as a network with two ReLU units.
fn laplace(centre: f32, rate: f32) -> EnergyNet {
    let device = Device::flex();
    let config =
        EnergyConfig { features: 1, target: 1, target_widths: vec![], hidden: 2, residual: false, axes: vec![] };
    let mut net = config.init(&mut Noise::new(4, Purpose::Prediction, 0, 0), &device);
    net.from_target.weight = Param::from_tensor(Tensor::from_floats([[1.0, -1.0]], &device));
    net.from_features.weight = Param::from_tensor(Tensor::zeros([1, 2], &device));
    net.from_features.bias = Some(Param::from_tensor(Tensor::from_floats([-centre, centre], &device)));
    net.score.bias = Some(Param::from_tensor(Tensor::zeros([1], &device)));
    net.score.weight = Param::from_tensor(Tensor::from_floats([[-rate], [-rate]], &device));
    net
}

/// A proposal with one Gaussian.
pub(crate) fn gaussian(mean: f32, log_scale: f32) -> GaussianMixture {
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
    // A wide density, a narrow one, one with long tails, and one that the proposal misses.
    for (centre, rate, q) in
        [(0.5, 2.0, (0.4, -0.5)), (-1.0, 300.0, (-1.0, -4.0)), (0.0, 0.4, (0.0, 0.0)), (2.5, 8.0, (-2.0, -1.5))]
    {
        for proposal in [Some(gaussian(q.0, q.1)), None] {
            let energy = laplace(centre, rate);
            let found = &scalars(&target, &energy, &features, proposal.as_ref(), ASKED)[0];
            let marginal = &found.marginal;
            let (centre, rate) = (f64::from(centre), f64::from(rate));
            let error = found.log_partition - (2.0 / rate).ln();
            // The curve is exact where the score is linear; the only error is in the cell that contains the kink.
            assert!(error.abs() < 2e-3, "{rate}, {}: {error}", proposal.is_some());
            let scale = 10.0 / rate;
            assert!((marginal.mean() - 50.0 - 10.0 * centre).abs() < 2e-3 * scale + 1e-6, "{}", marginal.mean());
            assert!((marginal.sd() / (2f64.sqrt() * scale) - 1.0).abs() < 2e-3, "{} {scale}", marginal.sd());
            let [low, high] = marginal.hpd(0.9)[0];
            let exact = 10f64.ln() * scale;
            assert!((0.5 * (high - low) / exact - 1.0).abs() < 2e-3);
            let [from, to] = marginal.interval(0.9);
            assert!((from - low).abs() < 5e-3 * scale && (to - high).abs() < 5e-3 * scale);
            // The tails follow the score, which is linear.
            let far = marginal.tail_mass(50.0 + 10.0 * (centre + 100.0 / rate));
            assert!((far.ln() + 100.0).abs() < 0.01, "{far}");
        }
    }
}

#[test]
fn the_curve_through_the_kinks_is_that_through_very_many_points() {
    let device = Device::flex();
    let target = Target { kind: TargetKind::Real, shift: 50.0, scale: 10.0, seen: [20.0, 80.0] };
    let mut compared = 0;
    for seed in 0..6 {
        let config = EnergyConfig {
            features: 6,
            target: 1,
            target_widths: vec![16, 16],
            hidden: 32,
            residual: true,
            axes: vec![],
        };
        let mut energy = config.init(&mut Noise::new(seed, Purpose::Weights, 0, 0), &device);
        // Steep enough for a density with several modes that has a place.
        energy.score.weight = Param::from_tensor(energy.score.weight.val() * 6.0);
        let features = Noise::new(seed, Purpose::Prediction, 0, 0).normal([3, 6], &device) * 2.0;
        // Wide, so that next to nothing lies beyond the points, where the reference goes on with a slope between two of them.
        let zeros = Tensor::<3>::zeros([3, 1, 1], &device);
        let proposal = GaussianMixture::new(Tensor::zeros([3, 1], &device), zeros.clone(), zeros + 1.0);
        for (row, found) in scalars(&target, &energy, &features, Some(&proposal), ASKED).iter().enumerate() {
            let [low, high] = found.asked;
            let knots: Vec<f64> = linspace(low, high, 100_001).iter().map(|&z| f64::from(z as f32)).collect();
            let y = Tensor::<1>::from_floats(&knots.iter().map(|&z| z as f32).collect::<Vec<_>>()[..], &device);
            let scores = to_host(energy.score(features.clone().narrow(0, row, 1), y.reshape([1, -1, 1])));
            let reference = scalar(&target, knots, scores, None).marginal;
            let (marginal, sd) = (&found.marginal, reference.sd());
            // Beyond the points both go on with a slope; that of the reference is one of rounded scores.
            let [low, high] = [low, high].map(|z| target.continuous_from_model(z));
            if reference.cdf(low) + 1.0 - reference.cdf(high) > 1e-6 {
                continue;
            }
            compared += 1;
            let mut answers = vec![(marginal.mean(), reference.mean()), (marginal.sd(), sd)];
            answers.extend([0.01, 0.05, 0.5, 0.95, 0.99].map(|p| (marginal.quantile(p), reference.quantile(p))));
            answers.extend([20.0, 45.0, 90.0].map(|y| (marginal.crps(y), reference.crps(y))));
            // The mass that the reference has in the sets, in standard deviations so that one tolerance serves.
            answers.extend([0.5, 0.9].map(|level| {
                let set = marginal.hpd(level);
                let mass: f64 = set.iter().map(|[from, to]| reference.cdf(*to) - reference.cdf(*from)).sum();
                (mass * sd, level * sd)
            }));
            for (found, expected) in answers {
                // What is left is the rounding of f32 scores, 1e-5 nats at the far points.
                assert!((found - expected).abs() < 2e-5 * sd, "{seed} {row}: {found} is not {expected}, sd {sd}");
            }
        }
    }
    assert!(compared >= 9, "{compared} of 18 densities lie between the points");
}

#[test]
fn a_proposal_that_misses_shows_in_the_effective_sample_size() {
    let target = Target { kind: TargetKind::Real, shift: 0.0, scale: 1.0, seen: [-3.0, 3.0] };
    let features = Tensor::<2>::zeros([1, 1], &Device::flex());
    let share = |mean| {
        let found = scalars(&target, &laplace(2.0, 4.0), &features, Some(&gaussian(mean, -1.0)), ASKED);
        found[0].ess_share.unwrap()
    };
    // If the proposal misses, the 1024 draws are worth about one.
    assert!(share(2.0) > 0.5 && share(-2.0) < 2e-3, "{} {}", share(2.0), share(-2.0));
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
    let (marginal, _) = mixture_marginal(&target, mixture, 1024);
    assert!(marginal.curve().log_mass().abs() < 2e-4, "{}", marginal.curve().log_mass());
    for p in linspace(0.01, 0.99, 33) {
        assert!((mixture.cdf(marginal.quantile(p)) - p).abs() < 1e-4, "{p}");
    }
    let exact = mixture_crps(mixture.scalar_components(), 0.4);
    assert!((marginal.crps(0.4) - exact).abs() < 1e-4);
    assert!(
        (marginal.mean() - mixture.mean()).abs() < 1e-4
            && (marginal.sd().powi(2) / mixture.variance() - 1.0).abs() < 5e-4
    );
}

#[test]
fn a_wide_component_of_a_logarithm_leaves_the_mean_within_what_labels_allow() {
    let target = Target { kind: TargetKind::Positive, shift: 500f64.ln(), scale: 1.15, seen: [50.0, 5000.0] };
    let device = Device::flex();
    let mixture = GaussianMixture::new(
        Tensor::from_floats([[0.98f32.ln(), 0.02f32.ln()]], &device),
        Tensor::zeros([1, 1, 2], &device),
        Tensor::from_floats([[[-1.0, 4.0]]], &device),
    );
    let (marginal, _) = mixture_marginal(&target, &Mixture::from_batch(&mixture)[0], 1024);
    // One range of the labels, in the logarithm, beyond the largest.
    let most = 5000.0 * (5000.0 / 50.0);
    assert!(marginal.mean() < most && marginal.sd() < most && marginal.crps(400.0) < most, "{}", marginal.mean());
    assert!(
        (marginal.median() / 500.0 - 1.0).abs() < 0.05,
        "the median is that of the narrow one: {}",
        marginal.median()
    );
    assert!(!marginal.mean_is_beyond_labels(), "of 2 % of the mass, nearly all below the labels: {}", marginal.mean());
    // A tenth of the mass is wide, about half of it above the labels: most of the mean, and nothing of the median.
    let wide = GaussianMixture::new(
        Tensor::from_floats([[0.9f32.ln(), 0.1f32.ln()]], &device),
        Tensor::zeros([1, 1, 2], &device),
        Tensor::from_floats([[[-1.0, 2.0]]], &device),
    );
    let (marginal, _) = mixture_marginal(&target, &Mixture::from_batch(&wide)[0], 1024);
    assert!(marginal.mean_is_beyond_labels() && marginal.median() < 700.0, "{}", marginal.mean());
    let narrow = GaussianMixture::new(
        Tensor::zeros([1, 1], &device),
        Tensor::zeros([1, 1, 1], &device),
        Tensor::from_floats([[[-1.0]]], &device),
    );
    let (marginal, _) = mixture_marginal(&target, &Mixture::from_batch(&narrow)[0], 1024);
    assert!(!marginal.mean_is_beyond_labels());
    // A target that may be negative has no such mark.
    let real = Target { kind: TargetKind::Real, shift: 0.0, scale: 1.0, seen: [-1.0, -0.5] };
    let (marginal, _) = mixture_marginal(&real, &Mixture::from_batch(&narrow)[0], 1024);
    assert!(!marginal.mean_is_beyond_labels());
}
