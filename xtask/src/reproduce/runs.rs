//! The runs folder: networks, logs, claims and finished tables.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// A runs folder, locked against other tasks.
pub struct Runs {
    folder: PathBuf,
    /// Held until the task ends, however it ends.
    _lock: File,
}

impl Runs {
    /// Opens the folder, made if it does not exist.
    ///
    /// # Errors
    /// If another task uses it, if it cannot be written, or if it must be `fresh`
    /// and is not empty.
    pub fn open(folder: PathBuf, fresh: bool) -> Result<Self> {
        let shown = folder.display();
        if fresh && is_in_use(&folder).with_context(|| format!("reading {shown}"))? {
            bail!(
                "{shown} is not empty. Move it away or delete it to start over, name another folder with --runs, \
                 or leave out --fresh to continue in it"
            );
        }
        fs::create_dir_all(&folder).with_context(|| format!("making {shown}"))?;
        let lock = File::create(folder.join(".lock")).with_context(|| format!("writing in {shown}"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder, _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!("another reproduce-tables is using {shown}; wait for it or stop it"),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking {shown}")),
        }
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Whether the folder holds more than this task writes before training.
fn is_in_use(folder: &Path) -> io::Result<bool> {
    if !folder.try_exists()? {
        return Ok(false);
    }
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if !["logs", "claims", ".lock"].iter().any(|own| name == *own) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_task_at_a_time() {
        let temporary = tempfile::tempdir().unwrap();
        let first = Runs::open(temporary.path().to_owned(), true).unwrap();
        assert!(Runs::open(temporary.path().to_owned(), false).is_err());
        drop(first);
        assert!(Runs::open(temporary.path().to_owned(), false).is_ok());
    }

    #[test]
    fn fresh_is_a_folder_without_a_run() {
        let temporary = tempfile::tempdir().unwrap();
        let open = |fresh| Runs::open(temporary.path().to_owned(), fresh);
        drop(open(true).unwrap());
        // For example after a build that failed.
        let runs = open(true).unwrap();
        fs::create_dir_all(runs.folder().join("toy/a/seed-0")).unwrap();
        drop(runs);
        let error = open(true).err().expect("not fresh").to_string();
        assert!(error.contains("is not empty"), "{error}");
        assert!(open(false).is_ok());
    }
}
