//! `cargo xtask crash` and `cargo xtask flips`: tests of faults at every place, not only at a few.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{record, revision, test_program};
use crate::binary;

/// Options of a test at full length.
#[derive(clap::Args)]
pub struct Args {
    /// Use this program of the test `trust` instead of building one
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,

    /// Record the counts in docs/results/reliability
    #[arg(long)]
    record: bool,
}

/// A test that counts what it did.
#[derive(Clone, Copy)]
pub enum Trial {
    /// Trainings that are killed at each operation on files, and continued. Needs `strace`.
    Crash,
    /// Bits of run folders that are flipped.
    Flips,
}

/// The counts of a trial.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub schema: String,
    /// Source revision.
    pub revision: String,
    /// One for each kind of run.
    pub subjects: Vec<serde_json::Map<String, Value>>,
}

impl Trial {
    /// The file that the test writes, which is also that of the record.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Crash => "crash.json",
            Self::Flips => "flips.json",
        }
    }

    fn test(self) -> &'static str {
        match self {
            Self::Crash => "crash::a_training_killed_at_any_operation_on_a_file_goes_on_to_the_same_model",
            Self::Flips => "flips::a_flipped_bit_of_any_file_of_three_kinds_of_runs_changes_no_answer",
        }
    }
}

/// Runs a trial and prints its counts.
///
/// # Errors
/// When the test fails.
pub fn full_length(trial: Trial, args: &Args) -> Result<()> {
    let root = binary::root();
    let program = test_program(&root, "trust", args.program.as_deref())?;
    let folder = tempfile::tempdir().context("making a temporary folder")?;
    let mut command = Command::new(&program);
    command.args([trial.test(), "--exact", "--nocapture"]).env("EBM_FULL_LENGTH", folder.path());
    let status = command.status().with_context(|| format!("starting {}", program.display()))?;
    ensure!(status.success(), "the test {} failed", trial.test());
    let text = std::fs::read_to_string(folder.path().join(trial.file())).context("reading the counts")?;
    let schema = format!("ebm.{}/1", trial.file().trim_end_matches(".json"));
    let counts = Record { schema, revision: revision(&root)?, subjects: serde_json::from_str(&text)? };
    println!("{}", serde_json::to_string_pretty(&counts)?);
    if args.record {
        println!("recorded in {}", record(&root, trial.file(), &counts)?.display());
    }
    Ok(())
}
