//! `cargo xtask known-densities`: models trained on data of known densities, compared with the truth.

mod args;
pub mod density;
mod outcome;
mod report;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::binary;
use crate::workers::in_parallel;
use density::KnownDensity;
use outcome::{Outcome, outcome};

pub use args::Args;

/// Trains the networks that are missing and prints the table.
///
/// # Errors
/// When `ebm` cannot be built, or fails.
pub fn known_densities(args: &Args) -> Result<()> {
    let unknown = args.only.iter().find(|name| !KnownDensity::ALL.iter().any(|density| density.name() == *name));
    if let Some(name) = unknown {
        let names = KnownDensity::ALL.map(KnownDensity::name).join(", ");
        bail!("there is no density {name:?}; choose from {names}");
    }
    let asked = |density: &KnownDensity| args.only.is_empty() || args.only.iter().any(|name| name == density.name());
    let densities: Vec<KnownDensity> = KnownDensity::ALL.into_iter().filter(asked).collect();
    let program = binary::build(&binary::root(), "release", "cpu")?;
    let seeds = 0..args.seeds;
    let networks = seeds.flat_map(|seed| densities.iter().map(move |&density| (density, seed))).collect();
    let outcomes = in_parallel(networks, args.jobs, |(density, seed)| -> Result<(KnownDensity, Outcome)> {
        let outcome = outcome(args, &program, density, seed).with_context(|| format!("{} {seed}", density.name()))?;
        let above = outcome.metric("nll") - outcome.truth_nll;
        let covered = outcome.metric("calibrated_coverage_90");
        eprintln!(
            "{} {seed}: NLL {above:+.3} above the truth, calibrated sets hold {covered:.3}, {:.1} s",
            density.name(),
            outcome.seconds
        );
        Ok((density, outcome))
    })?;
    let text = report::markdown(args, &densities, &outcomes);
    print!("{text}");
    match &args.markdown {
        Some(path) => fs::write(path, text).with_context(|| format!("cannot write {}", path.display())),
        None => Ok(()),
    }
}
