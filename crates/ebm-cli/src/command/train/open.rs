//! The run folders to train in: locked, compared with what is there, and recorded.

use std::path::{Path, PathBuf};

use anyhow::Context;
use ebm_core::checkpoint;

use crate::cli::TrainArgs;
use crate::exit::{Exit, failure};
use crate::experiment::Experiment;
use crate::run_folder::{RUN_SCHEMA, Record, RunFolder, Status};
use crate::task::TrainingData;

/// Where a network goes, and its seed.
pub struct Place {
    pub path: PathBuf,
    pub seed: u64,
    /// Whether the seed was asked for: a run that is continued keeps its own otherwise.
    pub is_given: bool,
}

/// A run about to be trained, or to be trained on.
pub struct Run {
    pub folder: RunFolder,
    pub record: Record,
}

/// What is in a run's folder.
pub enum Opened {
    Run(Box<Run>),
    /// Nothing is left to train.
    Trained(RunFolder),
    /// It diverged before, and would again.
    Failed(anyhow::Error),
}

/// Locks the folder of a run and looks at what is there.
///
/// # Errors
/// When the folder is something else, held by another process, or of a run that is not the one asked for.
pub fn open(args: &TrainArgs, place: &Place, experiment: &Experiment, data: &TrainingData) -> anyhow::Result<Opened> {
    let path = &place.path;
    refuse_foreign(path, args)?;
    let folder = RunFolder::lock(path)?;
    // Again, now that no other process can change what is there.
    refuse_foreign(path, args)?;
    if args.force {
        // Without its checkpoint, a run starts again.
        checkpoint::remove(path)?;
    }
    let earlier = if args.force { None } else { folder.record().with_context(|| lost(path))? };
    let seed = match &earlier {
        Some(record) if !place.is_given => record.seed,
        _ => place.seed,
    };
    let mut record = Record {
        schema: RUN_SCHEMA.to_owned(),
        status: Status::Running,
        config: experiment.clone(),
        seed,
        device: args.device.to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        revision: env!("EBM_REVISION").to_owned(),
        data: data.record.clone(),
        train_seconds: 0.0,
        error: None,
    };
    if let Some(earlier) = &earlier {
        refuse_mismatch(earlier, &record, path, args)?;
        record.train_seconds = earlier.train_seconds;
        match earlier.status {
            Status::Done => return Ok(Opened::Trained(folder)),
            Status::Failed => {
                let why = earlier.error.clone().unwrap_or_default();
                let message = format!("{} failed before: {why}; --force starts again", path.display());
                return Ok(Opened::Failed(failure(Exit::Internal, message)));
            }
            Status::Running | Status::Interrupted => {}
        }
    }
    Ok(Opened::Run(Box::new(Run { folder, record })))
}

/// What cannot be read cannot be continued.
pub fn lost(path: &Path) -> String {
    format!("the run in {} cannot be continued: --force starts again", path.display())
}

/// Refuses to touch a run unasked, or to write into a folder that is something else.
fn refuse_foreign(path: &Path, args: &TrainArgs) -> anyhow::Result<()> {
    let name = path.display();
    if path.join("run.json").exists() {
        if args.resume || args.force {
            return Ok(());
        }
        let message = format!(
            "there is a run in {name}: --resume continues it, --force deletes it and starts again, --out writes elsewhere"
        );
        return Err(failure(Exit::CannotWrite, message));
    }
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failure(Exit::CannotWrite, format!("cannot use {name} as a run folder: {error}"))),
        Ok(entries) => entries,
    };
    // All that a run leaves that was killed before its first record.
    if entries.flatten().any(|entry| entry.file_name() != "lock" && entry.file_name() != "run.json.tmp") {
        let message = format!("{name} holds other files and is not a run folder: choose another --out");
        return Err(failure(Exit::CannotWrite, message));
    }
    Ok(())
}

/// A continuation must be of the same run, unless it is asked for; of a run that is done there is none.
fn refuse_mismatch(earlier: &Record, now: &Record, path: &Path, args: &TrainArgs) -> anyhow::Result<()> {
    let differs = [
        ("configuration", earlier.config != now.config),
        ("seed", earlier.seed != now.seed),
        ("training data", earlier.data.fingerprint != now.data.fingerprint),
        ("device", earlier.device != now.device),
    ];
    let what: Vec<&str> = differs.into_iter().filter_map(|(what, differs)| differs.then_some(what)).collect();
    let done = earlier.status == Status::Done;
    if what.is_empty() || args.allow_mismatch && !done {
        return Ok(());
    }
    let (path, what) = (path.display(), what.join(", "));
    let message = if done {
        format!(
            "the run in {path} is trained already, with another {what}: --force starts again, --out writes elsewhere"
        )
    } else {
        format!(
            "the run in {path} has another {what}: give the options it was started with, --allow-mismatch to go on all \
             the same, or another --out"
        )
    };
    Err(failure(Exit::Config, message))
}
