//! `ebm sweep --job`: one job in this process, or several that a GPU trains as one stack.

use std::path::PathBuf;

use super::expect::{Expected, expected};
use super::jobs::Sweep;
use crate::cli::train::TrainArgs;
use crate::command::train;
use crate::command::train_and_evaluate::train_and_evaluate;
use crate::console::Console;
use crate::exit::{Exit, exit_code, failure};
use crate::experiment::seeds::Seeds;
use crate::output::tell;
use crate::run::document::Document;
use crate::run::evaluation::Evaluation;
use crate::run::record::{Record, Status};
use crate::sweep::claim::note::Rhythm;
use crate::sweep::claim::{Holding, Taken, take};
use crate::sweep::state::{State, state};
use crate::sweep::{Job, folder};

/// A job that this process has.
struct Mine<'a> {
    job: &'a Job,
    train: Box<TrainArgs>,
    run: PathBuf,
    holding: Holding,
}

pub fn run(sweep: &Sweep, console: Console) -> anyhow::Result<()> {
    let jobs = sweep.args.job.iter().map(|id| find(sweep, id)).collect::<anyhow::Result<Vec<&Job>>>()?;
    let mut first_error = None;
    let mut taken = Vec::new();
    for job in jobs {
        match begin(sweep, job, console) {
            Ok(mine) => taken.extend(mine),
            Err(error) if taken.is_empty() && sweep.args.job.len() == 1 => return Err(error),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    for group in groups(taken) {
        if let Err(error) = train(group, console) {
            if exit_code(&error) == Exit::Interrupted {
                return Err(error);
            }
            first_error = first_error.or(Some(error));
        }
    }
    first_error.map_or(Ok(()), Err)
}

/// A job by its number or its run.
fn find<'a>(sweep: &'a Sweep, id: &str) -> anyhow::Result<&'a Job> {
    let number = id.parse::<usize>().ok();
    let found = match number {
        Some(number) => sweep.jobs.get(number),
        None => sweep.jobs.iter().find(|job| job.run == id),
    };
    found.ok_or_else(|| {
        failure(Exit::Usage, format!("there is no job {id}; there are 0 to {}, see --list", sweep.jobs.len() - 1))
    })
}

/// Takes a job; nothing if it is done.
fn begin<'a>(sweep: &Sweep, job: &'a Job, console: Console) -> anyhow::Result<Option<Mine<'a>>> {
    let run = folder::run(&sweep.runs, &job.run);
    let expected = expected(job)?;
    let (state, record) = state(&sweep.runs, job)?;
    if let Some(record) = &record {
        expected.compare(record, &run)?;
    }
    let Expected { mut train, experiment } = expected;
    train.out = Some(run.clone());
    train.resume = true;
    train.device = sweep.args.device.first().copied().unwrap_or(train.device);
    match state {
        State::Done if experiment.data.user().is_some() => {
            // Whether it was trained with these options shows when the data are read.
            train::run(&train, console)?;
            return Ok(None);
        }
        State::Done => {
            console.say(format_args!("{} is done already", job.run));
            return Ok(None);
        }
        State::Failed { reason } if !sweep.args.retry_failed => {
            let message = format!("{} failed before: {reason}; --retry-failed trains it again", job.run);
            return Err(failure(Exit::Internal, message));
        }
        _ => {}
    }
    train.evaluate = true;
    if record.is_some_and(|record| record.status == Status::Failed) {
        (train.resume, train.force) = (false, true);
    }
    match take(&folder::claims(&sweep.runs, &job.run), Rhythm::USUAL, leave)? {
        Taken::Mine(holding) => Ok(Some(Mine { job, train, run, holding })),
        Taken::Held(claim) => {
            let by = claim.map(|claim| format!(" (process {} on {})", claim.worker.process, claim.worker.host));
            let message = format!("another process{} is training {}", by.unwrap_or_default(), job.run);
            Err(failure(Exit::CannotWrite, message))
        }
    }
}

/// Ends this process at once: nothing more is written to a run that another process may have.
fn leave(why: &str) {
    tell(format_args!("error: {why}: this process ends, and leaves the run to others"));
    std::process::exit(Exit::CannotWrite as i32);
}

/// Jobs that differ in the seed alone, and are begun in the same way.
fn groups(taken: Vec<Mine>) -> Vec<Vec<Mine>> {
    let mut groups: Vec<Vec<Mine>> = Vec::new();
    for mine in taken {
        let is_same = |other: &Mine| {
            other.job.args_without_seed() == mine.job.args_without_seed()
                && other.run.parent() == mine.run.parent()
                && other.train.force == mine.train.force
        };
        match groups.iter_mut().find(|group| is_same(&group[0])) {
            Some(group) => group.push(mine),
            None => groups.push(vec![mine]),
        }
    }
    groups
}

/// Trains and evaluates a group, and says in its claims how that ended.
fn train(group: Vec<Mine>, console: Console) -> anyhow::Result<()> {
    let mut args = group[0].train.clone();
    if group.len() > 1 {
        args.out = group[0].run.parent().map(PathBuf::from);
        args.seed = None;
        args.seeds = Some(Seeds(group.iter().map(|mine| mine.job.seed).collect()));
    }
    let ended = train_and_evaluate(&args, console);
    for Mine { job, run, holding, .. } in group {
        let status = Record::read_if_there(&run).ok().flatten().map(|record| record.status);
        let (exit, message) = match (&ended, status) {
            (Ok(()), _) => (0, String::new()),
            (Err(_), Some(Status::Done)) if Evaluation::exists(&run) => (0, String::new()),
            (Err(error), Some(Status::Failed)) => (Exit::Internal as u8, format!("{error:#}")),
            (Err(error), _) => (exit_code(error) as u8, format!("{error:#}")),
        };
        if let Err(error) = holding.end(exit, &message) {
            console.warn(format_args!("the claim on {} could not be given back: {error}", job.run));
        }
    }
    ended
}
