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
mod tidy;
mod uci;
mod workers;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use reproduce::End;

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
    Golden(golden::Args),
    Uci(uci::Args),
    Tidy(tidy::Args),
}

fn main() -> ExitCode {
    let end = match Cli::parse().task {
        Task::ReproduceTables(args) => reproduce::reproduce_tables(&args),
        Task::Bench(args) => bench::bench(&args).map(|()| End::Complete),
        Task::KnownDensities(args) => known::known_densities(&args).map(|()| End::Complete),
        Task::Golden(args) => golden::golden(&args).map(|()| End::Complete),
        Task::Uci(args) => uci::uci(&args).map(|()| End::Complete),
        Task::Tidy(args) => tidy::tidy(&args).map(|()| End::Complete),
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
