//! What is trained, and how.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::known::density::KnownDensity;

/// Measure both error rates of the thresholds of `predict` and of the look at a trained model
///
/// Trains networks on tables drawn from known densities, well and badly: few epochs, one Gaussian, a learning rate that is
/// too high. Predicts rows like those trained on and rows beyond them, and compares each answer with the true distribution.
/// Prints for each mark the share of good answers that have it and the share of bad ones that have it, for several
/// thresholds. It can be stopped and run again: finished networks are kept.
#[derive(clap::Args)]
pub struct Args {
    /// Training rows; a tenth of them is for validation
    #[arg(long, value_name = "N", default_value_t = 2000)]
    pub rows: usize,

    /// Rows to predict, like those trained on, and as many beyond
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub test: usize,

    /// Networks per density and setting
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub seeds: u64,

    /// Networks trained in parallel, each on one thread [default: one per core]
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,

    /// Folder for tables, networks and results
    #[arg(long, value_name = "DIR", default_value = "runs/thresholds")]
    pub runs: PathBuf,

    /// Use this `ebm` instead of building one
    #[arg(long, value_name = "FILE")]
    pub ebm: Option<PathBuf>,

    /// Also write the tables as Markdown
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
}

/// Densities whose distribution function is known: mixtures of Gaussians.
pub(super) const DENSITIES: [KnownDensity; 3] =
    [KnownDensity::OneMode, KnownDensity::TwoModes, KnownDensity::Heteroscedastic];

/// How networks are trained, beside the defaults.
pub(super) const SETTINGS: [(&str, &str); 7] = [
    ("default", ""),
    ("1 epoch", "--epochs 1"),
    ("3 epochs", "--epochs 3"),
    ("10 epochs", "--epochs 10"),
    ("1 Gaussian", "--components 1 --epochs 20"),
    ("rate 0.03", "--learning-rate 0.03 --epochs 20"),
    ("rate 0.3", "--learning-rate 0.3 --epochs 20"),
];
