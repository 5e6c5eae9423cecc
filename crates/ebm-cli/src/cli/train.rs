//! Arguments of `ebm train`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::method::{FormName, KernelsName, MethodName, ObjectiveName};
use super::user_data::UserDataArgs;
use crate::device::DeviceName;
use crate::experiment::seeds::Seeds;

#[derive(Debug, Clone, Args)]
#[command(after_help = TRAIN_EXAMPLES)]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    pub user: UserDataArgs,
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
    /// Leave out the images of a folder that cannot be read; they are named and counted
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
    /// Seed of weights, order and candidates; random and printed unless given
    #[arg(long)]
    pub seed: Option<u64>,
    /// Train a network for each of these seeds, 0..20 or 3,7,9, in <out>/seed-<seed>; small ones in one stack on a GPU
    #[arg(long, value_name = "SEEDS", conflicts_with = "seed")]
    pub seeds: Option<Seeds>,
    /// Where to compute: cpu, ndarray, wgpu[:N] or cuda[:N]
    #[arg(long, default_value = "cpu")]
    pub device: DeviceName,
    /// The method
    #[arg(long, value_enum)]
    pub method: Option<MethodName>,
    /// Networks of each form, each chosen on its own fold of the training rows; 1 trains one network [default:
    /// 10 for a table of fewer than 2000 rows, 5 up to 50 000; 1 with --valid or a validation fraction]
    #[arg(long, value_name = "N", requires = "table", value_parser = clap::value_parser!(u64).range(1..=100))]
    pub members: Option<u64>,
    /// What an ensemble is made of: methods, some with settings of their own, and trees [default:
    /// ebm,mdn,mdn:decay=0,mdn:decay=1,mdn:decay=0:pieces=0,trees]
    #[arg(long, value_name = "FORM,FORM,..", value_delimiter = ',', requires = "table", conflicts_with = "method")]
    pub forms: Option<Vec<FormName>>,
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
    /// Examples in each step
    #[arg(long, value_name = "N")]
    pub batch_size: Option<usize>,
    /// Learning rate of Adam
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub learning_rate: Option<f64>,
    /// Decoupled weight decay
    #[arg(long, value_name = "DECAY", allow_negative_numbers = true)]
    pub weight_decay: Option<f64>,
    /// Pieces of the piecewise-linear encoding of a table's columns; 0 for none [default: 16, from 5000 rows on 64]
    #[arg(long, value_name = "N", requires = "table")]
    pub pieces: Option<usize>,
    /// Candidates drawn for each example, M
    #[arg(long, value_name = "M")]
    pub m: Option<usize>,
    /// What computes a step; losses and gradients are the same up to rounding
    #[arg(long, value_enum)]
    pub kernels: Option<KernelsName>,
    /// Keep the weights after these epochs, for `ebm plot density --epochs`
    #[arg(long, value_delimiter = ',', value_name = "N,N,..")]
    pub snapshot_epochs: Vec<usize>,
    /// Evaluate after training, as `ebm evaluate` does
    #[arg(long)]
    pub evaluate: bool,
    /// Start a new run, continue an interrupted one, leave a finished one
    #[arg(long, conflicts_with = "force")]
    pub resume: bool,
    /// Resume even if configuration, data, seed or device differ from those of the run
    #[arg(long, requires = "resume")]
    pub allow_mismatch: bool,
    /// Choose the model by validation rows even if they are trained on
    #[arg(long, requires = "valid")]
    pub allow_overlap: bool,
    /// Train again; the existing run stays until the new one has its first checkpoint
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
