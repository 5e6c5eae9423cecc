//! Builds our programs and finds them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::binary;

/// Our programs, built for speed.
pub(super) struct Built {
    /// The program; for the CPU alone.
    pub ebm: Option<PathBuf>,
    /// The examples of the libraries, some of which time something.
    examples: Vec<PathBuf>,
}

impl Built {
    /// An example by its name; a file that is not there if it was not built, which says so when it is run.
    pub(super) fn example(&self, name: &str) -> PathBuf {
        let found = self.examples.iter().find(|path| path.file_stem().is_some_and(|stem| stem == name));
        found.cloned().unwrap_or_else(|| Path::new("examples").join(name))
    }
}

/// Builds the examples for a device, and for the CPU `ebm` too.
///
/// # Errors
/// When Cargo fails.
pub(super) fn build(device: &str) -> Result<Built> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--package", "ebm-core", "--package", "ebm-data", "--examples"]);
    if device != "cpu" {
        command.args(["--features", device]);
    }
    command.args(["--message-format", "json-render-diagnostics"]).stderr(Stdio::inherit());
    let output = command.output().context("cannot run cargo")?;
    if !output.status.success() {
        bail!("building the examples failed ({})", output.status);
    }
    let messages = String::from_utf8(output.stdout)?;
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    };
    let examples = messages.lines().filter_map(executable).collect();
    let ebm = (device == "cpu").then(|| binary::build(Path::new("."), "release", device)).transpose()?;
    Ok(Built { ebm, examples })
}
