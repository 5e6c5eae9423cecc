//! `cargo xtask thresholds`: how often the marks of `predict` and `train` are right, on rows whose true density is known.

mod network;
mod report;
mod settings;
mod truth;

use std::fs;

use anyhow::{Context, Result};

use crate::binary;
use crate::workers::in_parallel;
use network::{Trained, trained};
use settings::{DENSITIES, SETTINGS};

pub use settings::Args;

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
