//! A run folder that is written to: locked against other processes.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use crate::exit::{Exit, failure};

/// Held by the process that trains here.
const LOCK: &str = "lock";
/// The resolved configuration and the status.
pub(super) const RECORD: &str = "run.json";
/// A line for each epoch.
pub(super) const METRICS: &str = "metrics.jsonl";
/// Which examples belong to which part.
pub(super) const SPLIT: &str = "split.json";
/// What is needed to use the weights.
pub(super) const MODEL: &str = "model.json";
/// The weights.
pub(super) const WEIGHTS: &str = "model.safetensors";
/// The folder of the weights after some epochs.
pub(super) const SNAPSHOTS: &str = "snapshots";
/// What was measured on test examples.
pub(super) const EVALUATION: &str = "evaluation.json";
/// Held-out scores.
pub(super) const CALIBRATION: &str = "calibration.json";
/// Written by `ebm report`.
pub const REPORT: &str = "report.html";

/// The files that a run makes beside `run.json`, its checkpoint and its snapshots.
const FILES: [&str; 7] = [MODEL, WEIGHTS, CALIBRATION, EVALUATION, METRICS, SPLIT, REPORT];

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
        let lock = File::create(path.join(LOCK)).map_err(cannot)?;
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

    /// Deletes what a run has made here, and nothing else. `run.json` stays, so that it stays a run folder.
    pub fn clear(&self) -> anyhow::Result<()> {
        ebm_core::checkpoint::remove(&self.path)?;
        let removed = |path: &Path| format!("removing {}", path.display());
        for path in FILES.map(|file| self.path.join(file)) {
            if path.exists() {
                fs::remove_file(&path).with_context(|| removed(&path))?;
            }
        }
        let snapshots = self.path.join(SNAPSHOTS);
        if snapshots.exists() {
            fs::remove_dir_all(&snapshots).with_context(|| removed(&snapshots))?;
        }
        Ok(())
    }
}

/// What a folder holds before a run is written to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Nothing, or what is left of a run that was killed before its first record.
    Nothing,
    /// A run.
    Run,
    /// Other files.
    Other,
}

/// Looks into a folder that may become a run folder.
///
/// # Errors
/// When it cannot be listed.
pub fn contents(path: &Path) -> anyhow::Result<Contents> {
    if path.join(RECORD).exists() {
        return Ok(Contents::Run);
    }
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Contents::Nothing),
        entries => entries.map_err(|error| {
            failure(Exit::CannotWrite, format!("cannot use {} as a run folder: {error}", path.display()))
        })?,
    };
    let left = |name: &std::ffi::OsStr| name == LOCK || name == "run.json.tmp";
    let other = entries.flatten().any(|entry| !left(&entry.file_name()));
    Ok(if other { Contents::Other } else { Contents::Nothing })
}
