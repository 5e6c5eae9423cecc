//! Arguments of `ebm evaluate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::sampling::SamplingArgs;

/// Where densities are normalised to be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GridName {
    /// The grid of the paper's tables
    Paper,
    /// A finer grid on the same range, where quadrature converges
    Fine,
    /// No grid: importance sampling from the proposal only
    None,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// A run folder
    pub run: PathBuf,
    /// Held-out rows: a table, a folder of images, a file of an image task, or for a model of numbers a CSV file with
    /// columns x and y [default: the test part]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Labels, where the file is a folder of images
    #[arg(long, value_name = "TABLE", requires = "file")]
    pub labels: Option<PathBuf>,
    /// Go on even if rows of the file were trained on
    #[arg(long, requires = "file")]
    pub allow_overlap: bool,
    /// Where densities are normalised; only measurements on the paper's grid are kept in the run
    #[arg(long, value_enum, default_value = "paper")]
    pub grid: GridName,
    #[command(flatten)]
    pub sampling: SamplingArgs,
}
