//! One file a subcommand.

mod calibrate;
mod check;
mod data;
mod devices;
mod evaluate;
mod import;
mod input;
mod plot;
mod predict;
mod report;
mod sample;
mod table;
mod train;

use crate::cli::{Cli, Command, PlotCommand};
use crate::output::tell;

/// Does what the command line asks for.
///
/// # Errors
/// Whatever went wrong; [`crate::exit::exit_code`] says how to end.
#[allow(unsafe_code)] // The environment is set before any other thread runs.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    if let Some(threads) = cli.threads {
        // SAFETY: called first thing in `main`, on the only thread; the thread pool reads it when it starts.
        unsafe { std::env::set_var("RAYON_NUM_THREADS", threads.to_string()) };
    }
    let how = How { json: cli.json, quiet: cli.quiet };
    match cli.command {
        Command::Train(args) => train::run(&args, how),
        Command::Evaluate(args) => evaluate::run(&args, how),
        Command::Predict(args) => predict::run(&args, how),
        Command::Sample(args) => sample::run(&args, how),
        Command::Calibrate(args) => calibrate::run(&args, how),
        Command::Check(args) => check::run(&args, how),
        Command::Report(args) => report::run(&args, how),
        Command::Plot(PlotCommand::Density(args)) => plot::density(&args, how),
        Command::Plot(PlotCommand::Examples(args)) => plot::examples(&args, how),
        Command::Plot(PlotCommand::Calibration(args)) => plot::calibration(&args, how),
        Command::Plot(PlotCommand::Curves(args)) => plot::curves(&args, how),
        Command::Import(args) => import::run(&args, how),
        Command::Table(args) => table::run(&args, how),
        Command::Data(command) => data::run(&command, how),
        Command::Devices => devices::run(how),
    }
}

/// Options that every command has.
#[derive(Debug, Clone, Copy)]
pub struct How {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

impl How {
    /// Tells a person something that is not data.
    pub(crate) fn say(self, text: impl std::fmt::Display) {
        if !self.quiet {
            tell(text);
        }
    }

    /// Tells a person what they should know even if they asked for quiet.
    pub(crate) fn warn(self, text: impl std::fmt::Display) {
        tell(format_args!("warning: {text}"));
    }
}
