//! Development tasks of the energy-based regression project.
//!
//! Run as `cargo xtask TASK`. A task builds and spawns the `ebm` program; it
//! never links the model code, so this crate compiles in seconds.

mod bench;
mod binary;
mod golden;
mod known;
mod machine;
mod mean;
mod reproduce;
mod statistics;
mod thresholds;
mod tidy;
mod trust;
mod uci;
mod web;
mod workers;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use reproduce::End;
use trust::full_length::Trial;

/// Exit code of an interrupted task that can be continued, as for `ebm`.
const INTERRUPTED: u8 = 75;

/// Development tasks of ebm, energy-based probabilistic regression.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    ReproduceTables(reproduce::Args),
    Bench(bench::Args),
    KnownDensities(known::Args),
    Thresholds(thresholds::Args),
    Statistics(statistics::Args),
    Golden(golden::Args),
    Uci(uci::Args),
    Tidy(tidy::Args),
    Web(web::Args),
    Fuzz(trust::fuzz::Args),
    /// Kill trainings at every operation on files and continue them; needs `strace`
    Crash(trust::full_length::Args),
    /// Flip bits of every file of three run folders
    Flips(trust::full_length::Args),
    Reliability(trust::reliability::Args),
}

fn main() -> ExitCode {
    let end = match Cli::parse().task {
        Task::ReproduceTables(args) => reproduce::reproduce_tables(&args),
        Task::Bench(args) => bench::bench(&args).map(|()| End::Complete),
        Task::KnownDensities(args) => known::known_densities(&args).map(|()| End::Complete),
        Task::Thresholds(args) => thresholds::thresholds(&args).map(|()| End::Complete),
        Task::Statistics(args) => statistics::statistics(&args).map(|()| End::Complete),
        Task::Golden(args) => golden::golden(&args).map(|()| End::Complete),
        Task::Uci(args) => uci::uci(&args).map(|()| End::Complete),
        Task::Tidy(args) => tidy::tidy(&args).map(|()| End::Complete),
        Task::Web(args) => web::web(&args).map(|()| End::Complete),
        Task::Fuzz(args) => trust::fuzz::fuzz(&args).map(|()| End::Complete),
        Task::Crash(args) => trust::full_length::full_length(Trial::Crash, &args).map(|()| End::Complete),
        Task::Flips(args) => trust::full_length::full_length(Trial::Flips, &args).map(|()| End::Complete),
        Task::Reliability(args) => trust::reliability::reliability(&args).map(|()| End::Complete),
    };
    match end {
        Ok(End::Complete) => ExitCode::SUCCESS,
        Ok(End::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
