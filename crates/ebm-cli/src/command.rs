//! A file for each subcommand.

mod calibrate;
mod check;
mod compare;
mod data;
mod devices;
mod evaluate;
mod import;
mod inspect;
mod picture;
mod plot;
pub(crate) mod predict;
mod report;
mod sample;
mod shell;
mod sweep;
mod table;
mod train;
mod train_and_evaluate;

use crate::cli::plot::PlotCommand;
use crate::cli::{Cli, Command};
use crate::console::Console;
use crate::interrupt::survive_file_size_limit;

/// Runs the command that the command line asks for.
///
/// # Errors
/// Those of the command; [`crate::exit::exit_code`] is their exit code.
#[allow(unsafe_code)] // The environment is set before any other thread runs.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    if let Some(threads) = cli.threads {
        // SAFETY: called first thing in `main`, on the only thread; the thread pool reads it when it starts.
        unsafe { std::env::set_var("RAYON_NUM_THREADS", threads.to_string()) };
    }
    survive_file_size_limit()?;
    let console = Console { json: cli.json, quiet: cli.quiet };
    match cli.command {
        Command::Train(args) => train_and_evaluate::train_and_evaluate(&args, console),
        Command::Evaluate(args) => evaluate::run(&args, console),
        Command::Compare(args) => compare::run(&args, console),
        Command::Predict(args) => predict::run(&args, console),
        Command::Sample(args) => sample::run(&args, console),
        Command::Calibrate(args) => calibrate::run(&args, console),
        Command::Check(args) => check::run(&args, console),
        Command::Report(args) => report::run(&args, console),
        Command::Plot(PlotCommand::Density(args)) => plot::density::run(&args, console),
        Command::Plot(PlotCommand::Examples(args)) => plot::examples::run(&args, console),
        Command::Plot(PlotCommand::Calibration(args)) => plot::calibration::run(&args, console),
        Command::Plot(PlotCommand::Curves(args)) => plot::curves::run(&args, console),
        Command::Inspect(args) => inspect::run(&args, console),
        Command::Import(args) => import::run(&args, console),
        Command::Table(args) => table::run(&args, console),
        Command::Sweep(args) => sweep::run(&args, cli.threads, console),
        Command::Data(command) => data::run(&command, console),
        Command::Devices => devices::run(console),
        Command::Completions { shell } => shell::completions(shell),
        Command::Manual { command } => shell::manual(&command),
    }
}
