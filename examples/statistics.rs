//! The statistics, tested as statistics, at length: transforms under the truth, coverage of calibrated sets, importance
//! sampling against quadrature, and other units. Prints Markdown; `cargo xtask statistics` calls it.
//!
//! `statistics 20000 1000` compares 20000 networks with quadrature, and draws 1000 calibration sets of each size.

use burn::tensor::{Device, Tensor};
use ebm_core::network::backbone::BackboneConfig;
use ebm_core::predict::Draws;
use ebm_core::{
    Calibration, Conditional, GaussianMixture, Grid, Method, ModelConfig, NetworkConfig, Noise, Objective,
    PredictionConfig, Predictor, Purpose, TargetKind, TargetSpace,
};

const KINDS: [(&str, TargetKind); 8] = [
    ("real", TargetKind::Real),
    ("positive", TargetKind::Positive),
    ("power 0.4", TargetKind::Power { lambda: 0.4, start: 0.5, unit: 8.0 }),
    ("power 1.6", TargetKind::Power { lambda: 1.6, start: 0.5, unit: 8.0 }),
    ("bounded", TargetKind::Bounded { low: 0.0, high: 60.0 }),
    ("count", TargetKind::Count),
    ("step", TargetKind::Step { step: 0.25, offset: 0.0 }),
    ("angle", TargetKind::Angle { period: 24.0 }),
];
const LABELS: [f64; 8] = [3.0, 14.0, 1.0, 59.0, 2.0, 27.0, 8.0, 5.0];
const INPUTS: [f32; 8] = [0.3, -1.0, 2.0, 0.5, -0.4, 1.2, 0.0, -2.0];

/// An untrained network, which has a generic density.
fn predictor(space: TargetSpace, method: Method, seed: u64) -> Predictor {
    let network = NetworkConfig { backbone: BackboneConfig::Mlp { widths: vec![10, 10] }, ..NetworkConfig::default() };
    let config = ModelConfig { input: 2, target: 1, method, network, axes: space.axes() };
    Predictor::new(&config.init(seed, &Device::flex()), 2, space, PredictionConfig { m: 512, seed: 1 })
}

