//! Peers: Python programs on the same tables. `bench/peers/tabular.py` keeps a line a split.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::args::Args;
use super::kept::{Measured, Outcome};
use crate::binary;

/// A line of a peer's results.
#[derive(Debug, Deserialize)]
pub(super) struct Record {
    pub set: String,
    pub method: String,
    #[serde(rename = "seed")]
    pub split: usize,
    /// SHA-256 of the training and the test table.
    pub rows: String,
    pub versions: String,
    #[serde(default)]
    seconds: f64,
    error: Option<String>,
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

impl Record {
    /// How the split ended.
    pub fn outcome(&self) -> Outcome {
        if let Some(error) = &self.error {
            return Outcome::Failed(error.clone());
        }
        let more = self.more.iter().filter(|(key, _)| *key != "test_rows");
        let metrics = more.filter_map(|(key, value)| Some((key.clone(), value.as_f64()?))).collect();
        Outcome::Done(Measured { metrics, seconds: self.seconds, ..Measured::default() })
    }
}

/// Where the results of a peer are.
fn results(args: &Args, peer: &str) -> PathBuf {
    args.work.join("peers").join(format!("{peer}.jsonl"))
}

/// The results of a peer that are there.
///
/// # Errors
/// When a line is damaged.
pub(super) fn read(args: &Args, peer: &str) -> Result<Vec<Record>> {
    let path = results(args, peer);
    let text = if path.exists() { fs::read_to_string(&path)? } else { String::new() };
    // A killed program may leave a last line without its end.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let lines = whole.lines().enumerate();
    let read = lines.map(|(at, line)| {
        serde_json::from_str(line).with_context(|| format!("{}, line {} is damaged", path.display(), at + 1))
    });
    let mut records = read.collect::<Result<Vec<Record>>>()?;
    records.retain(|record| record.method == peer);
    Ok(records)
}

/// Lets a peer compute what is missing of these sets. One that is not installed is left out, with a line that says how
/// to install it.
///
/// # Errors
/// When it cannot be started or ends early.
pub(super) fn run(args: &Args, peer: &str, sets: &[String], tables: &Path) -> Result<()> {
    let environment = args.environments.join(peer);
    let python = environment.join("bin").join("python");
    let shown = environment.display();
    if !python.exists() {
        eprintln!(
            "{peer} is left out: it is not installed. To install it:\n  python3 -m venv {shown} && {shown}/bin/pip \
             install -r bench/peers/requirements-{peer}.txt"
        );
        return Ok(());
    }
    let results = results(args, peer);
    fs::create_dir_all(args.work.join("peers")).context("making a folder for the peers' results")?;
    eprintln!("running {peer}");
    let mut command = Command::new(&python);
    command.arg(binary::root().join("bench/peers/tabular.py")).args(["run", "--method", peer]);
    command.arg("--tables").arg(tables).arg("--results").arg(&results).args(["--seeds", &list(&args.splits.numbers)]);
    sets.iter().for_each(|set| _ = command.args(["--set", set]));
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("starting {}", python.display()))?;
    ensure!(status.success(), "{peer} ended with {status}; what it finished is kept in {}", results.display());
    Ok(())
}

fn list(numbers: &[usize]) -> String {
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
}
