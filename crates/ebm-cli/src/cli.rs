//! The command line, as clap sees it.

pub(crate) mod compare;
pub(crate) mod data;
pub(crate) mod evaluate;
pub(crate) mod import;
pub(crate) mod inspect;
pub(crate) mod method;
pub(crate) mod plot;
pub(crate) mod predict;
pub(crate) mod sampling;
pub(crate) mod sweep;
pub(crate) mod table;
pub(crate) mod train;
pub(crate) mod user_data;

use clap::{Parser, Subcommand};

use self::compare::CompareArgs;
use self::data::DataCommand;
use self::evaluate::EvaluateArgs;
use self::import::ImportArgs;
use self::inspect::InspectArgs;
use self::plot::PlotCommand;
use self::predict::{PredictArgs, SampleArgs};
use self::sweep::SweepArgs;
use self::table::TableArgs;
use self::train::TrainArgs;
use self::user_data::{CalibrateArgs, CheckArgs, ReportArgs};

/// Energy-based probabilistic regression: from (x, y) examples to a full predictive density p(y|x).
///
/// Trains an energy-based model together with a mixture-density proposal that learns to match it, and uses the
/// proposal to evaluate, predict and sample.
#[derive(Debug, Parser)]
#[command(name = "ebm", version, long_version = LONG_VERSION, after_help = EXAMPLES, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print machine-readable JSON to stdout
    #[arg(long, global = true, help_heading = COMMON)]
    pub(crate) json: bool,
    /// Print no progress, only warnings and errors
    #[arg(long, short, global = true, help_heading = COMMON)]
    pub(crate) quiet: bool,
    /// CPU threads to use; all of them unless given
    #[arg(long, global = true, help_heading = COMMON, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
}

/// What a report of a fault should say.
const LONG_VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), "\nrevision ", env!("EBM_REVISION"), "\nbackends ", env!("EBM_BACKENDS"),);

/// The heading of the options that every command has.
const COMMON: &str = "Common options";

const EXAMPLES: &str = "\
Examples:
  ebm train --preset toy_1/ours_k4 --evaluate     train on the paper's first 1D task
  ebm check houses.csv --target price             check a table before training
  ebm train houses.csv --target price --out m     train on it
  ebm calibrate m                                 calibrate its prediction sets
  ebm predict m new.csv --coverage 0.9            mean, quantiles and a set for each row

Exit codes:
  0 done   1 internal error or diverged   2 usage   65 bad data   66 no input   73 cannot write
  74 I/O error   75 interrupted, resumable   76 result unreliable   78 bad configuration";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a model
    Train(Box<TrainArgs>),
    /// Evaluate a trained model on its task, or on a file
    Evaluate(EvaluateArgs),
    /// Compare runs on the same held-out rows, row by row
    Compare(CompareArgs),
    /// Mean, sd and quantiles of p(y|x), and log p(y|x)
    Predict(PredictArgs),
    /// Draw samples from p(y|x)
    Sample(SampleArgs),
    /// Calibrate the highest-density sets of a model on held-out labels
    Calibrate(CalibrateArgs),
    /// Check a table before training: column types, scales, missing values, duplicates, leaks
    Check(CheckArgs),
    /// Write a report on a trained model as one HTML file
    Report(ReportArgs),
    /// Plot a run
    #[command(subcommand)]
    Plot(PlotCommand),
    /// Show what a run is, how it was made, and whether its files are as they were written
    Inspect(InspectArgs),
    /// Import a network that the paper's PyTorch code trained
    Import(Box<ImportArgs>),
    /// Print a table of the paper beside our results
    Table(TableArgs),
    /// Train many runs, here or on a cluster: list, do, submit, count and collect them
    Sweep(Box<SweepArgs>),
    /// List the data sets; inspect, generate and show image files
    #[command(subcommand)]
    Data(DataCommand),
    /// List the devices to train on
    Devices,
    /// Print a script that completes commands and options in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page of a command, or of ebm
    Manual {
        /// The command, as in `plot density`
        command: Vec<String>,
    },
}
