//! One network on a known density: its rows, its training and what was measured.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::args::Args;
use super::density::{Drawn, KnownDensity};

/// The result of one network.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Outcome {
    /// Test NLL of the true density, nats.
    pub truth_nll: f64,
    /// What `ebm evaluate` measured.
    metrics: serde_json::Map<String, Value>,
    /// Training time on one thread.
    pub seconds: f64,
}

impl Outcome {
    pub(super) fn metric(&self, key: &str) -> f64 {
        self.metrics.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN)
    }
}

/// Trains, calibrates and evaluates one network, or reads the result of an earlier run.
pub(super) fn outcome(args: &Args, program: &Path, density: KnownDensity, seed: u64) -> Result<Outcome> {
    let sizes = format!("{}-{}-{}-{}", args.method, args.rows, args.calibration, args.test);
    let folder = args.runs.join(sizes).join(density.name()).join(format!("seed-{seed}"));
    let kept = folder.join("outcome.json");
    if let Ok(text) = fs::read(&kept) {
        return serde_json::from_slice(&text).with_context(|| format!("{} is damaged", kept.display()));
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut files = Vec::new();
    let mut truth_nll = f64::NAN;
    for (part, (name, rows)) in
        [("train.csv", args.rows), ("calibration.csv", args.calibration), ("test.csv", args.test)]
            .into_iter()
            .enumerate()
    {
        let Drawn { csv, nll } = density.draw(rows, seed, part as u64);
        truth_nll = nll;
        let path = folder.join(name);
        fs::write(&path, csv).with_context(|| format!("cannot write {}", path.display()))?;
        files.push(path);
    }
    let model = folder.join("model");
    let ebm = || {
        let mut command = Command::new(program);
        command.args(["--quiet", "--threads", "1"]).stdin(Stdio::null()).stderr(Stdio::inherit());
        command
    };
    let mut train = ebm();
    train.arg("train").arg(&files[0]).args(density.flags()).args(["--split", "0.9,0.1,0,0", "--method", &args.method]);
    train.args(["--seed", &seed.to_string(), "--out"]).arg(&model).arg("--force");
    let started = Instant::now();
    run(&mut train)?;
    let seconds = started.elapsed().as_secs_f64();
    run(ebm().arg("calibrate").arg(&model).arg(&files[1]))?;
    let report = run(ebm().arg("evaluate").arg(&model).arg(&files[2]).arg("--json"))?;
    let report: Value = serde_json::from_str(&report).context("reading the evaluation")?;
    let metrics = report["metrics"].as_object().context("an evaluation has metrics")?.clone();
    let outcome = Outcome { truth_nll, metrics, seconds };
    fs::write(&kept, serde_json::to_vec_pretty(&outcome)?)?;
    Ok(outcome)
}

/// The standard output of a program.
fn run(command: &mut Command) -> Result<String> {
    let output = command.stdout(Stdio::piped()).output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}
