//! `cargo xtask golden`: whether a change of the code changed what it computes.

mod images;
mod trainings;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use crate::binary;

const SCHEMA: &str = "ebm.golden/2";

/// Train a few small networks and print the SHA-256 of their models
///
/// The same seed must give the same bytes, before and after a change that is not meant to change any number. Trains
/// each kind of model for a few seconds on one thread: both toy tasks, a table, a folder of images and a stand-in.
/// Digests hold for one instruction set, because the kernels add numbers in vectors as wide as the CPU has.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask golden                                       print the digests as JSON
  cargo xtask golden --check docs/results/golden.json      compare; exit code 1 if any differs
  cargo xtask golden --ebm FILE --record golden.json       the digests of another `ebm`")]
pub struct Args {
    /// Compare with the digests in this file
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,

    /// Write the digests to this file; those of other instruction sets stay in it
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    record: Option<PathBuf>,

    /// Use this `ebm` instead of building one
    #[arg(long, value_name = "FILE")]
    ebm: Option<PathBuf>,
}

/// The digests of a few small trainings, by instruction set: `avx512`, `avx2` or `other`.
#[derive(Debug, Serialize, Deserialize)]
struct Golden {
    schema: String,
    of: BTreeMap<String, Digests>,
}

/// The digests on CPUs of one instruction set.
#[derive(Debug, Serialize, Deserialize)]
struct Digests {
    /// Source revision of the `ebm` that made them.
    revision: String,
    /// SHA-256 of each file or output, by its name.
    digests: BTreeMap<String, String>,
}

/// Trains, and prints, records or compares the digests.
///
/// # Errors
/// When `ebm` cannot be built or fails, or a digest differs.
pub fn golden(args: &Args) -> Result<()> {
    let own = instruction_set();
    let mut expected = args.check.as_deref().map(read).transpose()?;
    let expected = match &mut expected {
        Some(golden) => match golden.of.remove(own) {
            None => {
                let of: Vec<&String> = golden.of.keys().collect();
                println!("not compared: there are digests of CPUs with {of:?}, and this one has {own}");
                return Ok(());
            }
            found => found,
        },
        None => None,
    };
    let root = binary::root();
    let ebm = match &args.ebm {
        Some(file) => file.canonicalize().with_context(|| format!("{} cannot be found", file.display()))?,
        None => binary::build(&root, "release", "cpu")?,
    };
    let scratch = tempfile::tempdir().context("making a temporary folder")?;
    let (revision, digests) = trainings::digests(&ebm, &root, scratch.path())?;
    let found = Digests { revision, digests };
    match (&expected, &args.record) {
        (Some(expected), _) => compare(&expected.digests, &found.digests),
        (None, Some(file)) => {
            let mut of = if file.exists() { read(file)?.of } else { BTreeMap::new() };
            of.insert(own.to_owned(), found);
            let text = serde_json::to_string_pretty(&Golden { schema: SCHEMA.to_owned(), of })? + "\n";
            fs::write(file, text).with_context(|| format!("writing {}", file.display()))
        }
        (None, None) => {
            println!("{}", serde_json::to_string_pretty(&found)?);
            Ok(())
        }
    }
}

fn read(file: &Path) -> Result<Golden> {
    let text = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let golden: Golden = serde_json::from_slice(&text).with_context(|| format!("{} is damaged", file.display()))?;
    ensure!(golden.schema == SCHEMA, "{} has schema {}, not {SCHEMA}", file.display(), golden.schema);
    Ok(golden)
}

/// Prints a line for each digest.
///
/// # Errors
/// If any differs or is missing.
fn compare(expected: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> Result<()> {
    let mut wrong = 0;
    for (name, digest) in expected {
        let verdict = match found.get(name) {
            Some(same) if same == digest => "same",
            Some(_) => "DIFFERS",
            None => "MISSING",
        };
        wrong += usize::from(verdict != "same");
        println!("{name}: {verdict}");
    }
    for name in found.keys().filter(|name| !expected.contains_key(*name)) {
        println!("{name}: not recorded");
    }
    if wrong > 0 {
        bail!("{wrong} of {} digests changed: with the same seed, the numbers are no longer the same", expected.len());
    }
    Ok(())
}

/// The widest vectors of this CPU that the kernels use.
fn instruction_set() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if std::is_x86_feature_detected!("avx512f") {
            return "avx512";
        }
        if std::is_x86_feature_detected!("avx2") {
            return "avx2";
        }
    }
    "other"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_that_differs_or_is_missing_is_an_error() {
        let of = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let expected = of(&[("a", "1"), ("b", "2")]);
        assert!(compare(&expected, &of(&[("a", "1"), ("b", "2"), ("c", "3")])).is_ok());
        for found in [of(&[("a", "1"), ("b", "3")]), of(&[("a", "1")])] {
            let error = compare(&expected, &found).unwrap_err().to_string();
            assert!(error.starts_with("1 of 2 digests changed"), "{error}");
        }
    }

    #[test]
    fn the_recorded_digests_can_be_read() {
        let golden = read(&binary::root().join("docs/results/golden.json")).unwrap();
        assert!(!golden.of.is_empty());
        assert!(golden.of.values().all(|of| of.digests.len() >= 5), "{golden:?}");
    }
}
