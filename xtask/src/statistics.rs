//! `cargo xtask statistics`: the long script that tests the statistics as statistics.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::binary;

/// Test the statistics as statistics: transforms, coverage, importance sampling, other units
///
/// Builds and runs the example `statistics`, which prints Markdown; some minutes.
#[derive(clap::Args)]
pub struct Args {
    /// Random networks that are compared with quadrature
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    networks: u64,

    /// Calibration sets of each size
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(2..))]
    draws: u64,

    /// Use this program of the example instead of building one
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,

    /// Also write the tables as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// Runs the script and prints what it found.
///
/// # Errors
/// When it cannot be built, or fails.
pub fn statistics(args: &Args) -> Result<()> {
    let Args { networks, draws, .. } = args;
    let program = match &args.program {
        Some(program) => program.clone(),
        None => {
            let example = ["--release", "--workspace", "--example", "statistics"];
            let built = binary::executables(&binary::root(), "cpu", &example)?;
            built.into_iter().next().context("Cargo built the example but did not say where it is")?
        }
    };
    let mut command = Command::new(&program);
    command.args([networks.to_string(), draws.to_string()]).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("starting {}", program.display()))?;
    ensure!(output.status.success(), "the example ended with {}", output.status);
    let text = format!(
        "# The statistics, tested as statistics\n\n`cargo xtask statistics --networks {networks} --draws {draws}`\n\n{}",
        String::from_utf8(output.stdout)?
    );
    print!("{text}");
    match &args.markdown {
        Some(path) => fs::write(path, text).with_context(|| format!("cannot write {}", path.display())),
        None => Ok(()),
    }
}
