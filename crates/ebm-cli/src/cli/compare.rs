//! Arguments of `ebm compare`.

use std::path::PathBuf;

use clap::Args;

use super::sampling::SamplingArgs;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  ebm compare runs/ebm runs/mdn                     on the test part, if both runs have the same
  ebm compare runs/a runs/b runs/c --on new.csv     on held-out rows")]
pub(crate) struct CompareArgs {
    /// Run folders; each is compared with the first
    #[arg(value_name = "RUN", num_args = 2.., required = true)]
    pub runs: Vec<PathBuf>,
    /// Held-out rows, as for `ebm evaluate` [default: the test part]
    #[arg(long, value_name = "FILE")]
    pub on: Option<PathBuf>,
    /// Labels, where the file is a folder of images
    #[arg(long, value_name = "TABLE", requires = "on")]
    pub labels: Option<PathBuf>,
    /// Go on even if rows of the file were trained on
    #[arg(long, requires = "on")]
    pub allow_overlap: bool,
    #[command(flatten)]
    pub sampling: SamplingArgs,
}
