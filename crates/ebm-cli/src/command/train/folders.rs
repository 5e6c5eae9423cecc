//! The run folders to train in: locked, compared with what is there, and recorded.

use std::path::Path;

use anyhow::Context;
use ebm_core::checkpoint;

use super::differences::differences;
use super::plan::{Existing, Place, Plan};
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::run::document::Document;
use crate::run::folder::{Contents, RunFolder, contents};
use crate::run::record::{Record, Status};

/// A run about to be trained, or to be trained on.
pub struct Run {
    pub folder: RunFolder,
    pub record: Record,
}

/// The state of a run's folder.
enum Opened {
    Run(Box<Run>),
    /// Nothing is left to train.
    Trained(RunFolder),
    /// It diverged before, and would diverge again.
    Failed(anyhow::Error),
}

/// The folders of a plan, all locked.
#[derive(Default)]
pub struct Folders {
    /// Those of all runs that are trained, or can be.
    pub folders: Vec<RunFolder>,
    /// Runs to train.
    pub runs: Vec<Run>,
    /// Why other runs cannot be trained.
    pub failures: Vec<anyhow::Error>,
}

/// Locks the folders of a plan and reads what they hold.
///
/// # Errors
/// When a folder is not a run folder, is locked by another process, or holds a run of another plan.
pub fn open_all(plan: &Plan, console: Console) -> anyhow::Result<Folders> {
    let mut folders = Folders::default();
    for place in &plan.places {
        match open(plan, place)? {
            Opened::Run(run) => {
                folders.folders.push(run.folder.clone());
                folders.runs.push(*run);
            }
            Opened::Trained(folder) => {
                console.say(format_args!("{} is trained already", place.path.display()));
                folders.folders.push(folder);
            }
            Opened::Failed(error) => folders.failures.push(error),
        }
    }
    Ok(folders)
}

fn open(plan: &Plan, place: &Place) -> anyhow::Result<Opened> {
    let path = &place.path;
    refuse_foreign(path, plan.existing)?;
    let folder = RunFolder::lock(path)?;
    // Again, now that no other process can change what is there.
    refuse_foreign(path, plan.existing)?;
    let earlier = match plan.existing {
        Existing::Replace => None,
        _ => Record::read_if_there(path).with_context(|| lost(path))?,
    };
    let seed = match &earlier {
        Some(record) if !place.is_given => record.seed,
        _ => place.seed,
    };
    let (experiment, data) = (plan.experiment.clone(), plan.data.record.clone());
    let mut record = Record::new(Status::Running, experiment, seed, plan.device_name.to_string(), data);
    if let Some(earlier) = &earlier {
        refuse_mismatch(earlier, &record, path, plan.existing)?;
        record.train_seconds = earlier.train_seconds;
        match earlier.status {
            Status::Done => {
                // A process that was killed once the run was done may have left its last checkpoint.
                checkpoint::remove(path)?;
                return Ok(Opened::Trained(folder));
            }
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

/// The context of an error while reading a run that should be continued.
pub fn lost(path: &Path) -> String {
    format!("the run in {} cannot be continued: --force starts again", path.display())
}

/// Refuses an existing run unless a flag allows it, and a folder that is not a run folder.
fn refuse_foreign(path: &Path, existing: Existing) -> anyhow::Result<()> {
    let name = path.display();
    match contents(path)? {
        Contents::Nothing => Ok(()),
        Contents::Run if existing != Existing::Refuse => Ok(()),
        Contents::Run => Err(failure(
            Exit::CannotWrite,
            format!(
                "there is a run in {name}: --resume continues it, --force deletes it and starts again, --out writes \
                 elsewhere"
            ),
        )),
        Contents::Other => Err(failure(
            Exit::CannotWrite,
            format!("{name} holds other files and is not a run folder: choose another --out"),
        )),
    }
}

/// Refuses to continue a run of another plan, unless a flag allows it; a finished run is never continued.
fn refuse_mismatch(earlier: &Record, now: &Record, path: &Path, existing: Existing) -> anyhow::Result<()> {
    let what = differences(earlier, now);
    let done = earlier.status == Status::Done;
    if what.is_empty() || existing == Existing::ResumeMismatched && !done {
        return Ok(());
    }
    let (path, what) = (path.display(), what.join("; "));
    let message = if done {
        format!(
            "the run in {path} is trained already, with other options ({what}): --force starts again, --out writes \
             elsewhere"
        )
    } else {
        format!(
            "the run in {path} was started with other options ({what}): give them, --allow-mismatch to go on all the \
             same, or another --out"
        )
    };
    Err(failure(Exit::Config, message))
}
