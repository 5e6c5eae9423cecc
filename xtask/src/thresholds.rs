//! `cargo xtask thresholds`: how often the marks of `predict` and `train` are right, on rows whose true density is known.

mod network;
mod report;
mod truth;

use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::binary;
use crate::known::density::KnownDensity;
use crate::workers::in_parallel;
use network::{Trained, trained};

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
    rows: usize,

    /// Rows to predict, like those trained on, and as many beyond
    #[arg(long, value_name = "N", default_value_t = 500)]
    test: usize,

    /// Networks per density and setting
    #[arg(long, value_name = "N", default_value_t = 3)]
    seeds: u64,

    /// Networks trained in parallel, each on one thread [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Folder for tables, networks and results
    #[arg(long, value_name = "DIR", default_value = "runs/thresholds")]
    runs: PathBuf,

    /// Use this `ebm` instead of building one
    #[arg(long, value_name = "FILE")]
    ebm: Option<PathBuf>,

    /// Also write the tables as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// Densities whose distribution function is known: mixtures of Gaussians.
const DENSITIES: [KnownDensity; 3] = [KnownDensity::OneMode, KnownDensity::TwoModes, KnownDensity::Heteroscedastic];

/// How networks are trained, beside the defaults.
const SETTINGS: [(&str, &str); 7] = [
    ("default", ""),
    ("1 epoch", "--epochs 1"),
    ("3 epochs", "--epochs 3"),
    ("10 epochs", "--epochs 10"),
    ("1 Gaussian", "--components 1 --epochs 20"),
    ("rate 0.03", "--learning-rate 0.03 --epochs 20"),
    ("rate 0.3", "--learning-rate 0.3 --epochs 20"),
];

/// Trains what is missing and prints the tables.
///
/// # Errors
/// When `ebm` cannot be built, or fails in another way than by a training that diverged.
pub fn thresholds(args: &Args) -> Result<()> {
    let program = match &args.ebm {
        Some(ebm) => ebm.clone(),
        None => binary::build(&binary::root(), "release", "cpu")?,
    };
    let all = (0..args.seeds).flat_map(|seed| {
        DENSITIES.into_iter().flat_map(move |density| (0..SETTINGS.len()).map(move |setting| (density, setting, seed)))
    });
    let mut networks: Vec<Trained> = in_parallel(all.collect(), args.jobs, |(density, setting, seed)| {
        let network = trained(args, &program, density, setting, seed)
            .with_context(|| format!("{}, {}, seed {seed}", density.name(), SETTINGS[setting].0))?;
        eprintln!("{}, {}, seed {seed}: {} answers", density.name(), SETTINGS[setting].0, network.answers.len());
        Ok(network)
    })?;
    networks.sort_by_key(|network| network.setting);
    let text = report::markdown(args, &networks);
    print!("{text}");
    match &args.markdown {
        Some(path) => fs::write(path, text).with_context(|| format!("cannot write {}", path.display())),
        None => Ok(()),
    }
}
