//! The runs folder: networks, logs and finished tables.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::plan::PlannedRun;

/// A runs folder that no other task works in.
pub struct Runs {
    folder: PathBuf,
    /// Held until the task ends, however it ends.
    _lock: File,
}

/// What is known of a network before it is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To train, to go on training, or to evaluate.
    Open,
    /// Trained and evaluated.
    Done,
    /// Failed, which is a result: the same seed would fail again.
    Failed,
}

impl Runs {
    /// Opens the folder, made if it does not exist.
    ///
    /// # Errors
    /// If another task works in it, if it cannot be written, or if it must be
    /// `fresh` and holds something.
    pub fn open(folder: PathBuf, fresh: bool) -> Result<Self> {
        let shown = folder.display();
        if fresh && holds_something(&folder).with_context(|| format!("reading {shown}"))? {
            bail!(
                "{shown} is not empty. Move it away or delete it to start over, name another folder with --runs, \
                 or leave out --fresh to continue in it"
            );
        }
        fs::create_dir_all(folder.join("logs")).with_context(|| format!("making {shown}"))?;
        let lock = File::create(folder.join(".lock")).with_context(|| format!("writing in {shown}"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder, _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!("another reproduce-tables works in {shown}; wait for it or stop it"),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking {shown}")),
        }
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of one run.
    pub fn run(&self, run: &str) -> PathBuf {
        run.split('/').fold(self.folder.clone(), |path, part| path.join(part))
    }

    /// The log of one run. Not in its folder: `ebm` starts no run in a folder it did not make.
    pub fn log(&self, run: &str) -> PathBuf {
        self.folder.join("logs").join(format!("{}.txt", run.replace('/', "-")))
    }

    /// What is known of a run. A damaged `run.json` is left for `ebm` to judge.
    ///
    /// # Errors
    /// If the run was trained with other numbers than planned.
    pub fn state(&self, planned: &PlannedRun) -> Result<State> {
        let folder = self.run(&planned.run);
        let Some(run) = read(&folder.join("run.json"))? else { return Ok(State::Open) };
        let training = &run["config"]["training"];
        for (name, planned_value) in [("epochs", planned.epochs), ("m", planned.m)] {
            // A method may have no such number.
            let Some(value) = training[name].as_u64().filter(|&value| value != planned_value) else { continue };
            bail!(
                "{} was trained with {name} {value}, not {planned_value}; name another folder with --runs",
                folder.display()
            );
        }
        let evaluated = read(&folder.join("evaluation.json"))?.is_some();
        Ok(match run["status"].as_str() {
            Some("done") if evaluated => State::Done,
            Some("failed") => State::Failed,
            _ => State::Open,
        })
    }
}

/// Whether there is more than this task puts there before it trains anything.
fn holds_something(folder: &Path) -> io::Result<bool> {
    if !folder.try_exists()? {
        return Ok(false);
    }
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if name != "logs" && name != ".lock" {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A JSON file, if it is there and whole.
fn read(path: &Path) -> Result<Option<Value>> {
    match fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn planned() -> PlannedRun {
        PlannedRun { run: "toy/a/seed-0".to_owned(), args: Vec::new(), epochs: 5, m: 8 }
    }

    fn write(runs: &Runs, file: &str, content: &str) {
        let folder = runs.run(&planned().run);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(file), content).unwrap();
    }

    fn run_file(status: &str, epochs: u64) -> String {
        json!({ "status": status, "config": { "training": { "epochs": epochs, "m": 8 } } }).to_string()
    }

    #[test]
    fn a_run_is_open_until_it_is_evaluated_or_has_failed() {
        let temporary = tempfile::tempdir().unwrap();
        let runs = Runs::open(temporary.path().join("runs"), true).unwrap();
        let state = || runs.state(&planned()).unwrap();
        assert_eq!(state(), State::Open);
        for status in ["running", "interrupted", "done"] {
            write(&runs, "run.json", &run_file(status, 5));
            assert_eq!(state(), State::Open, "{status}");
        }
        write(&runs, "evaluation.json", "{");
        assert_eq!(state(), State::Open, "half an evaluation");
        write(&runs, "evaluation.json", "{}");
        assert_eq!(state(), State::Done);
        write(&runs, "run.json", &run_file("failed", 5));
        assert_eq!(state(), State::Failed);
        write(&runs, "run.json", "{\"status\":");
        assert_eq!(state(), State::Open, "half a run.json");
    }

    #[test]
    fn a_run_of_another_size_is_never_continued() {
        let temporary = tempfile::tempdir().unwrap();
        let runs = Runs::open(temporary.path().to_owned(), true).unwrap();
        write(&runs, "run.json", &run_file("interrupted", 6));
        let error = runs.state(&planned()).unwrap_err().to_string();
        assert!(error.contains("trained with epochs 6, not 5"), "{error}");
    }

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
        write(&runs, "run.json", "{}");
        drop(runs);
        let error = open(true).err().expect("not fresh").to_string();
        assert!(error.contains("is not empty"), "{error}");
        assert!(open(false).is_ok());
    }
}