fn methods() -> [(&'static str, Method); 3] {
    let fixed = Method::EbmFixed { sigmas: vec![0.3], objective: Objective::Nce };
    [("mdn", Method::Mdn { components: 3 }), ("ebm", Method::ebm(3)), ("ebm-fixed", fixed)]
}

fn noise(seed: u64) -> Noise {
    Noise::new(seed, Purpose::Prediction, 7, 0)
}

/// `√n` times the largest distance of an empirical distribution function from that of a uniform variable.
fn kolmogorov_smirnov(mut values: Vec<f64>) -> f64 {
    let n = values.len() as f64;
    values.sort_unstable_by(f64::total_cmp);
    let ends = |(i, value): (usize, &f64)| (value - i as f64 / n).max((i + 1) as f64 / n - value);
    values.iter().enumerate().map(ends).fold(0.0, f64::max) * n.sqrt()
}

/// Draws from a model, asked of the model that they are drawn from.
fn transforms() {
    const NETWORKS: u64 = 20;
    const N: usize = 2000;
    println!(
        "## Transforms under the truth\n\n{N} draws from each of {NETWORKS} networks, and their (randomised) probability \
         integral transforms in the model that\nthey were drawn from. `D`: √n times the Kolmogorov–Smirnov distance from \
         a uniform distribution; the truth has more than\n1.358 in 5 % of samples, and more than 2.23 in 0.01 %.\n\n\
         | target | method | mean D | largest D | above 1.358 |\n|---|---|---:|---:|---:|"
    );
    for (name, kind) in KINDS {
        for (method_name, method) in methods() {
            let distances: Vec<f64> = (0..NETWORKS)
                .map(|seed| {
                    let predictor =
                        predictor(TargetSpace::fit(&[kind], &LABELS).expect("labels fit"), method.clone(), seed);
                    let prediction = &predictor.predict(0, &INPUTS[..2])[0];
                    let mut noise = noise(100 + seed);
                    let draws = prediction.sample(N, &mut noise);
                    let pit = |y: f64| prediction.marginal(0).randomised_pit(y, noise.unit());
                    kolmogorov_smirnov(draws.into_iter().map(pit).collect())
                })
                .collect();
            let above = distances.iter().filter(|&&d| d > 1.358).count();
            let mean = distances.iter().sum::<f64>() / NETWORKS as f64;
            let largest = distances.iter().copied().fold(0.0, f64::max);
            println!("| {name} | {method_name} | {mean:.3} | {largest:.3} | {above} of {NETWORKS} |");
        }
    }
}

/// Sets of a model calibrated on draws from another.
fn coverage(draws: usize) {
    const SIZES: [usize; 7] = [5, 10, 30, 100, 300, 1000, 10_000];
    const LEVEL: f64 = 0.8;
    const POOL: usize = 40_000;
    let own = (LEVEL * (1.0 - LEVEL) / POOL as f64).sqrt();
    println!(
        "\n## Coverage of calibrated sets\n\nLabels are drawn from one network, and the sets of another, which is wrong, are \
         calibrated to hold {LEVEL} of them: {draws}\ncalibration sets of each size. The mean share of {POOL} other labels in \
         the sets, ± its standard error over the\ncalibration sets; the other \
         labels are drawn once, which adds an error of {own:.4} to all\nof a row. Exact for a score without ties: \
         ⌈(n + 1) {LEVEL}⌉/(n + 1). \
         Values that repeat, of counts and steps,\nraise it.\n\n| target | uncalibrated | {} |\n|---|---:|{}",
        SIZES.map(|n| format!("n = {n}")).join(" | "),
        "---:|".repeat(SIZES.len())
    );
    let exact = SIZES.map(|n| format!("{:.4}", ((n + 1) as f64 * LEVEL).ceil() / (n + 1) as f64));
    println!("| exact | | {} |", exact.join(" | "));
    for (name, kind) in KINDS {
        let space = || TargetSpace::fit(&[kind], &LABELS).expect("labels fit");
        let (truth, model) = (predictor(space(), Method::ebm(3), 3), predictor(space(), Method::ebm(3), 4));
        let (mut noise, mut scores) = (noise(9), Vec::new());
        for (truth, model) in truth.predict(0, &INPUTS).iter().zip(&model.predict(0, &INPUTS)) {
            let labels = truth.sample(2 * POOL / (INPUTS.len() / 2), &mut noise);
            scores.extend(labels.into_iter().map(|y| model.tail_mass(&[y])));
        }
        // In a random order; the first half is tested.
        let mut keyed: Vec<(f64, f64)> = scores.into_iter().map(|score| (noise.unit(), score)).collect();
        keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let scores: Vec<f64> = keyed.into_iter().map(|(_, score)| score).collect();
        let (test, pool) = scores.split_at(POOL);
        let mut sorted = test.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let share = |least: f64| 1.0 - sorted.partition_point(|&score| score < least) as f64 / POOL as f64;
        let cells = SIZES.map(|n| {
            let shares: Vec<f64> = (0..draws)
                .map(|_| {
                    let drawn = (0..n).map(|_| pool[((noise.unit() * POOL as f64) as usize).min(POOL - 1)]);
                    let calibration = Calibration::of(drawn.collect()).expect("scores are probabilities");
                    share(calibration.tail_mass(LEVEL))
                })
                .collect();
            let mean = shares.iter().sum::<f64>() / draws as f64;
            let variance = shares.iter().map(|share| (share - mean).powi(2)).sum::<f64>() / (draws - 1) as f64;
            format!("{mean:.4} ± {:.4}", (variance / draws as f64).sqrt())
        });
        println!("| {name} | {:.4} | {} |", share(1.0 - LEVEL), cells.join(" | "));
    }
}

/// `log Z` of random energies by importance sampling and by quadrature.
fn partitions(networks: u64) {
    const M: usize = 2048;
    const GRID: usize = 4096;
    let device = Device::flex();
    let grid = Grid::line(-15.0, 15.0, GRID);
    let axis: Vec<f32> = grid.axis().iter().map(|&y| y as f32).collect();
    let points = Tensor::<1>::from_floats(axis.as_slice(), &device).reshape([1, GRID, 1]);
    // Wider than the factor that confines the energy, so that weights are bounded.
    let proposal = GaussianMixture::centred(Tensor::zeros([1, 1], &device), &[1.5]);
    let network = NetworkConfig { backbone: BackboneConfig::Mlp { widths: vec![10, 10] }, ..NetworkConfig::default() };
    let config = ModelConfig { input: 2, network, ..ModelConfig::scalar(Method::ebm(1)) };
    let (mut sum, mut squares, mut beyond, mut largest) = (0.0, 0.0, [0usize; 3], 0.0f64);
    for seed in 0..networks {
        let model = config.init(seed, &device);
        let mut noise = noise(seed);
        let input = Tensor::<2>::from_floats([[noise.gauss() as f32, noise.gauss() as f32]], &device);
        let Conditional::Energy { energy, features, .. } = model.conditional(input) else { unreachable!("an energy") };
        let confined = |y: Tensor<3>| {
            let score = energy.score(features.clone(), y.clone()) * 3.0;
            numbers(score - y.squeeze_dim::<2>(2).powi_scalar(2) * 0.5)
        };
        let y = proposal.sample(M, &mut noise);
        let log_weights = confined(y.clone()).into_iter().zip(numbers(proposal.log_prob(y.clone())));
        let draws = Draws::sampled(numbers(y.squeeze_dim::<2>(2)), log_weights.map(|(s, q)| s - q).collect());
        let scores = confined(points.clone()).into_iter().map(|score| score + grid.log_volume());
        let exact = Draws::quadrature(grid.axis(), scores.collect());
        for (sampled, exact) in [(draws.log_partition(), exact.log_partition()), (draws.mean(), exact.mean())] {
            let z = (sampled.value - exact.value) / sampled.standard_error;
            (sum, squares, largest) = (sum + z, squares + z * z, largest.max(z.abs()));
            [2.0, 3.0, 4.0].iter().zip(&mut beyond).for_each(|(limit, count)| *count += usize::from(z.abs() > *limit));
        }
    }
    let n = 2.0 * networks as f64;
    println!(
        "\n## Importance sampling and quadrature\n\n`log Z` and the mean of {networks} random energies (times 3, confined by a \
         Gaussian factor) with {M} candidates, and by\nquadrature on {GRID} points, in standard errors of the first: mean \
         {:.4}, sd {:.4}; {:.3} % beyond 2 (Gaussian: 4.550 %),\n{:.4} % beyond 3 (0.2700 %), {:.5} % beyond 4 (0.00633 %); \
         the largest is {largest:.2}.",
        sum / n,
        (squares / n).sqrt(),
        100.0 * beyond[0] as f64 / n,
        100.0 * beyond[1] as f64 / n,
        100.0 * beyond[2] as f64 / n,
    );
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f32>().map(f64::from).collect()
}

/// The same model of labels in other units, and of labels far from 0.
fn units() {
    println!(
        "\n## Other units\n\nThe largest difference of quantiles, mean and ends of the 90 % set of 20 networks from those in \
         the first unit, over the\nstandard deviation; and of the log-density from that minus the logarithm of the unit, \
         nats.\n\n| target, method | labels | answers | log-density |\n|---|---|---:|---:|"
    );
    for (name, kind) in [("real", TargetKind::Real), ("positive", TargetKind::Positive)] {
        for (method_name, method) in methods() {
            let scales: Vec<f64> = (-12..=12).map(|exponent| 10f64.powi(exponent)).collect();
            let worst = largest_differences(kind, &method, &scales.iter().map(|&by| (by, 0.0)).collect::<Vec<_>>());
            println!("| {name}, {method_name} | × 10^−12 to 10^12 | {:.1e} | {:.1e} |", worst[0], worst[1]);
            if kind == TargetKind::Real {
                let shifts: Vec<(f64, f64)> =
                    [-1e6, -1e3, 1e3, 1e6].into_iter().map(|ranges| (1.0, 58.0 * ranges)).collect();
                let worst = largest_differences(kind, &method, &shifts);
                println!(
                    "| {name}, {method_name} | ± 10^3 and 10^6 label ranges | {:.1e} | {:.1e} |",
                    worst[0], worst[1]
                );
            }
        }
    }
}

/// Largest differences of answers and log-densities when labels are `scale · y + shift`.
fn largest_differences(kind: TargetKind, method: &Method, changes: &[(f64, f64)]) -> [f64; 2] {
    let answers = |scale: f64, shift: f64, seed: u64| {
        let labels = LABELS.map(|y| scale * y + shift);
        let predictor = predictor(TargetSpace::fit(&[kind], &labels).expect("labels fit"), method.clone(), seed);
        let prediction = &predictor.predict(0, &INPUTS[..2])[0];
        let mut answers: Vec<f64> = (1..20).map(|i| prediction.quantile(f64::from(i) / 20.0)).collect();
        answers.push(prediction.mean());
        answers.extend(prediction.hpd(0.9).into_iter().flatten());
        let answers: Vec<f64> = answers.into_iter().map(|y| (y - shift) / scale).collect();
        let log_probs = [2.0, 9.0, 40.0].map(|y| prediction.log_prob(&[scale * y + shift]).estimate.value + scale.ln());
        (answers, log_probs, prediction.sd() / scale)
    };
    let mut worst = [0.0f64; 2];
    for seed in 0..20 {
        let (first, first_logs, sd) = answers(1.0, 0.0, seed);
        for &(scale, shift) in changes {
            let (other, logs, _) = answers(scale, shift, seed);
            assert_eq!(first.len(), other.len(), "the set has as many pieces");
            let off = first.iter().zip(&other).map(|(a, b)| (a - b).abs() / sd).fold(0.0, f64::max);
            let logs_off = first_logs.iter().zip(&logs).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            worst = [worst[0].max(off), worst[1].max(logs_off)];
        }
    }
    worst
}

fn main() {
    let arguments: Vec<u64> = std::env::args().skip(1).map(|n| n.parse().expect("a whole number")).collect();
    let [networks, draws] = arguments[..] else { panic!("usage: statistics NETWORKS CALIBRATION-SETS") };
    transforms();
    coverage(draws as usize);
    partitions(networks);
    units();
}
