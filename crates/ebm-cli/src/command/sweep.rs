//! `ebm sweep`: the plan as jobs, then one thing done with them.

mod expect;
mod job;
mod jobs;
mod list;
mod local;
mod status;
mod submit;

use self::jobs::Sweep;
use crate::cli::sweep::SweepArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::output::print_data;
use crate::sweep::collect::collect;

pub fn run(args: &SweepArgs, threads: Option<u16>, console: Console) -> anyhow::Result<()> {
    let sweep = Sweep::read(args, threads)?;
    if args.list {
        return list::run(&sweep);
    }
    if !args.job.is_empty() {
        return job::run(&sweep, console);
    }
    if let Some(at_once) = args.local {
        return local::run(&sweep, at_once, console);
    }
    if let Some(engine) = args.engine {
        return submit::run(&sweep, engine, console);
    }
    if args.status {
        return status::run(&sweep, console);
    }
    print_metrics(&sweep, console)
}

/// Prints the metrics of all runs. Those without are named.
fn print_metrics(sweep: &Sweep, console: Console) -> anyhow::Result<()> {
    let collected = collect(&sweep.runs, &sweep.jobs)?;
    if console.json {
        for result in &collected.results {
            print_data(&format!("{}\n", serde_json::to_string(result)?))?;
        }
    } else {
        print_data(&collected.csv()?)?;
    }
    for (run, state) in &collected.without {
        let reason = state.reason();
        console.warn(format_args!(
            "{run} has no result: {}{}{reason}",
            state.word(),
            if reason.is_empty() { "" } else { ": " }
        ));
    }
    match collected.without.len() {
        0 => Ok(()),
        without => {
            let message = format!("runs without a result: {without} of {}", sweep.jobs.len());
            Err(failure(Exit::Internal, message))
        }
    }
}
