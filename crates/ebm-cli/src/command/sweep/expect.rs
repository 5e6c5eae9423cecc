//! What a job is expected to be and to cost.

use std::collections::HashMap;
use std::path::Path;

use clap::Parser;
use serde::Serialize;

use crate::cli::train::TrainArgs;
use crate::cli::{Cli, Command};
use crate::command::train::differences::differences;
use crate::command::train::flags;
use crate::exit::{Exit, failure};
use crate::experiment::Experiment;
use crate::experiment::data::{Data, ImageSource};
use crate::run::record::{Record, Status};
use crate::sweep::Job;
use crate::sweep::state::State;
use crate::task::toy;

/// A job as `ebm train` understands it.
pub struct Expected {
    pub train: Box<TrainArgs>,
    pub experiment: Experiment,
}

/// Reads the arguments of a job; no data are read.
///
/// # Errors
/// When they are not those of a training: names the job.
pub fn expected(job: &Job) -> anyhow::Result<Expected> {
    let wrong = |why: &dyn std::fmt::Display| {
        failure(Exit::Config, format!("job {}: `ebm {}`: {why}", job.run, job.args.join(" ")))
    };
    let words = std::iter::once("ebm").chain(job.args.iter().map(String::as_str));
    let cli = Cli::try_parse_from(words).map_err(|error| wrong(&error.to_string().trim_end()))?;
    let Command::Train(train) = cli.command else { return Err(wrong(&"not a training")) };
    let experiment = flags::experiment(&train).map_err(|error| wrong(&error))?;
    Ok(Expected { train, experiment })
}

impl Expected {
    /// Refuses a run of other options. The options of the user's own data are compared when these are read.
    pub fn compare(&self, record: &Record, run: &Path) -> anyhow::Result<()> {
        if self.experiment.data.user().is_some() || record.config == self.experiment {
            return Ok(());
        }
        let device = record.device.clone();
        let now = Record::new(Status::Running, self.experiment.clone(), record.seed, device, record.data.clone());
        let message = format!(
            "the run in {} was trained with other options ({}): give those, or name another folder with --runs",
            run.display(),
            differences(record, &now).join("; ")
        );
        Err(failure(Exit::Config, message))
    }

    /// Epochs times training examples, where the number of examples is known without reading data.
    fn passes(&self, record: Option<&Record>) -> Option<f64> {
        let examples = match &self.experiment.data {
            Data::Toy(toy) => Some(toy::training_data(*toy).record.examples),
            Data::Images { source: ImageSource::StandIn { train, .. }, .. } => Some(*train),
            Data::Images { task, source: ImageSource::Paper { .. } } => Some(task.paper_size()[0]),
            Data::Pairs | Data::User(_) => record.map(|record| record.data.examples),
        };
        examples.map(|examples| (examples * self.experiment.training.epochs) as f64)
    }
}

/// What a job is expected to cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: Unit,
    /// How it is known.
    pub of: Source,
}

/// The unit of a cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds of training.
    Seconds,
    /// Examples that the network is trained on, each as often as it is.
    Examples,
}

/// What a cost is derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The mean of the finished jobs that differ in the seed alone.
    FinishedJobs,
    /// Epochs times training examples.
    EpochsTimesExamples,
}

/// The costs of jobs, of which some may be finished; nothing where none is known.
pub fn costs(jobs: &[(&Job, Expected, State, Option<Record>)]) -> Vec<Option<Cost>> {
    let mut finished: HashMap<Vec<String>, (f64, usize)> = HashMap::new();
    for (job, _, state, record) in jobs {
        if let (State::Done, Some(record)) = (state, record) {
            let (seconds, count) = finished.entry(job.args_without_seed()).or_default();
            *seconds += record.train_seconds;
            *count += 1;
        }
    }
    let cost = |(job, expected, _, record): &(&Job, Expected, State, Option<Record>)| {
        if let Some((seconds, count)) = finished.get(&job.args_without_seed()) {
            let value = seconds / *count as f64;
            return Some(Cost { value, unit: Unit::Seconds, of: Source::FinishedJobs });
        }
        let value = expected.passes(record.as_ref())?;
        Some(Cost { value, unit: Unit::Examples, of: Source::EpochsTimesExamples })
    };
    jobs.iter().map(cost).collect()
}
