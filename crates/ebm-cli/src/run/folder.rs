//! A run folder that is written to: locked against other processes.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use super::document::Document;
use super::files::{LOCK, clear};
use super::record::Record;
use super::replacement;
use crate::exit::{Exit, failure};

/// A run folder, locked against a second process while it is being written.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    /// Where a run is written that replaces an earlier one, until it has something to show.
    staged: PathBuf,
    is_staged: Arc<AtomicBool>,
    /// Held as long as a copy of this is there.
    _lock: Arc<File>,
}

impl RunFolder {
    /// Creates the folder if need be and locks it. A replacement that a killed process had begun is completed.
    ///
    /// # Errors
    /// When it cannot be made, or another process is writing it.
    pub fn lock(path: &Path) -> anyhow::Result<Self> {
        let cannot =
            |error| failure(Exit::CannotWrite, format!("cannot write the run folder {}: {error}", path.display()));
        fs::create_dir_all(path).map_err(cannot)?;
        let lock = File::create(path.join(LOCK)).map_err(cannot)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(failure(
                    Exit::CannotWrite,
                    format!("another process is training in {}: wait for it, or choose another --out", path.display()),
                ));
            }
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        replacement::complete(path)?;
        let (path, staged) = (path.to_owned(), path.join(replacement::STAGED));
        Ok(Self { path, staged, is_staged: Arc::default(), _lock: Arc::new(lock) })
    }

    /// Where its files are now.
    pub fn path(&self) -> &Path {
        if self.is_staged() { &self.staged } else { &self.path }
    }

    /// The folder that the user named.
    pub fn name(&self) -> &Path {
        &self.path
    }

    /// Whether the run is written beside an earlier one.
    pub fn is_staged(&self) -> bool {
        self.is_staged.load(Ordering::Relaxed)
    }

    /// From now on files are written beside those of the earlier run, which stay until [`RunFolder::replace`].
    pub fn stage(&self) -> anyhow::Result<()> {
        fs::create_dir(&self.staged).with_context(|| format!("making the folder {}", self.staged.display()))?;
        self.is_staged.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Puts a staged run in the place of the earlier one.
    pub fn replace(&self) -> anyhow::Result<()> {
        if self.is_staged.swap(false, Ordering::Relaxed) {
            replacement::commit(&self.path)?;
        }
        Ok(())
    }

    /// Gives up a staged run: the earlier one stays as it was.
    pub fn discard(&self) -> anyhow::Result<()> {
        self.is_staged.store(false, Ordering::Relaxed);
        replacement::complete(&self.path)
    }

    /// Deletes what a run has made here, and nothing else. `run.json` stays, so that it stays a run folder.
    pub fn clear(&self) -> anyhow::Result<()> {
        clear(self.path())
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
