//! Long runs of the tests of what happens to damaged files and killed programs, and the document about them.
//!
//! `cargo test` tries a little of everything. These tasks run the very same tests for longer, and record what they count.

mod fault;
pub mod full_length;
pub mod fuzz;
mod minimise;
pub mod reliability;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::binary;

/// Where counts are recorded.
const RESULTS: &str = "docs/results/reliability";

/// The folder of records of this repository.
fn results(root: &Path) -> PathBuf {
    root.join(RESULTS)
}

/// The program of an integration test, built in the release profile unless one is given.
fn test_program(root: &Path, test: &str, given: Option<&Path>) -> Result<PathBuf> {
    match given {
        Some(program) => program.canonicalize().with_context(|| format!("{} cannot be found", program.display())),
        None => binary::build_test(root, test),
    }
}

/// The source revision, and whether it was changed.
fn revision(root: &Path) -> Result<String> {
    let git = |args: &[&str]| -> Result<String> {
        let output = Command::new("git").args(args).current_dir(root).output().context("starting git")?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let changed = !git(&["status", "--porcelain", "--untracked-files=no"])?.is_empty();
    Ok(git(&["rev-parse", "--short=12", "HEAD"])? + if changed { "-changed" } else { "" })
}

/// Writes a record, as JSON with a last line break.
fn record(root: &Path, name: &str, value: &impl Serialize) -> Result<PathBuf> {
    let folder = results(root);
    std::fs::create_dir_all(&folder).with_context(|| format!("making the folder {}", folder.display()))?;
    let file = folder.join(name);
    let text = serde_json::to_string_pretty(value)? + "\n";
    std::fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}
