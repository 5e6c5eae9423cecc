//! The command line, as clap sees it.

mod data;
mod evaluate;
mod import;
mod own;
mod plot;
mod predict;
mod seeds;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use evaluate::{EvaluateArgs, GridName};
pub(crate) use import::ImportArgs;
pub(crate) use own::{CalibrateArgs, CheckArgs, OnMissingName, OwnDataArgs, ReportArgs};
pub(crate) use predict::{InputArgs, OutputArgs, PredictArgs, SampleArgs, SamplingArgs, Unreliable};
pub(crate) use seeds::Seeds;

use crate::device::DeviceName;
use crate::table::ScaleName;

pub(crate) use data::{DataCommand, DataMakeArgs, DataShowArgs, InspectArgs};
pub(crate) use plot::{PlotCalibrationArgs, PlotCommand, PlotCurvesArgs, PlotDensityArgs, PlotExamplesArgs};

/// Energy-based probabilistic regression: from (x, y) examples to a full predictive density p(y|x).
///
/// Trains an energy-based model together with a mixture-density proposal that learns to match it, and uses the
/// proposal to evaluate, predict and sample.
#[derive(Debug, Parser)]
#[command(name = "ebm", version, after_help = EXAMPLES, max_term_width = 100)]
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

/// What every command has comes after what is its own.
const COMMON: &str = "Common options";

const EXAMPLES: &str = "\
Examples:
  ebm train --preset toy_1/ours_k4 --evaluate     train on the paper's first 1D task
  ebm check houses.csv --target price             what is in a table, before training
  ebm train houses.csv --target price --out m     train on it
  ebm calibrate m                                 make its sets cover what they say
  ebm predict m new.csv --coverage 0.9            mean, quantiles and sets, a line a row
  ebm train --preset toy_1/ours_k4 --evaluate     train on the paper's first 1D task

Exit codes:
  0 done   1 internal error or diverged   2 usage   65 bad data   66 no input   73 cannot write
  74 I/O error   75 interrupted, resumable   76 result unreliable   78 bad configuration";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a model
    Train(Box<TrainArgs>),
    /// Measure a trained model on its task, or on a file
    Evaluate(EvaluateArgs),
    /// Mean, sd and quantiles of p(y|x), and log p(y|x)
    Predict(PredictArgs),
    /// Draw samples from p(y|x)
    Sample(SampleArgs),
    /// Make the highest-density sets of a model cover held-out labels as often as they say
    Calibrate(CalibrateArgs),
    /// Look into a table before training: kinds, scales, gaps, duplicates, leaks
    Check(CheckArgs),
    /// Write what there is to know of a trained model into one HTML file
    Report(ReportArgs),
    /// Draw a picture of a run
    #[command(subcommand)]
    Plot(PlotCommand),
    /// Use a network that the paper's PyTorch code trained
    Import(Box<ImportArgs>),
    /// Print a table of the paper beside what our runs give
    Table(TableArgs),
    /// List the data sets, and look into files of them
    #[command(subcommand)]
    Data(DataCommand),
    /// List the devices to train on
    Devices,
}

/// Which of the four methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MethodName {
    /// Energy-based model with its learned proposal
    Ebm,
    /// Energy-based model against fixed noise
    EbmFixed,
    /// Mixture density network by its likelihood
    Mdn,
    /// Mixture density network with an energy-based teacher
    MdnTeacher,
}

/// How the energy is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectiveName {
    /// Noise-contrastive estimation, the paper's eq. (6)
    Nce,
    /// Importance-sampled likelihood, the paper's eq. (2)
    Importance,
}

/// What computes a training step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KernelsName {
    /// Our own, where there are any: energy-based methods and ResNet18 on the CPU, 1D on a GPU
    Fused,
    /// Tensor operations alone
    Plain,
}

