//! Arrays that were submitted, and what their scheduler says of them.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::engine::Engine;

/// An array that was submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submitted {
    /// To which scheduler.
    pub engine: Engine,
    /// Its number there.
    pub id: String,
    /// Jobs in it.
    pub jobs: usize,
}

/// An array and its tasks by their states, as the scheduler names those.
#[derive(Debug, Serialize)]
pub struct Queued {
    #[serde(flatten)]
    submitted: Submitted,
    /// Nothing where the scheduler is not on the `PATH`, or knows the array no more.
    pub tasks: BTreeMap<String, u64>,
}

impl Queued {
    /// `slurm array 12: 3 RUNNING, 40 PENDING`
    pub fn text(&self) -> String {
        let tasks: Vec<String> = self.tasks.iter().map(|(state, count)| format!("{count} {state}")).collect();
        format!("{} array {}: {}", self.submitted.engine.name(), self.submitted.id, tasks.join(", "))
    }
}

/// Keeps a script under a name of its own.
///
/// # Errors
/// When it cannot be written.
pub fn keep_script(folder: &Path, engine: Engine, script: &str) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let path = folder.join(format!("{}-{number}.sh", engine.name()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
        match options.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            opened => {
                opened?.write_all(script.as_bytes())?;
                return Ok(path);
            }
        }
    }
}

/// Notes an array that was submitted.
///
/// # Errors
/// When it cannot be written.
pub fn note(script: &Path, submitted: &Submitted) -> io::Result<()> {
    fs::write(script.with_extension("json"), serde_json::to_vec(submitted)?)
}

/// The arrays that were submitted and that their scheduler still has, in any order.
pub fn queued(folder: &Path) -> Vec<Queued> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let notes = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|of| of == "json"));
    let submitted = notes.filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok());
    let queued =
        submitted.map(|submitted: Submitted| Queued { tasks: tasks(&submitted).unwrap_or_default(), submitted });
    queued.filter(|queued| !queued.tasks.is_empty()).collect()
}

fn tasks(submitted: &Submitted) -> Option<BTreeMap<String, u64>> {
    let id = submitted.id.as_str();
    match submitted.engine {
        Engine::Slurm => {
            // One line a task, also of those that wait.
            let text = answer(Command::new("squeue").args(["--noheader", "--array", "--format=%T", "--jobs", id]))?;
            let mut tasks = BTreeMap::new();
            text.split_whitespace().for_each(|state| *tasks.entry(state.to_owned()).or_default() += 1);
            Some(tasks)
        }
        Engine::Hyperqueue => {
            let text = answer(Command::new("hq").args(["--output-mode=json", "job", "info", id]))?;
            of_hyperqueue(&serde_json::from_str(&text).ok()?)
        }
    }
}

/// The counts of `hq job info`, once without a list around it and once with one; finished tasks are not in the queue.
fn of_hyperqueue(answer: &Value) -> Option<BTreeMap<String, u64>> {
    let job = answer.as_array().map_or(answer, |jobs| jobs.first().unwrap_or(answer));
    let counts = job["info"]["task_stats"].as_object()?;
    let count = |name: &str| Some((name.to_owned(), counts.get(name)?.as_u64().filter(|count| *count > 0)?));
    Some(["running", "waiting"].into_iter().filter_map(count).collect())
}

/// What a program prints, if it is there and succeeds.
fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scripts_are_kept_side_by_side_and_notes_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let names: Vec<_> = (0..2).map(|_| keep_script(folder.path(), Engine::Slurm, "#!/bin/sh\n").unwrap()).collect();
        assert!(names[0].ends_with("slurm-1.sh") && names[1].ends_with("slurm-2.sh"));
        let submitted = Submitted { engine: Engine::Slurm, id: "12".to_owned(), jobs: 3 };
        note(&names[1], &submitted).unwrap();
        let read: Submitted = serde_json::from_slice(&fs::read(folder.path().join("slurm-2.json")).unwrap()).unwrap();
        assert_eq!(read, submitted);
    }

    #[test]
    fn hyperqueue_counts_what_runs_and_waits() {
        let job = json!({ "info": { "task_stats": { "running": 2, "waiting": 0, "finished": 9 } } });
        for answer in [job.clone(), json!([job])] {
            assert_eq!(of_hyperqueue(&answer), Some(BTreeMap::from([("running".to_owned(), 2)])));
        }
    }
}
