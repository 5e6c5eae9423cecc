//! How far from the truth the defaults for tables get: trains on generated tables whose density is known, and prints
//! test NLL − the truth's, in nats, as Markdown.
//!
//! `tabular ebm 1000 5` takes 1000 rows of each table, a fifth of them to validate, with 5 seeds. Settings may follow:
//! `training.m=64 network.hidden=16 method.components=8`. One thread: `RAYON_NUM_THREADS=1`.

use std::time::Instant;

use burn::tensor::Device;
use ebm_core::{EpochReport, Model, Observer, Validation, eval, fit_validated};
use ebm_core::{Examples, Grid, Method, ModelConfig, NetworkConfig, Noise, Purpose, TrainState, TrainingConfig};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

const TEST: usize = 2000;

/// A table of which the density is known.
struct Table {
    name: &'static str,
    columns: usize,
    /// A draw of `y` and its log-density, of inputs that are standard normal.
    draw: fn(&[f64], &mut Noise) -> f64,
    log_density: fn(&[f64], f64) -> f64,
}

fn log_normal(y: f64, mean: f64, scale: f64) -> f64 {
    -0.5 * ((y - mean) / scale).powi(2) - (scale * std::f64::consts::TAU.sqrt()).ln()
}

/// Mean and scale of a fan of noise.
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
        // y = sin x + a Gamma(2) of scale 0.4.
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
    /// Inputs and targets, row by row.
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

#[derive(Default)]
struct Count {
    epochs: usize,
    steps: usize,
}

impl Observer<Model> for Count {
    fn epoch(&mut self, _: &TrainState<Model>, report: &EpochReport) {
        self.epochs = report.epoch + 1;
    }

    fn step(&mut self, _: &TrainState<Model>) -> ebm_core::Flow {
        self.steps += 1;
        ebm_core::Flow::Continue
    }
}

/// Excess of the test NLL over the truth's in nats, epochs, steps, seconds of training.
fn run(table: &Table, rows: usize, seed: u64, settings: &[String], method: &str) -> [f64; 4] {
    let noise = &mut Noise::new(seed, Purpose::Split, 0, 0);
    let (held_out, test) = ((rows / 5).max(1), TEST);
    let trained_on = rows - held_out;
    let parts = [trained_on, held_out, test].map(|count| table.rows(count, noise));
    let y = &parts[0].1;
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let scale = (y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / y.len() as f64).sqrt();
    let [train, validation, _] = [0, 1, 2].map(|part: usize| {
        let (inputs, targets) = &parts[part];
        let inputs = inputs.iter().map(|&x| x as f32).collect();
        Examples::new(inputs, table.columns, targets.iter().map(|y| ((y - mean) / scale) as f32).collect(), 1)
    });
    let truth = {
        let (inputs, targets) = &parts[2];
        inputs.chunks(table.columns).zip(targets).map(|(x, &y)| (table.log_density)(x, y)).sum::<f64>() / test as f64
    };
    let test = {
        let (inputs, targets) = &parts[2];
        let inputs = inputs.iter().map(|&x| x as f32).collect();
        Examples::new(inputs, table.columns, targets.iter().map(|y| ((y - mean) / scale) as f32).collect(), 1)
    };

    let method = match method {
        "mdn" => Method::Mdn { components: 4 },
        "ebm" => Method::ebm(4),
        "ebm-fixed" => Method::EbmFixed { sigmas: vec![0.1, 0.8], objective: Default::default() },
        "mdn-teacher" => Method::MdnTeacher { components: 4, objective: Default::default() },
        other => panic!("there is no method {other}"),
    };
    let method: Method = with(method, settings, "method");
    let network: NetworkConfig = with(NetworkConfig::tabular(), settings, "network");
    let training: TrainingConfig = with(TrainingConfig::tabular(trained_on), settings, "training");
    let config = ModelConfig { input: table.columns, target: 1, method, network, axes: Vec::new() };
    let started = Instant::now();
    let mut count = Count::default();
    let state = TrainState::new(config.init(seed, &Device::flex().autodiff()), seed);
    let state = fit_validated(state, &train, &Validation::new(&validation), &training, &mut count);
    let model = state.expect("finite losses").model;
    let seconds = started.elapsed().as_secs_f64();
    let nll = eval::nll_on_grid(&model, &test, &Grid::fine(-10.0, 10.0, 2000, 1), &mut |_| ());
    let nll = nll.iter().sum::<f64>() / nll.len() as f64 + scale.ln();
    [nll + truth, count.epochs as f64, count.steps as f64, seconds]
}

/// A configuration with the settings `section.key=value` of one section.
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
    let [method, rows, seeds, settings @ ..] = &arguments[..] else { panic!("usage: tabular METHOD ROWS SEEDS …") };
    let rows: usize = rows.parse().expect("a number of rows");
    let seeds: u64 = seeds.parse().expect("a number of seeds");
    println!("{method}, {rows} rows, {seeds} seeds {settings:?}\n");
    println!("| table | test NLL − truth | worst | epochs | steps | seconds |\n|---|---|---|---|---|---|");
    let only = settings.iter().find_map(|setting| setting.strip_prefix("tables="));
    let mut all = Vec::new();
    for table in TABLES.iter().filter(|table| only.is_none_or(|only| table.name.starts_with(only))) {
        let settings: Vec<String> =
            settings.iter().filter(|setting| !setting.starts_with("tables=")).cloned().collect();
        let runs: Vec<[f64; 4]> = (0..seeds).map(|seed| run(table, rows, seed, &settings, method)).collect();
        let mean = |i: usize| runs.iter().map(|run| run[i]).sum::<f64>() / runs.len() as f64;
        let worst = runs.iter().map(|run| run[0]).fold(f64::NEG_INFINITY, f64::max);
        println!("| {} | {:.3} | {worst:.3} | {:.0} | {:.0} | {:.1} |", table.name, mean(0), mean(1), mean(2), mean(3));
        all.push([mean(0), mean(3)]);
    }
    let mean = |i: usize| all.iter().map(|table| table[i]).sum::<f64>() / all.len() as f64;
    println!("| mean | {:.3} | | | | {:.1} |", mean(0), mean(1));
}
