//! Accuracy of the defaults for tables: trains on generated tables with a known density, and prints the test NLL minus
//! that of the true density, in nats, as Markdown.
//!
//! `known_tables ebm 1000 5` uses 1000 rows of each table, a fifth of them for validation, and 5 seeds. Settings may
//! follow: `training.m=64 network.hidden=16 method.components=8`. For one thread, set `RAYON_NUM_THREADS=1`.

use std::time::Instant;

use burn::tensor::Device;
use ebm_core::evaluate::nll_on_grid;
use ebm_core::{
    Dataset, Examples, Grid, Method, ModelConfig, NetworkConfig, Noise, Purpose, TrainState, TrainingConfig,
};
use ebm_core::{Flow, Model, Objective, Observer, Validation, fit_validated};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

const TEST: usize = 2000;

/// A table with a known density.
struct Table {
    name: &'static str,
    columns: usize,
    /// A draw of `y` given standard normal inputs.
    draw: fn(&[f64], &mut Noise) -> f64,
    /// `log p(y|x)`, nats.
    log_density: fn(&[f64], f64) -> f64,
}

fn log_normal(y: f64, mean: f64, scale: f64) -> f64 {
    -0.5 * ((y - mean) / scale).powi(2) - (scale * std::f64::consts::TAU.sqrt()).ln()
}

/// Mean and scale of heteroscedastic noise.
fn fan(x: &[f64]) -> [f64; 2] {
    [(2.0 * x[0]).sin() + 0.5 * x[1], 0.1 + 0.3 * x[0].abs()]
}

fn linear(x: &[f64]) -> f64 {
    x[0] - 0.5 * x[1] + 0.25 * x[2]
}

/// Two branches that cross where `x[0]` is 0; the upper one has probability 0.7.
fn branches(x: &[f64]) -> [f64; 2] {
    [x[0] + 0.5 * x[1], -1.5 * x[0]]
}

const TABLES: [Table; 6] = [
    Table {
        name: "linear Gaussian",
        columns: 3,
        draw: |x, noise| linear(x) + 0.5 * noise.gauss(),
        log_density: |x, y| log_normal(y, linear(x), 0.5),
    },
    Table {
        name: "heteroscedastic",
        columns: 2,
        draw: |x, noise| fan(x)[0] + fan(x)[1] * noise.gauss(),
        log_density: |x, y| log_normal(y, fan(x)[0], fan(x)[1]),
    },
    Table {
        name: "two modes",
        columns: 2,
        draw: |x, noise| branches(x)[usize::from(noise.unit() >= 0.7)] + 0.2 * noise.gauss(),
        log_density: |x, y| {
            let [upper, lower] = branches(x).map(|mean| log_normal(y, mean, 0.2));
            let (upper, lower) = (upper + 0.7_f64.ln(), lower + 0.3_f64.ln());
            upper.max(lower) + (-(upper - lower).abs()).exp().ln_1p()
        },
    },
    Table {
        // y = sin x + a Gamma(2) variable with scale 0.4.
        name: "skewed",
        columns: 2,
        draw: |x, noise| x[0].sin() - 0.4 * ((1.0 - noise.unit()).ln() + (1.0 - noise.unit()).ln()),
        log_density: |x, y| {
            let g = (y - x[0].sin()) / 0.4;
            if g > 0.0 { g.ln() - g - 0.4_f64.ln() } else { f64::NEG_INFINITY }
        },
    },
    Table {
        name: "10 irrelevant columns",
        columns: 12,
        draw: |x, noise| fan(x)[0] + fan(x)[1] * noise.gauss(),
        log_density: |x, y| log_normal(y, fan(x)[0], fan(x)[1]),
    },
    Table {
        name: "interactions",
        columns: 8,
        draw: |x, noise| x[0] * x[1] + (x[2] + x[3]).tanh() + 0.3 * noise.gauss(),
        log_density: |x, y| log_normal(y, x[0] * x[1] + (x[2] + x[3]).tanh(), 0.3),
    },
];

impl Table {
    /// Inputs, row-major `[count, columns]`, and targets.
    fn rows(&self, count: usize, noise: &mut Noise) -> (Vec<f64>, Vec<f64>) {
        let mut inputs = Vec::new();
        let mut targets = Vec::new();
        for _ in 0..count {
            let x: Vec<f64> = (0..self.columns).map(|_| noise.gauss()).collect();
            targets.push((self.draw)(&x, noise));
            inputs.extend(x);
        }
        (inputs, targets)
    }
}

/// Counts steps.
struct Steps(usize);

impl Observer<Model> for Steps {
    fn step(&mut self, _: &TrainState<Model>) -> Flow {
        self.0 += 1;
        Flow::Continue
    }
}

