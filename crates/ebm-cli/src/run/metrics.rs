//! `metrics.jsonl`: a line for each epoch.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use ebm_core::{EpochReport, ValidationReport, read_bounded, write_atomic};
use serde::{Deserialize, Serialize};

use super::files::METRICS as FILE;
use super::manifest;
use crate::exit::{Exit, failure, of_reading};

/// The largest file, in bytes.
const LIMIT: u64 = 256 << 20;

/// One line: the losses of an epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: usize,
    /// The mean of each loss, nats; nothing where it is not finite.
    pub losses: BTreeMap<String, Option<f64>>,
    /// Steps that were skipped because their loss was not finite.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped_steps: usize,
    /// The held-out examples, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<HeldOut>,
}

/// The result of an epoch on held-out examples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    /// Whether no earlier epoch was as good.
    pub best: bool,
    /// The learning rate of the epoch.
    pub learning_rate: f64,
    /// Negative log-likelihood, nats; nothing where it is not finite.
    pub nll: Option<f64>,
}

fn is_zero(steps: &usize) -> bool {
    *steps == 0
}

impl From<&EpochReport> for Epoch {
    fn from(report: &EpochReport) -> Self {
        let losses = report.losses.iter().map(|(name, value)| ((*name).to_owned(), Some(*value)));
        let held_out = |&ValidationReport { nll, best, learning_rate, .. }: &ValidationReport| HeldOut {
            best,
            learning_rate,
            nll: Some(nll),
        };
        Self {
            epoch: report.epoch + 1,
            losses: losses.collect(),
            skipped_steps: report.skipped,
            validation: report.validation.as_ref().map(held_out),
        }
    }
}

/// Appends one epoch. It is on the disk once [`sync`] has returned.
pub fn append(run: &Path, epoch: &Epoch) -> anyhow::Result<()> {
    let line = serde_json::to_string(epoch)?;
    let path = run.join(FILE);
    // A line is written at once.
    let append = || File::options().create(true).append(true).open(&path)?.write_all(format!("{line}\n").as_bytes());
    append().with_context(|| format!("writing {}", path.display()))
}

/// Syncs the file, if there is one: a checkpoint counts on its lines, and is written afterwards.
pub fn sync(run: &Path) -> anyhow::Result<()> {
    let path = run.join(FILE);
    if !path.exists() {
        return Ok(());
    }
    File::open(&path).and_then(|file| file.sync_data()).with_context(|| format!("writing {}", path.display()))
}

/// Keeps the first `epochs` epochs: those after the checkpoint are trained again.
pub fn truncate(run: &Path, epochs: usize) -> anyhow::Result<()> {
    let path = run.join(FILE);
    if !path.exists() {
        return Ok(());
    }
    let text = text(&path)?;
    let kept: String = text.split_inclusive('\n').take(epochs).collect();
    write_atomic(&path, kept.as_bytes()).with_context(|| format!("writing {}", path.display()))
}

fn text(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    let bytes = read_bounded(path, LIMIT)
        .map_err(|error| failure(of_reading(&error), format!("cannot read {name}: {error}")))?;
    String::from_utf8(bytes).map_err(|error| failure(Exit::Data, format!("{name} is damaged: {error}")))
}

/// Reads all epochs of a run.
///
/// # Errors
/// When there are none (66), or a line is damaged (65).
pub fn read(run: &Path) -> anyhow::Result<Vec<Epoch>> {
    let path = run.join(FILE);
    let name = path.display();
    let text = String::from_utf8(manifest::read(run, FILE)?)
        .map_err(|error| failure(Exit::Data, format!("{name} is damaged: {error}")))?;
    let damaged = |(number, line)| {
        serde_json::from_str(line).map_err(|error| failure(Exit::Data, format!("{name}, line {}: {error}", number + 1)))
    };
    let epochs: Vec<Epoch> = text.lines().enumerate().map(damaged).collect::<anyhow::Result<_>>()?;
    if epochs.is_empty() {
        return Err(failure(Exit::NoInput, format!("{name} is empty: no epoch has ended yet")));
    }
    Ok(epochs)
}

/// The curve of each loss over all epochs: NaN where there is no value.
pub fn losses(epochs: &[Epoch]) -> Vec<(String, Vec<f64>)> {
    let mut curves: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (index, epoch) in epochs.iter().enumerate() {
        for (name, value) in &epoch.losses {
            let curve = curves.entry(name).or_insert_with(|| vec![f64::NAN; epochs.len()]);
            curve[index] = value.unwrap_or(f64::NAN);
        }
    }
    curves.into_iter().map(|(name, curve)| (name.to_owned(), curve)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_sorted_keys_and_leaves_out_what_did_not_happen() {
        let losses = [("proposal_kl", 0.5), ("nce", f64::NAN)].map(|(name, value)| (name.to_owned(), Some(value)));
        let epoch = Epoch { epoch: 3, losses: losses.into(), skipped_steps: 0, validation: None };
        let line = serde_json::to_string(&epoch).unwrap();
        assert_eq!(line, r#"{"epoch":3,"losses":{"nce":null,"proposal_kl":0.5}}"#);
        let read: Epoch = serde_json::from_str(&line).unwrap();
        let [(_, nce), (_, kl)] = &super::losses(&[read])[..] else { panic!("two losses") };
        assert!(nce[0].is_nan() && kl[0] == 0.5);
    }
}
