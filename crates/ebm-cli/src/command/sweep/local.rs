//! `ebm sweep --local`: the jobs on this machine, a process each.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;

use super::expect::Expected;
use super::jobs::Sweep;
use super::list::looked_at;
use crate::console::Console;
use crate::device::DeviceName;
use crate::exit::{Exit, failure};
use crate::interrupt::Interrupt;
use crate::output::tell;
use crate::sweep::pool::{Counts, Job as Process, Pool};
use crate::sweep::progress::Progress;
use crate::sweep::state::{State, state};
use crate::sweep::{Job, folder};

pub fn run(sweep: &Sweep, at_once: NonZeroUsize, console: Console) -> anyhow::Result<()> {
    let jobs = looked_at(sweep)?;
    let is_open = |state: &State| state.is_open() || sweep.args.retry_failed && *state != State::Done;
    let open: Vec<(usize, &Job, &Expected)> = jobs
        .iter()
        .enumerate()
        .filter(|(_, (_, _, state, _))| is_open(state))
        .map(|(id, (job, expected, ..))| (id, *job, expected))
        .collect();
    let finished = jobs.len() - open.len();
    console.say(format_args!("networks: {}, finished: {finished}, in {}", jobs.len(), sweep.runs.display()));
    let counts = train(sweep, &open, finished, at_once, console)?;
    if counts.interrupted + counts.not_started > 0 {
        let message = "interrupted; finished work is kept, and the same command continues";
        return Err(failure(Exit::Interrupted, message));
    }
    settle(sweep)
}

fn train(
    sweep: &Sweep,
    open: &[(usize, &Job, &Expected)],
    finished: usize,
    at_once: NonZeroUsize,
    console: Console,
) -> anyhow::Result<Counts> {
    if open.is_empty() {
        return Ok(Counts::default());
    }
    folder::make(&sweep.runs, "logs")?;
    let ebm = std::env::current_exe().context("finding this program")?;
    let words = sweep.words()?;
    let devices = &sweep.args.device;
    let processes = processes(open, devices);
    let process = |(name, ids, is_shared): &(String, Vec<usize>, bool)| {
        let ids: Vec<String> = ids.iter().map(usize::to_string).collect();
        let mut args = words.clone();
        args.extend(["--job".to_owned(), ids.join(","), "--quiet".to_owned()]);
        if let Some(threads) = sweep.threads.or((!is_shared).then_some(1)) {
            args.extend(["--threads".to_owned(), threads.to_string()]);
        }
        let log = folder::log(&sweep.runs, name);
        let name = if ids.len() > 1 { format!("{name} × {}", ids.len()) } else { name.clone() };
        Process {
            name,
            networks: ids.len(),
            program: ebm.clone(),
            args: args.into_iter().map(Into::into).collect(),
            log,
        }
    };
    let interrupt = Interrupt::listen()?;
    let place = |at: usize| match devices.len() {
        0 => Vec::new(),
        of => vec!["--device".into(), devices[at % of].to_string().into()],
    };
    let pool = Pool {
        places: (0..at_once.get()).map(place).collect(),
        stop: interrupt.flag(),
        grace: Duration::from_secs(5),
        retry: Duration::from_secs(5),
        // Another machine may train it for days.
        patience: Duration::MAX,
    };
    let mut progress = Progress::start(open.len(), finished, console);
    let ended = pool.run(processes.iter().map(process).collect(), |event| progress.tell(&event));
    progress.finish();
    ended
}

/// The processes that do these jobs: a name, the jobs, and whether they share a GPU. There the networks of a cell, which
/// differ in their seeds, are trained by one process for each device, as a stack if they are small.
fn processes(open: &[(usize, &Job, &Expected)], devices: &[DeviceName]) -> Vec<(String, Vec<usize>, bool)> {
    let mut cells: Vec<(Vec<String>, &Path, Vec<usize>)> = Vec::new();
    let mut processes: Vec<(String, Vec<usize>, bool)> = Vec::new();
    for (id, job, expected) in open {
        if !devices.first().unwrap_or(&expected.train.device).is_gpu() {
            processes.push((job.run.clone(), vec![*id], false));
            continue;
        }
        let args = job.args_without_seed();
        match cells.iter_mut().find(|(of, ..)| *of == args) {
            Some((_, _, ids)) => ids.push(*id),
            None => cells.push((args, Path::new(&job.run).parent().unwrap_or(Path::new("")), vec![*id])),
        }
    }
    for (_, cell, ids) in cells {
        let each = ids.len().div_ceil(devices.len().max(1));
        processes.extend(ids.chunks(each).map(|ids| (cell.display().to_string(), ids.to_vec(), true)));
    }
    processes
}

/// Tells of failed networks, which are results. A network without any result is an error.
fn settle(sweep: &Sweep) -> anyhow::Result<()> {
    let (mut failed, mut open) = (Vec::new(), Vec::new());
    for job in &sweep.jobs {
        match state(&sweep.runs, job)?.0 {
            State::Done => {}
            State::Failed { reason } => failed.push(format!("{}: {reason}", job.run)),
            state => open.push(format!("{}: {} {}", job.run, state.word(), state.reason())),
        }
    }
    if !failed.is_empty() {
        tell(format_args!("failed networks: {}, the first {}", failed.len(), failed[0]));
    }
    match open.first() {
        None => Ok(()),
        Some(first) => {
            let logs = sweep.runs.join("logs");
            let message = format!(
                "networks without a result: {}, the first {first}; see its log in {}",
                open.len(),
                logs.display()
            );
            Err(failure(Exit::Internal, message))
        }
    }
}