/// Results of a run: test NLL minus that of the truth in nats, the same for one Gaussian for all rows, number of steps,
/// seconds of training.
fn run(table: &Table, rows: usize, seed: u64, settings: &[String], method: &str) -> [f64; 4] {
    let noise = &mut Noise::new(seed, Purpose::Split, 0, 0);
    let held_out = (rows / 5).max(1);
    let parts = [rows - held_out, held_out, TEST].map(|count| table.rows(count, noise));
    let mean_of = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let mean = mean_of(&parts[0].1);
    let scale = mean_of(&parts[0].1.iter().map(|y| (y - mean).powi(2)).collect::<Vec<_>>()).sqrt();
    let standard = |y: &f64| (y - mean) / scale;
    let [train, validation, test] = parts.each_ref().map(|(inputs, targets)| {
        let inputs = inputs.iter().map(|&x| x as f32).collect();
        Examples::new(inputs, table.columns, targets.iter().map(|y| standard(y) as f32).collect(), 1)
    });
    let (inputs, targets) = &parts[2];
    let truth = inputs.chunks(table.columns).zip(targets).map(|(x, &y)| (table.log_density)(x, y));
    let truth = mean_of(&truth.collect::<Vec<_>>());
    let marginal = mean_of(&targets.iter().map(|y| -log_normal(standard(y), 0.0, 1.0)).collect::<Vec<_>>());

    let config = ModelConfig {
        input: table.columns,
        target: 1,
        method: with(method_named(method), settings, "method"),
        network: with(NetworkConfig::tabular(), settings, "network"),
        axes: Vec::new(),
    };
    let training: TrainingConfig = with(TrainingConfig::tabular(train.len()), settings, "training");
    let device = Device::flex();
    let (started, mut steps) = (Instant::now(), Steps(0));
    let state = TrainState::new(config.init(seed, &device.clone().autodiff()), seed);
    let state = fit_validated(state, &train, &Validation::new(&validation, &device), &training, &mut steps);
    let model = state.expect("finite losses").model;
    let seconds = started.elapsed().as_secs_f64();
    let nll = mean_of(&nll_on_grid(&model, &test, &Grid::fine(-10.0, 10.0, 2000, 1), &mut |_| ()));
    [nll + scale.ln() + truth, marginal + scale.ln() + truth, steps.0 as f64, seconds]
}

/// The method with this name, with four Gaussians if it has a mixture.
fn method_named(name: &str) -> Method {
    let (components, objective) = (4, Objective::Nce);
    match name {
        "mdn" => Method::Mdn { components },
        "ebm" => Method::Ebm { components, objective },
        "ebm-fixed" => Method::EbmFixed { sigmas: vec![0.1, 0.8], objective },
        "mdn-teacher" => Method::MdnTeacher { components, objective },
        "residual" => Method::Residual { components, objective },
        other => panic!("unknown method {other}; use mdn, ebm, ebm-fixed, mdn-teacher or residual"),
    }
}

/// Applies the settings `section.key=value` of one section to a configuration.
fn with<T: Serialize + DeserializeOwned>(config: T, settings: &[String], section: &str) -> T {
    let mut value = serde_json::to_value(config).expect("plain data");
    for setting in settings {
        let (path, new) = setting.split_once('=').expect("a setting is section.key=value");
        let mut keys = path.split('.');
        if keys.next() == Some(section) {
            let place = keys.fold(&mut value, |place, key| &mut place[key]);
            *place = serde_json::from_str(new).unwrap_or_else(|_| Value::String(new.to_owned()));
        }
    }
    serde_json::from_value(value).expect("a valid setting")
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [method, rows, seeds, settings @ ..] = &arguments[..] else {
        panic!("usage: known_tables METHOD ROWS SEEDS …")
    };
    let rows: usize = rows.parse().expect("a number of rows");
    let seeds: u64 = seeds.parse().expect("a number of seeds");
    println!("{method}, {rows} rows, {seeds} seeds {settings:?}\n");
    println!("| table | test NLL − truth | worst seed | one Gaussian | steps | seconds |\n|---|---|---|---|---|---|");
    let mut totals = [0.0; 2];
    for table in &TABLES {
        let runs: Vec<[f64; 4]> = (0..seeds).map(|seed| run(table, rows, seed, settings, method)).collect();
        let [excess, marginal, steps, seconds] =
            [0, 1, 2, 3].map(|i| runs.iter().map(|run| run[i]).sum::<f64>() / runs.len() as f64);
        let worst = runs.iter().map(|run| run[0]).fold(f64::NEG_INFINITY, f64::max);
        println!("| {} | {excess:.3} | {worst:.3} | {marginal:.3} | {steps:.0} | {seconds:.1} |", table.name);
        totals = [totals[0] + excess, totals[1] + seconds];
    }
    let [excess, seconds] = totals.map(|total| total / TABLES.len() as f64);
    println!("| mean | {excess:.3} | | | | {seconds:.1} |");
}
