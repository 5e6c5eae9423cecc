//! `ebm plot` as clap sees it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::sampling::SamplingArgs;

#[derive(Debug, Subcommand)]
pub(crate) enum PlotCommand {
    /// p(y|x) over the plane: training data, model, proposal and truth (the paper's Figures 2, S3, S4)
    Density(PlotDensityArgs),
    /// p(y|x) beside the images of test examples, with the label
    Examples(PlotExamplesArgs),
    /// PIT histogram and coverage curve of an evaluated run
    Calibration(PlotCalibrationArgs),
    /// Training losses over the epochs
    Curves(PlotCurvesArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PlotDensityArgs {
    /// A run folder
    pub run: PathBuf,
    /// The picture, .png or .svg
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    /// One row for each of these epochs, whose weights `ebm train --snapshot-epochs` kept
    #[arg(long, value_delimiter = ',', value_name = "N,N,..")]
    pub epochs: Vec<usize>,
    /// Add a panel of samples drawn from the model
    #[arg(long)]
    pub samples: bool,
    #[command(flatten)]
    pub sampling: SamplingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PlotCurvesArgs {
    /// A run folder
    pub run: PathBuf,
    /// The picture, .png or .svg
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlotExamplesArgs {
    /// A run folder of an image task
    pub run: PathBuf,
    /// The picture, .png or .svg
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    /// Test examples to show, counted from 0
    #[arg(long, value_delimiter = ',', default_value = "0,1,2,3", value_name = "N,N,..")]
    pub rows: Vec<usize>,
    /// Show another run of the same task beside it, such as an MDN beside an EBM
    #[arg(long, value_name = "RUN")]
    pub with: Option<PathBuf>,
    #[command(flatten)]
    pub sampling: SamplingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct PlotCalibrationArgs {
    /// A run folder that `ebm evaluate` has been run on
    pub run: PathBuf,
    /// The picture, .png or .svg
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
}
