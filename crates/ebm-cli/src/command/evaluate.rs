//! `ebm evaluate`

use std::path::Path;

use burn::tensor::Device;
use ebm_core::eval::{kl_on_grid, nll_on_grid};
use ebm_core::predict::{PARETO_K_LIMIT, Trust, log_prob};
use ebm_core::{Examples, Method, Model, Noise, Purpose};
use ebm_data::{Pairs, read_pairs};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::How;
use super::input::{CHUNK, column, config};
use crate::cli::{EvaluateArgs, SamplingArgs};
use crate::device::DeviceName;
use crate::exit::{Exit, failure};
use crate::load::{self, Loaded};
use crate::output::{print, print_json};
use crate::run_folder::write_json;
use crate::task::{Evaluation, evaluation, grid_around};

/// Schema of `evaluation.json`.
const SCHEMA: &str = "ebm.evaluation/1";

/// A label's share of all weights above which the proposal has missed it.
const LABEL_WEIGHT_LIMIT: f64 = 0.5;

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    metrics: Map<String, Value>,
    test_examples: usize,
    grid: GridRecord,
    importance_samples: usize,
}

#[derive(Serialize)]
struct GridRecord {
    low: f64,
    high: f64,
    points: usize,
}

/// One line of the report.
struct Metric {
    key: &'static str,
    value: f64,
    about: &'static str,
}

pub fn run(args: &EvaluateArgs, how: How) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let loaded = load::model(&args.run, &device)?;
    let record = load::record(&args.run)?;
    let task = match &args.test_file {
        Some(file) => on_file(read_pairs(file)?, &loaded),
        None => evaluation(record.config.dataset).ok_or_else(|| {
            failure(
                Exit::Usage,
                "this run was trained on your own file: give examples held out from it with --test-file",
            )
        })?,
    };
    let report = evaluate(&loaded, &task, &args.sampling, &device);
    if args.test_file.is_none() {
        write_json(&args.run.join("evaluation.json"), &report.0)?;
    }
    show(&report, how)
}

/// Evaluates a run that has just been trained on its own task.
pub fn trained(run: &Path, device: DeviceName, how: How) -> anyhow::Result<()> {
    let sampling = SamplingArgs { m: 1024, seed: 0, device };
    run_quietly(&EvaluateArgs { run: run.to_owned(), test_file: None, sampling }, how)
}

/// As [`run`], with nothing on stdout under `--quiet`.
fn run_quietly(args: &EvaluateArgs, how: How) -> anyhow::Result<()> {
    if !how.quiet {
        return run(args, how);
    }
    let device = args.sampling.device.open()?;
    let loaded = load::model(&args.run, &device)?;
    let Some(task) = evaluation(load::record(&args.run)?.config.dataset) else { return Ok(()) };
    write_json(&args.run.join("evaluation.json"), &evaluate(&loaded, &task, &args.sampling, &device).0)
}

/// A user's test file is evaluated on a grid around the training targets and its own.
fn on_file(test: Pairs, loaded: &Loaded) -> Evaluation {
    let [low, high] = loaded.about.target_range;
    let low = test.y.iter().copied().fold(low, f64::min);
    let high = test.y.iter().copied().fold(high, f64::max);
    Evaluation { test, grid: grid_around([low, high], 4096), truth: None, kl_inputs: None }
}

fn evaluate(loaded: &Loaded, task: &Evaluation, sampling: &SamplingArgs, device: &Device) -> (Report, Vec<Metric>) {
    let mut metrics = Vec::new();
    let mut add = |key, value, about| metrics.push(Metric { key, value, about });
    if let (Some(inputs), Some(truth)) = (&task.kl_inputs, task.truth) {
        let at = Examples::from_pairs(inputs, &vec![0.0; inputs.len()]);
        let kl = kl_on_grid(&loaded.model, &at, &task.grid, |row, y| truth(inputs[row], y));
        add("kl", kl, "KL divergence from the truth to the model, on the paper's grid, nats");
    }
    let nll = nll_on_grid(&loaded.model, &Examples::from(&task.test), &task.grid);
    let (mean, error) = mean_and_error(&nll);
    let energy = !matches!(loaded.about.model.method, Method::Mdn { .. } | Method::MdnTeacher { .. });
    add("nll", mean, if energy { "test NLL, normalised on the grid, nats" } else { "test NLL, exact, nats" });
    add("nll_error", error, "its standard error over the test examples");
    if let Some(truth) = task.truth {
        let exact: Vec<f64> = task.test.x.iter().zip(&task.test.y).map(|(&x, &y)| -truth(x, y)).collect();
        add("truth_nll", mean_and_error(&exact).0, "test NLL of the true density, nats: the floor");
    }
    if matches!(loaded.model, Model::Ebm(_)) {
        importance(loaded, &task.test, sampling, device, add);
    }
    let grid = GridRecord { low: task.grid[0], high: task.grid[task.grid.len() - 1], points: task.grid.len() };
    let values = metrics.iter().map(|metric| (metric.key.to_owned(), json!(metric.value))).collect();
    let report = Report {
        schema: SCHEMA,
        metrics: values,
        test_examples: task.test.len(),
        grid,
        importance_samples: sampling.m,
    };
    (report, metrics)
}

/// The honest numbers: the whole line, importance sampling from the proposal, and how far it is to be trusted.
fn importance(
    loaded: &Loaded,
    test: &Pairs,
    sampling: &SamplingArgs,
    device: &Device,
    mut add: impl FnMut(&'static str, f64, &'static str),
) {
    let config = config(sampling, &loaded.about);
    let mut estimates = Vec::with_capacity(test.len());
    let mut trusts = Vec::with_capacity(test.len());
    for (chunk, (x, y)) in test.x.chunks(CHUNK).zip(test.y.chunks(CHUNK)).enumerate() {
        let mut noise = Noise::new(sampling.seed, Purpose::Prediction, 0, chunk);
        for answer in log_prob(&loaded.model, column(x, device), column(y, device), &config, &mut noise) {
            estimates.push(answer.estimate);
            trusts.extend(answer.trust);
        }
    }
    let n = test.len() as f64;
    let nll = -estimates.iter().map(|estimate| estimate.value).sum::<f64>() / n;
    add("nll_importance", nll, "test NLL on the whole line by importance sampling, nats");
    let error = estimates.iter().map(|estimate| estimate.standard_error.powi(2)).sum::<f64>().sqrt() / n;
    add("nll_importance_mc_error", error, "its Monte-Carlo standard error");
    let mean = |of: &dyn Fn(&Trust) -> f64| trusts.iter().map(of).sum::<f64>() / n;
    add("ess_share", mean(&|t| t.effective_sample_size) / config.m as f64, "mean effective sample size / M");
    add("pareto_k_high", mean(&|t| share(t.pareto_k > PARETO_K_LIMIT)), "share of examples with Pareto k above 0.7");
    let missed = mean(&|t| share(t.label_weight > LABEL_WEIGHT_LIMIT));
    add("label_missed", missed, "share of labels with over half of all weight: the proposal missed them");
}

fn share(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    (mean, (variance / n).sqrt())
}

fn show((report, metrics): &(Report, Vec<Metric>), how: How) -> anyhow::Result<()> {
    if how.json {
        return print_json(report);
    }
    let line = |metric: &Metric| format!("{:<24} {:>10.5}  {}\n", metric.key, metric.value, metric.about);
    print(metrics.iter().map(line).collect::<String>())
}
