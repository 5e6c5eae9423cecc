//! How far a job has come: what its run folder and its claims say.

use std::path::Path;

use serde::Serialize;

use super::claim::note::Rhythm;
use super::claim::{Latest, latest};
use super::{Job, folder};
use crate::run::document::Document;
use crate::run::evaluation::Evaluation;
use crate::run::record::{Record, Status};

/// The state of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Trained and evaluated.
    Done,
    /// A process has it.
    Running {
        /// Which.
        by: String,
    },
    /// It failed, which is a result: it would fail again.
    Failed {
        /// What its run or its last process says.
        reason: String,
    },
    /// It was begun, and no process has it.
    Interrupted {
        /// What is known of that.
        reason: String,
    },
    /// Nothing was done.
    NotStarted,
}

impl State {
    /// Its word, as in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Running { .. } => "running",
            Self::Failed { .. } => "failed",
            Self::Interrupted { .. } => "interrupted",
            Self::NotStarted => "not_started",
        }
    }

    /// What is to be said beside the word.
    pub fn reason(&self) -> &str {
        match self {
            Self::Running { by: reason } | Self::Failed { reason } | Self::Interrupted { reason } => reason,
            Self::Done | Self::NotStarted => "",
        }
    }

    /// Whether there is something left to do, not counting what failed.
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::Done | Self::Failed { .. })
    }
}

/// The exit code of a training that diverged or a program that is wrong: it would end so again.
const FAILED: u8 = 1;

/// The state of a job, and the record of its run if there is one.
///
/// A run that cannot be read is interrupted: whoever takes the job reports what is wrong with it.
///
/// # Errors
/// When the claims cannot be read.
pub fn state(runs: &Path, job: &Job) -> anyhow::Result<(State, Option<Record>)> {
    let claims = latest(&folder::claims(runs, &job.run), Rhythm::USUAL)?;
    let run = folder::run(runs, &job.run);
    let record = Record::read_if_there(&run);
    let state = match (&record, claims) {
        (_, Latest::Held(claim)) => {
            let by = claim.map(|claim| format!("process {} on {}", claim.worker.process, claim.worker.host));
            State::Running { by: by.unwrap_or_else(|| "a process that began a moment ago".to_owned()) }
        }
        (Ok(Some(record)), _) if record.status == Status::Failed => {
            State::Failed { reason: record.error.clone().unwrap_or_default() }
        }
        (_, Latest::Ended(end)) if end.exit == FAILED => State::Failed { reason: end.message },
        (Ok(Some(record)), _) if record.status == Status::Done && Evaluation::exists(&run) => State::Done,
        (Err(error), _) => State::Interrupted { reason: error.to_string() },
        (Ok(record), Latest::Ended(end)) if end.exit != 0 || record.is_some() => {
            State::Interrupted { reason: end.message }
        }
        (_, Latest::Lost) => State::Interrupted { reason: "its process was killed or its machine is gone".to_owned() },
        (Ok(Some(_)), _) => State::Interrupted { reason: String::new() },
        (Ok(None), _) => State::NotStarted,
    };
    Ok((state, record.ok().flatten()))
}
