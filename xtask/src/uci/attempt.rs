//! One split: training, evaluation, and what they cost.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use wait4::Wait4 as _;

use super::kept::{Measured, Outcome};
use super::splits::Tables;

/// Exit codes of a training that gave no model: diverged, bad data, a panic. Any other is no result of the method.
const FAILURES: [i32; 3] = [1, 65, 101];

/// Lines shown of a log.
const TAIL: usize = 5;

/// A program that has ended.
struct Ended {
    stdout: String,
    /// Of the processor.
    seconds: f64,
    peak_mb: f64,
}

/// Trains on a split and measures on its test rows; `folder` gets the model and the log. Also the source revision of
/// the program.
///
/// # Errors
/// When `ebm` cannot be run, is interrupted, or refuses its arguments.
pub(super) fn attempt(
    ebm: &Path,
    arguments: &[String],
    tables: &Tables,
    seed: usize,
    folder: &Path,
) -> Result<(Outcome, String)> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let model = folder.join("model");
    let mut train: Vec<OsString> = vec!["train".into(), tables.train.clone().into()];
    train.extend(arguments.iter().map(OsString::from));
    train.extend(["--seed".into(), seed.to_string().into(), "--out".into(), model.clone().into(), "--force".into()]);
    let trained = match run(ebm, &train, &folder.join("train.log"))? {
        Ok(trained) => trained,
        Err(reason) => return Ok((Outcome::Failed(format!("train: {reason}")), revision(&model))),
    };
    let evaluate: [OsString; 4] =
        ["evaluate".into(), model.clone().into(), tables.test.clone().into(), "--json".into()];
    let outcome = match run(ebm, &evaluate, &folder.join("evaluate.log"))? {
        Ok(evaluated) => measured(&trained, &evaluated, tables.test_rows)?,
        Err(reason) => Outcome::Failed(format!("evaluate: {reason}")),
    };
    Ok((outcome, revision(&model)))
}

/// The document of `ebm evaluate` as a result.
fn measured(trained: &Ended, evaluated: &Ended, test_rows: usize) -> Result<Outcome> {
    let report: Value = serde_json::from_str(&evaluated.stdout).context("the answer of `ebm evaluate`")?;
    ensure!(report["schema"] == "ebm.evaluation/1", "`ebm evaluate` answers with schema {}", report["schema"]);
    let rows = report["test_examples"].as_u64();
    ensure!(rows == Some(test_rows as u64), "`ebm evaluate` measured {rows:?} rows of {test_rows}");
    let all = report["metrics"].as_object().context("an evaluation has metrics")?;
    let metrics: BTreeMap<String, f64> =
        all.iter().filter_map(|(key, value)| Some((key.clone(), value.as_f64()?))).collect();
    if let Some(missing) = ["nll", "crps"].iter().find(|key| !metrics.contains_key(**key)) {
        return Ok(Outcome::Failed(format!("evaluate: {missing} is not finite")));
    }
    let Ended { seconds, peak_mb, .. } = *trained;
    Ok(Outcome::Done(Measured { metrics, seconds, evaluate_seconds: evaluated.seconds, peak_mb }))
}

/// Runs `ebm` on one thread; if it gave no result, why.
fn run(ebm: &Path, args: &[OsString], log: &Path) -> Result<Result<Ended, String>> {
    let stderr = File::create(log).with_context(|| format!("writing {}", log.display()))?;
    let mut command = Command::new(ebm);
    command.args(["--quiet", "--threads", "1"]).args(args);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
    let mut child = command.spawn().with_context(|| format!("starting {}", ebm.display()))?;
    let mut stdout = String::new();
    child.stdout.take().expect("stdout is piped").read_to_string(&mut stdout).context("reading what `ebm` prints")?;
    let used = child.wait4().context("waiting for `ebm`")?;
    let seconds = (used.rusage.utime + used.rusage.stime).as_secs_f64();
    match used.status.code() {
        Some(0) => Ok(Ok(Ended { stdout, seconds, peak_mb: used.rusage.maxrss as f64 * 1e-6 })),
        Some(code) if FAILURES.contains(&code) => Ok(Err(format!("exit code {code}: {}", tail(log, 1)))),
        _ => bail!(
            "{command:?} ended with {}; nothing is kept of this split. The end of {}:\n{}",
            used.status,
            log.display(),
            tail(log, TAIL)
        ),
    }
}

/// The last lines of a log that are not empty.
fn tail(log: &Path, lines: usize) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// The source revision that the run folder names; nothing if it names none.
fn revision(model: &Path) -> String {
    let read = || -> Option<String> {
        let run: Value = serde_json::from_slice(&fs::read(model.join("run.json")).ok()?).ok()?;
        Some(run["revision"].as_str()?.to_owned())
    };
    read().unwrap_or_default()
}