#[derive(Debug, Args)]
#[command(after_help = TRAIN_EXAMPLES)]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    pub own: OwnDataArgs,
    /// What to train: a cell of the paper's tables, such as toy_1/ours_k4
    #[arg(long, value_name = "NAME", conflicts_with = "config")]
    pub preset: Option<String>,
    /// What to train: a TOML file of the form of a preset
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Train on this CSV file (columns x and y) instead of the data set's own examples
    #[arg(long, value_name = "FILE")]
    pub train_file: Option<PathBuf>,
    /// Folder with the paper's files of an image task; a generated stand-in is used unless given
    #[arg(long, value_name = "DIR", conflicts_with = "examples")]
    pub data: Option<PathBuf>,
    /// Leave out the pictures of a folder that cannot be read, count and name them, and train on the others
    #[arg(long)]
    pub skip_bad: bool,
    /// Training images of the stand-in, with a quarter as many to test on [default: as many as the paper has]
    #[arg(long, value_name = "N")]
    pub examples: Option<usize>,
    /// Start the backbone from this PyTorch state dict, .pth or .safetensors (ResNet18 of torchvision)
    #[arg(long, value_name = "FILE")]
    pub backbone_weights: Option<PathBuf>,
    /// Width of the image backbone: 64 is ResNet18
    #[arg(long, value_name = "N")]
    pub width: Option<usize>,
    /// Where to write the run [default: runs/<preset>/seed-<seed>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Seed of weights, order and candidates; drawn and printed unless given
    #[arg(long)]
    pub seed: Option<u64>,
    /// Train a network for each of these seeds, 0..20 or 3,7,9, in <out>/seed-<seed>: small ones together on a GPU
    #[arg(long, value_name = "SEEDS", conflicts_with = "seed")]
    pub seeds: Option<Seeds>,
    /// Where to compute: cpu, ndarray, wgpu[:N] or cuda[:N]
    #[arg(long, default_value = "cpu")]
    pub device: DeviceName,
    /// The method
    #[arg(long, value_enum)]
    pub method: Option<MethodName>,
    /// Gaussians in the mixture or proposal, K
    #[arg(long, value_name = "K")]
    pub components: Option<usize>,
    /// Scales of the fixed noise, in units of y (ebm-fixed)
    #[arg(long, value_delimiter = ',', value_name = "S1,S2", allow_hyphen_values = true)]
    pub sigmas: Option<Vec<f64>>,
    /// The energy's loss
    #[arg(long, value_enum)]
    pub objective: Option<ObjectiveName>,
    /// Passes over the data
    #[arg(long, value_name = "N")]
    pub epochs: Option<usize>,
    /// Examples a step
    #[arg(long, value_name = "N")]
    pub batch_size: Option<usize>,
    /// Learning rate of Adam
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub learning_rate: Option<f64>,
    /// Candidates drawn for each example, M
    #[arg(long, value_name = "M")]
    pub m: Option<usize>,
    /// What computes a step: the same losses and gradients up to rounding
    #[arg(long, value_enum)]
    pub kernels: Option<KernelsName>,
    /// Keep the model as it is after these epochs, for `ebm plot density --epochs`
    #[arg(long, value_delimiter = ',', value_name = "N,N,..")]
    pub snapshot_epochs: Vec<usize>,
    /// Evaluate when trained, as `ebm evaluate` does
    #[arg(long)]
    pub evaluate: bool,
    /// Start if there is no run, continue one that was interrupted, leave one that is done
    #[arg(long, conflicts_with = "force")]
    pub resume: bool,
    /// Resume even if configuration, data, seed or device differ from the run's
    #[arg(long, requires = "resume")]
    pub allow_mismatch: bool,
    /// Delete a run that is there and start again
    #[arg(long)]
    pub force: bool,
    /// Seconds between checkpoints
    #[arg(long, default_value = "15", value_name = "SECONDS", allow_negative_numbers = true, value_parser = seconds)]
    pub checkpoint_seconds: Duration,
}

const TRAIN_EXAMPLES: &str = "\
Examples:
  ebm train --preset toy_1/ours_k4 --seed 0
  ebm train --preset toy_1/ours_k4 --components 8 --epochs 20
  ebm train --preset toy_1/ours_k4 --seeds 0..20 --device cuda    twenty networks in one run
  ebm train --train-file my.csv --out runs/mine
  ebm train --train-file my.csv --out runs/mine --resume    go on after Ctrl-C

Targets are used in the units they are in: networks learn best when both columns spread over
about 1.";

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "expected 0 or a positive number of seconds".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct TableArgs {
    /// The paper's number of the table; lists the tables unless given
    pub number: Option<u32>,
    /// Where the runs are [default: runs/tables/<scale>]
    #[arg(long, value_name = "DIR")]
    pub runs: Option<PathBuf>,
    /// How much was trained
    #[arg(long, value_enum, default_value = "quick")]
    pub scale: ScaleName,
    /// Print what has to be trained instead, as JSON
    #[arg(long)]
    pub plan: bool,
    /// Networks a cell, instead of the scale's
    #[arg(long, value_name = "N")]
    pub networks: Option<std::num::NonZeroUsize>,
    /// Epochs a network, instead of the scale's
    #[arg(long, value_name = "N")]
    pub epochs: Option<std::num::NonZeroUsize>,
    /// Candidates an example, instead of the scale's
    #[arg(long, value_name = "M")]
    pub m: Option<std::num::NonZeroUsize>,
    /// Training images of a stand-in, instead of the scale's
    #[arg(long, value_name = "N", conflicts_with = "data")]
    pub examples: Option<std::num::NonZeroUsize>,
    /// Width of the image backbone, instead of the scale's
    #[arg(long, value_name = "N")]
    pub width: Option<std::num::NonZeroUsize>,
    /// With --plan: folder with the paper's files of the image tasks; stand-ins are used for those not found there
    #[arg(long, value_name = "DIR", requires = "plan")]
    pub data: Option<PathBuf>,
    /// Also write the table as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
}
