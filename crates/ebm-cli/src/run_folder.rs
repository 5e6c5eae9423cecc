//! A run folder: what was asked, what happened, and the model.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use ebm_core::{EpochReport, Model, ModelConfig, ValidationReport, checkpoint, write_atomic};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::exit::{Exit, failure};
use crate::experiment::Experiment;
use crate::own::OwnRecord;

/// Schema of `run.json`.
pub const RUN_SCHEMA: &str = "ebm.run/1";
/// Schema of `model.json`.
pub const MODEL_SCHEMA: &str = "ebm.model/1";

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Training now, or killed while it was.
    Running,
    /// Trained.
    Done,
    /// Stopped by a signal, saved.
    Interrupted,
    /// Training diverged.
    Failed,
}

/// `run.json`: everything that decides a run, and how it went.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Always [`RUN_SCHEMA`].
    pub schema: String,
    /// How far it has come.
    pub status: Status,
    /// What was asked for, resolved.
    pub config: Experiment,
    /// Seed of the weights, the order of the examples and every candidate.
    pub seed: u64,
    /// Where it ran.
    pub device: String,
    /// Version of `ebm`.
    pub version: String,
    /// Source revision of `ebm`, if it was known when built.
    pub revision: String,
    /// The training data.
    pub data: DataRecord,
    /// Seconds spent training, over all sessions that came to their end; a killed one does not count.
    pub train_seconds: f64,
    /// Why it failed, if it did.
    pub error: Option<String>,
}

/// The training data of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataRecord {
    /// `toy_1`, `toy_2`, or the path of a file.
    pub source: String,
    /// Digest of the examples.
    pub fingerprint: String,
    /// Number of examples.
    pub examples: usize,
    /// Smallest and largest target.
    pub target_range: [f64; 2],
}

/// `model.json`: what is needed to use `model.safetensors`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelRecord {
    /// Always [`MODEL_SCHEMA`].
    pub schema: String,
    /// Shape and method.
    pub model: ModelConfig,
    /// Where the targets of the training data lie.
    pub target_range: [f64; 2],
    /// Digest of `model.safetensors`; runs of older versions have none.
    #[serde(default)]
    pub sha256: Option<String>,
    /// The inputs and targets, where they are the user's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnRecord>,
}

/// A run folder, locked against a second process while it is being written.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    /// Held as long as a copy of this is there.
    _lock: Arc<File>,
}

impl RunFolder {
    /// Creates the folder if need be and locks it.
    ///
    /// # Errors
    /// When it cannot be made, or another process is writing it.
    pub fn lock(path: &Path) -> anyhow::Result<Self> {
        let cannot =
            |error| failure(Exit::CannotWrite, format!("cannot write the run folder {}: {error}", path.display()));
        fs::create_dir_all(path).map_err(cannot)?;
        let lock = File::create(path.join("lock")).map_err(cannot)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: Arc::new(lock) }),
            Err(TryLockError::WouldBlock) => Err(failure(
                Exit::CannotWrite,
                format!("another process is training in {}: wait for it, or choose another --out", path.display()),
            )),
            Err(TryLockError::Error(error)) => Err(cannot(error)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The record of an earlier session, if there is one.
    pub fn record(&self) -> anyhow::Result<Option<Record>> {
        let path = self.path.join("run.json");
        if path.exists() { read_json(&path, RUN_SCHEMA).map(Some) } else { Ok(None) }
    }

    /// Replaces `run.json`.
    pub fn write_record(&self, record: &Record) -> anyhow::Result<()> {
        write_json(&self.path.join("run.json"), record)
    }

    /// Writes the weights of a model, and then what is needed to use them.
    pub fn write_model(
        &self,
        model: &Model,
        config: ModelConfig,
        target_range: [f64; 2],
        own: Option<OwnRecord>,
    ) -> anyhow::Result<()> {
        let weights = self.path.join("model.safetensors");
        checkpoint::save_weights(&weights, model)?;
        let sha256 = Some(checkpoint::sha256(&weights)?);
        let about = ModelRecord { schema: MODEL_SCHEMA.to_owned(), model: config, target_range, sha256, own };
        write_json(&self.path.join("model.json"), &about)
    }

    /// Deletes what a run has brought forth here, and nothing else. `run.json` stays, so that it stays a run folder.
    pub fn clear(&self) -> anyhow::Result<()> {
        checkpoint::remove(&self.path)?;
        for file in [
            "model.json",
            "model.safetensors",
            "calibration.json",
            "evaluation.json",
            "metrics.jsonl",
            "split.json",
            "report.html",
        ] {
            let path = self.path.join(file);
            if path.exists() {
                fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
            }
        }
        let snapshots = self.path.join("snapshots");
        if snapshots.exists() {
            fs::remove_dir_all(&snapshots).with_context(|| format!("removing {}", snapshots.display()))?;
        }
        Ok(())
    }

    /// Appends one epoch to `metrics.jsonl`.
    pub fn append_metrics(&self, report: &EpochReport) -> anyhow::Result<()> {
        let losses: serde_json::Map<_, _> =
            report.losses.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let mut line = json!({ "epoch": report.epoch + 1, "losses": losses });
        if report.skipped > 0 {
            line["skipped_steps"] = report.skipped.into();
        }
        if let Some(ValidationReport { nll, best, learning_rate, .. }) = report.validation {
            line["validation"] = json!({ "nll": nll, "best": best, "learning_rate": learning_rate });
        }
        let path = self.path.join("metrics.jsonl");
        // A line goes out whole and is there before the checkpoint that counts on it.
        let append = || {
            let mut file = File::options().create(true).append(true).open(&path)?;
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_data()
        };
        append().with_context(|| format!("writing {}", path.display()))
    }

    /// Cuts `metrics.jsonl` to the first `epochs` epochs: what came after the checkpoint is done again.
    pub fn truncate_metrics(&self, epochs: usize) -> anyhow::Result<()> {
        let path = self.path.join("metrics.jsonl");
        if !path.exists() {
            return Ok(());
        }
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let kept: String = text.split_inclusive('\n').take(epochs).collect();
        write_atomic(&path, kept.as_bytes()).with_context(|| format!("writing {}", path.display()))
    }
}

/// Writes a value as JSON, atomically.
pub fn write_json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    write_atomic(path, &bytes).with_context(|| format!("writing {}", path.display()))
}

/// Reads a JSON file of the expected schema.
///
/// # Errors
/// When it is not there (66), or is damaged or of another version (65).
pub fn read_json<T: DeserializeOwned>(path: &Path, schema: &str) -> anyhow::Result<T> {
    let name = path.display();
    let bytes = fs::read(path).map_err(|error| {
        let exit = if error.kind() == std::io::ErrorKind::NotFound { Exit::NoInput } else { Exit::Io };
        failure(exit, format!("cannot read {name}: {error}"))
    })?;
    let damaged = |why: String| failure(Exit::Data, format!("{name} is damaged: {why}"));
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    let found = value.get("schema").and_then(|schema| schema.as_str()).unwrap_or("none");
    if found != schema {
        return Err(failure(Exit::Data, format!("{name} has schema {found:?}; this version reads {schema:?}")));
    }
    serde_json::from_value(value).map_err(|error| damaged(error.to_string()))
}
