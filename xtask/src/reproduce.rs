//! `cargo xtask reproduce-tables`: train what the tables need, then print them.

mod args;
mod jobs;
mod plan;
mod progress;
mod runs;
mod states;

use std::ffi::OsString;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::binary;
use jobs::{Counts, Job, Pool};
use plan::{Plan, PlannedRun};
use progress::Progress;
use runs::Runs;
use states::{State, States};

pub use args::Args;

/// How the task ended, unless with an error.
pub enum End {
    /// Every network is finished and every table printed.
    Complete,
    /// Stopped early; the same command continues.
    Interrupted,
}

/// Runs the task.
///
/// # Errors
/// If `ebm` cannot be built or run, if the runs folder cannot be used, or if a
/// network left no result.
pub fn reproduce_tables(args: &Args) -> Result<End> {
    let root = binary::root();
    let tables = tables(args, &root)?;
    let runs = Runs::open(args.runs_folder(&root), args.fresh)?;
    let ebm = match &args.ebm {
        Some(ebm) => ebm.clone(),
        None => binary::build(&root, &args.profile, &args.device)?,
    };
    let plans = tables.iter().map(|&table| plan::ask(&ebm, table, &[args.scale_args(), args.data_args()].concat()));
    let mut expected = plan::merge(&plans.collect::<Result<Vec<Plan>>>()?)?;
    if !args.only.is_empty() {
        expected.retain(|planned| args.only.iter().any(|preset| planned.run.starts_with(&format!("{preset}/"))));
        ensure!(!expected.is_empty(), "no table has a cell of preset {}", args.only.join(" or "));
    }
    let states = || States::ask(&ebm, &tables, &args.scale_args(), runs.folder());
    let open = states()?.select(State::Open, &expected)?;
    let finished = expected.len() - open.len();
    eprintln!("networks: {}, finished: {finished}, in {}", expected.len(), runs.folder().display());

    let counts = train(args, &ebm, &runs, &open, finished)?;
    if counts.interrupted + counts.not_started > 0 {
        eprintln!("Interrupted. Finished work is kept; to continue, run the same command again.");
        return Ok(End::Interrupted);
    }
    for &table in &tables {
        print_table(args, &ebm, &runs, table)?;
    }
    settle(&runs, &states()?, &expected)
}

/// Trains the open networks in parallel, until done or stopped.
fn train(args: &Args, ebm: &Path, runs: &Runs, open: &[&PlannedRun], finished: usize) -> Result<Counts> {
    if open.is_empty() {
        return Ok(Counts::default());
    }
    let is_shared = binary::is_shared(&args.device);
    let at_once = match args.jobs {
        Some(jobs) => jobs,
        None if is_shared => NonZeroUsize::MIN,
        None => available_parallelism().context("the cores cannot be counted; give --jobs")?,
    };
    let stop = stop_on_signals()?;
    let pool = Pool {
        at_once,
        stop: &stop,
        grace: Duration::from_secs(5),
        retry: Duration::from_secs(5),
        patience: Duration::from_secs(600),
    };
    let jobs = if is_shared {
        stacks(open).iter().map(|stack| stacked_job(args, ebm, runs, stack)).collect()
    } else {
        open.iter().map(|run| job(args, ebm, runs, run)).collect()
    };
    let mut progress = Progress::start(open.len(), finished);
    let ended = pool.run(jobs, |event| progress.tell(&event));
    progress.finish();
    ended
}

/// The command that trains or continues one network and evaluates it.
fn job(args: &Args, ebm: &Path, runs: &Runs, planned: &PlannedRun) -> Job {
    let mut command: Vec<OsString> = planned.args.iter().map(OsString::from).collect();
    command.extend(["--out".into(), runs.run(&planned.run).into_os_string()]);
    command.extend(["--device".into(), args.device.clone().into()]);
    command.extend(["--evaluate", "--resume", "--quiet", "--threads", "1"].map(OsString::from));
    let log = runs.log(&planned.run);
    Job { name: planned.run.clone(), networks: 1, program: ebm.to_owned(), args: command, log }
}

/// The open networks of a cell; they differ only in their seeds.
struct Stack {
    /// Their folder below the runs folder; each is in `seed-N` there.
    cell: String,
    /// Arguments of `ebm` that train them, without seeds.
    args: Vec<String>,
    seeds: Vec<String>,
}

