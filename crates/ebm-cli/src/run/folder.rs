//! A run folder that is written to: locked against other processes.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use ebm_core::checkpoint;
use ebm_data::table::Split;

use super::calibration::CalibrationRecord;
use super::document::Document;
use super::ensemble::{EnsembleRecord, MEMBERS, TREES};
use super::evaluation::Evaluation;
use super::metrics;
use super::model::{ModelRecord, SNAPSHOTS, WEIGHTS};
use super::reach::ReachRecord;
use super::record::Record;
use crate::exit::{Exit, failure};

/// Held by the process that trains here.
const LOCK: &str = "lock";
/// Written by `ebm report`.
pub const REPORT: &str = "report.html";
/// The files that a run makes beside `run.json`, its checkpoint and its snapshots.
const FILES: [&str; 10] = [
    ModelRecord::FILE,
    WEIGHTS,
    TREES,
    EnsembleRecord::FILE,
    CalibrationRecord::FILE,
    Evaluation::FILE,
    metrics::FILE,
    Split::FILE,
    ReachRecord::FILE,
    REPORT,
];

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
        checkpoint::remove(&self.path)?;
        let removed = |path: &Path| format!("removing {}", path.display());
        for path in FILES.map(|file| self.path.join(file)) {
            if path.exists() {
                fs::remove_file(&path).with_context(|| removed(&path))?;
            }
        }
        for folder in [SNAPSHOTS, MEMBERS].map(|folder| self.path.join(folder)) {
            if folder.exists() {
                fs::remove_dir_all(&folder).with_context(|| removed(&folder))?;
            }
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
    if Record::exists(path) {
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
