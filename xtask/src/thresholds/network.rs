//! One network, what was seen of it after its training, and its answers beside the truth.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::settings::{Args, SETTINGS};
use super::truth::{LEVELS, distance};
use crate::known::density::{CATEGORIES, KnownDensity};

/// Exit code of a training that failed.
const FAILED: i32 = 1;

/// A network and its answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Trained {
    /// Index of its setting.
    pub setting: usize,
    /// Test NLL minus that of the true density, nats; nothing if its training failed.
    pub above_truth: Option<f64>,
    /// Test NLL of a Gaussian of the training labels minus that of the true density, nats.
    pub gaussian_above_truth: f64,
    /// NLL on held-out rows minus that of a Gaussian of the training labels.
    pub above_marginal: Option<f64>,
    /// NCE minus that of an energy which is its proposal, nats.
    pub nce_excess: Option<f64>,
    /// Median effective sample share.
    pub median_ess_share: Option<f64>,
    pub answers: Vec<Answer>,
}

/// The answer for a row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    /// Distance of Kolmogorov from the true distribution, see [`distance`].
    pub wrong_by: f64,
    pub ess_share: f64,
    /// Distance from the training rows; above 1 none of them is so far.
    pub distance: f64,
    /// Label ranges between the median and the training labels; 0 within them.
    pub beyond_labels: f64,
    /// Whether the row is beyond those trained on.
    pub is_outside: bool,
}

/// Trains a network and asks it, or reads what was found earlier.
pub(super) fn trained(
    args: &Args,
    program: &Path,
    density: KnownDensity,
    setting: usize,
    seed: u64,
) -> Result<Trained> {
    let folder = args.runs.join(format!("{}-{}", args.rows, args.test)).join(density.name());
    let folder = folder.join(SETTINGS[setting].0.replace(' ', "-")).join(format!("seed-{seed}"));
    let kept = folder.join("trained.json");
    if let Ok(text) = fs::read(&kept) {
        return serde_json::from_slice(&text).with_context(|| format!("{} is damaged", kept.display()));
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let training = density.draw(args.rows, seed, 0).csv;
    let inside = density.draw(args.test, seed, 2);
    let outside = beyond(&density.draw(args.test, seed, 3).csv)?;
    let [train, test, model] = ["train.csv", "test.csv", "model"].map(|name| folder.join(name));
    fs::write(&train, &training)?;
    fs::write(&test, format!("{}{outside}", inside.csv))?;
    let ebm = || {
        let mut command = Command::new(program);
        command.args(["--quiet", "--threads", "1"]).stdin(Stdio::null()).stderr(Stdio::piped());
        command
    };
    let mut command = ebm();
    command.arg("train").arg(&train).args(density.flags()).args(SETTINGS[setting].1.split_whitespace());
    command.args(["--members", "1", "--method", "ebm", "--split", "0.9,0.1,0,0", "--force"]);
    command.args(["--seed", &seed.to_string(), "--out"]).arg(&model);
    let output = run(&mut command, &[0, FAILED])?;
    let labels = numbers(&training, "y")?;
    let mean = labels.iter().sum::<f64>() / labels.len() as f64;
    let variance = labels.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / labels.len() as f64;
    let gaussian = |y: f64| 0.5 * ((y - mean).powi(2) / variance + (variance * std::f64::consts::TAU).ln());
    let test_labels = numbers(&inside.csv, "y")?;
    let of_gaussian = test_labels.iter().map(|&y| gaussian(y)).sum::<f64>() / test_labels.len() as f64;
    let record: Value = serde_json::from_slice(&fs::read(model.join("run.json"))?)?;
    let checks = |key: &str| record["checks"][key].as_f64();
    let difference = |a: &str, b: &str| Some(checks(a)? - checks(b)?);
    let mut found = Trained {
        setting,
        above_truth: None,
        gaussian_above_truth: of_gaussian - inside.nll,
        above_marginal: difference("nll", "marginal_nll"),
        nce_excess: difference("nce", "nce_of_proposal"),
        median_ess_share: checks("ess_share"),
        answers: Vec::new(),
    };
    if output.status.success() {
        let levels = LEVELS.map(|level| level.to_string()).join(",");
        let mut command = ebm();
        command.arg("predict").arg(&model).arg(&test).args(["--log-prob", "--format", "jsonl", "--quantiles", &levels]);
        let rows = String::from_utf8(run(&mut command, &[0])?.stdout)?;
        let rows: Vec<Value> = rows.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let log_probs: Vec<f64> = rows[..args.test].iter().map(|row| number(row, "log_prob")).collect();
        found.above_truth = Some(-log_probs.iter().sum::<f64>() / log_probs.len() as f64 - inside.nll);
        let range = labels.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], &y| [low.min(y), high.max(y)]);
        let text = format!("{}{outside}", inside.csv);
        let (x, g) = (numbers(&text, "x")?, categories(&text)?);
        found.answers = rows
            .iter()
            .enumerate()
            .map(|(at, row)| {
                let mixture = density.gaussians(x[at], g[at]).context("a mixture of Gaussians")?;
                Ok(answer(row, &mixture, range, at >= args.test))
            })
            .collect::<Result<_>>()?;
    }
    fs::remove_dir_all(&model)?;
    fs::write(&kept, serde_json::to_vec(&found)?)?;
    Ok(found)
}

/// An answer beside the true mixture.
fn answer(row: &Value, mixture: &[[f64; 3]], [low, high]: [f64; 2], is_outside: bool) -> Answer {
    let quantiles = LEVELS.map(|level| number(row, &format!("q{level}")));
    let median = number(row, "median");
    Answer {
        wrong_by: distance(&quantiles, mixture),
        ess_share: number(row, "ess_share"),
        distance: number(row, "distance"),
        beyond_labels: (low - median).max(median - high).max(0.0) / (high - low),
        is_outside,
    }
}

/// The rows moved beyond those trained on, without their header: x in ±[2.2, 6.2]. Their labels are of no use.
fn beyond(csv: &str) -> Result<String> {
    let moved = csv.lines().skip(1).map(|line| {
        let (x, rest) = line.split_once(',').context("a row has cells")?;
        let x: f64 = x.parse()?;
        Ok(format!("{},{rest}\n", x.signum() * (2.2 + 2.0 * x.abs())))
    });
    moved.collect()
}

/// The numbers of a column.
fn numbers(csv: &str, name: &str) -> Result<Vec<f64>> {
    cells(csv, name)?.map(|cell| Ok(cell.parse()?)).collect()
}

/// The categories, as indices.
fn categories(csv: &str) -> Result<Vec<usize>> {
    cells(csv, "g")?.map(|cell| CATEGORIES.iter().position(|name| *name == cell).context("a category")).collect()
}

fn cells<'a>(csv: &'a str, name: &str) -> Result<impl Iterator<Item = &'a str>> {
    let mut lines = csv.lines();
    let header = lines.next().context("a header")?;
    let at = header.split(',').position(|column| column == name).context("a column")?;
    Ok(lines.map(move |line| line.split(',').nth(at).unwrap_or_default()))
}

/// A number of a row; NaN where there is none.
fn number(row: &Value, key: &str) -> f64 {
    row[key].as_f64().unwrap_or(f64::NAN)
}

/// What a program gave, if it ended with one of these codes.
fn run(command: &mut Command, codes: &[i32]) -> Result<Output> {
    let output = command.stdout(Stdio::piped()).output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.code().is_some_and(|code| codes.contains(&code)) {
        bail!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(output)
}