/// The open networks, cell by cell.
fn stacks(open: &[&PlannedRun]) -> Vec<Stack> {
    let mut stacks: Vec<Stack> = Vec::new();
    for planned in open {
        let (cell, seed) = planned.run.rsplit_once("/seed-").expect("a run is named after its seed");
        let mut args = planned.args.clone();
        let at = args.iter().position(|arg| arg == "--seed").expect("a run has a seed");
        args.drain(at..at + 2);
        match stacks.iter_mut().find(|stack| stack.cell == cell && stack.args == args) {
            Some(stack) => stack.seeds.push(seed.to_owned()),
            None => stacks.push(Stack { cell: cell.to_owned(), args, seeds: vec![seed.to_owned()] }),
        }
    }
    stacks
}

/// The same for the networks of a cell, as one stack if they are small.
fn stacked_job(args: &Args, ebm: &Path, runs: &Runs, stack: &Stack) -> Job {
    let Stack { cell, args: own, seeds } = stack;
    let mut command: Vec<OsString> = own.iter().map(OsString::from).collect();
    command.extend(["--seeds".into(), seeds.join(",").into()]);
    command.extend(["--out".into(), runs.run(cell).into_os_string()]);
    command.extend(["--device".into(), args.device.clone().into()]);
    command.extend(["--evaluate", "--resume", "--quiet"].map(OsString::from));
    let name = format!("{cell} × {}", seeds.len());
    Job { name, networks: seeds.len(), program: ebm.to_owned(), args: command, log: runs.log(cell) }
}

/// A flag set by SIGINT, SIGTERM and, when the terminal closes, SIGHUP.
fn stop_on_signals() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut signals = vec![SIGINT, SIGTERM];
    if cfg!(unix) {
        signals.push(signal_hook::consts::SIGHUP);
    }
    for signal in signals {
        signal_hook::flag::register(signal, Arc::clone(&stop)).context("listening to signals")?;
    }
    Ok(stop)
}

/// Prints one table and writes it as Markdown beside the runs.
fn print_table(args: &Args, ebm: &Path, runs: &Runs, table: u32) -> Result<()> {
    let written = runs.folder().join(format!("table-{table}.md"));
    let mut command = Command::new(ebm);
    command.args(["table", &table.to_string()]).args(args.scale_args());
    command.arg("--runs").arg(runs.folder()).arg("--markdown").arg(&written);
    let status = command.status().with_context(|| format!("starting {}", ebm.display()))?;
    ensure!(status.success(), "`ebm table {table}` ended with {status}");
    eprintln!("written: {}", written.display());
    Ok(())
}

/// Prints how many networks failed. A network without any result is an error.
fn settle(runs: &Runs, states: &States, expected: &[PlannedRun]) -> Result<End> {
    let failed = states.select(State::Failed, expected)?.len();
    if failed > 0 {
        eprintln!("failed networks: {failed}; the tables count them");
    }
    let open = states.select(State::Open, expected)?;
    if let Some(first) = open.first() {
        let logs = runs.folder().join("logs");
        bail!("networks without a result: {}, the first {}; see its log in {}", open.len(), first.run, logs.display());
    }
    Ok(End::Complete)
}

/// The tables given, or all: each is a file `table-N.toml`.
fn tables(args: &Args, root: &Path) -> Result<Vec<u32>> {
    let folder = root.join("crates").join("ebm-cli").join("tables");
    let mut all: Vec<u32> = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))? {
        let name = entry.with_context(|| format!("reading {}", folder.display()))?.file_name();
        let number: Option<u32> =
            name.to_str().and_then(|name| name.strip_prefix("table-")?.strip_suffix(".toml")?.parse().ok());
        all.extend(number);
    }
    all.sort_unstable();
    let mut asked = args.tables.clone();
    asked.sort_unstable();
    asked.dedup();
    if let Some(unknown) = asked.iter().find(|table| !all.contains(table)) {
        bail!("there is no table {unknown}; there are {all:?}");
    }
    Ok(if asked.is_empty() { all } else { asked })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_has_the_open_networks_of_a_cell() {
        let planned = |run: &str, seed: &str| PlannedRun {
            run: run.to_owned(),
            args: ["train", "--preset", "p", "--seed", seed, "--m", "8"].map(str::to_owned).to_vec(),
        };
        let open = [planned("a/b/seed-0", "0"), planned("a/c/seed-0", "0"), planned("a/b/seed-12", "12")];
        let stacks = stacks(&open.each_ref());
        let found: Vec<_> = stacks.iter().map(|stack| (stack.cell.as_str(), stack.seeds.join(","))).collect();
        assert_eq!(found, [("a/b", "0,12".to_owned()), ("a/c", "0".to_owned())]);
        assert_eq!(stacks[0].args, ["train", "--preset", "p", "--m", "8"]);
    }
}
