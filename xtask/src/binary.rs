//! Builds `ebm` and other programs.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Values of `--device`; each except `cpu` is a feature to build with.
const DEVICES: [&str; 4] = ["cpu", "ndarray", "wgpu", "cuda"];

/// Checks a device as `ebm` writes it, `name` or `name:N`.
///
/// # Errors
/// If there is no such device.
pub fn parse_device(text: &str) -> Result<String, String> {
    let index_is_number = text.split_once(':').is_none_or(|(_, index)| index.parse::<u32>().is_ok());
    if DEVICES.contains(&feature(text)) && index_is_number {
        Ok(text.to_owned())
    } else {
        Err(format!("expected one of {}, with :N for the N-th of several", DEVICES.join(", ")))
    }
}

/// The repository that this program was compiled in.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask is a folder of the repository").to_owned()
}

/// Builds `ebm` for `device` and returns the path of the executable.
///
/// # Errors
/// If Cargo cannot be started, fails, or names no executable.
pub fn build(root: &Path, profile: &str, device: &str) -> Result<PathBuf> {
    let built = executables(root, device, &["--package", "ebm-cli", "--bin", "ebm", "--profile", profile])?;
    let is_ebm = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == "ebm");
    built.into_iter().find(is_ebm).context("Cargo built `ebm` but did not say where it is")
}

/// Builds with `cargo build` and these arguments for `device`; the executables it made or found up to date.
///
/// # Errors
/// If Cargo cannot be started or fails.
pub fn executables(root: &Path, device: &str, args: &[&str]) -> Result<Vec<PathBuf>> {
    // Cargo sets CARGO to itself when it runs an xtask.
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(&cargo);
    command.current_dir(root).stdin(Stdio::null()).stderr(Stdio::inherit());
    command.arg("build").args(args).arg("--message-format=json-render-diagnostics");
    if feature(device) != "cpu" {
        command.args(["--features", feature(device)]);
    }
    let output = command.output().with_context(|| format!("starting {}", cargo.display()))?;
    ensure!(output.status.success(), "`cargo build {}` failed ({})", args.join(" "), output.status);
    let messages = String::from_utf8(output.stdout).context("reading Cargo's messages")?;
    Ok(messages.lines().filter_map(executable).collect())
}

/// Builds an integration test of the workspace in the release profile and returns its program.
///
/// # Errors
/// If Cargo cannot be started, fails, or names no executable.
pub fn build_test(root: &Path, test: &str) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(&cargo);
    command.current_dir(root).stdin(Stdio::null()).stderr(Stdio::inherit());
    command.args(["test", "--workspace", "--release", "--no-run", "--test", test]);
    let output = command.arg("--message-format=json-render-diagnostics").output();
    let output = output.with_context(|| format!("starting {}", cargo.display()))?;
    ensure!(output.status.success(), "`cargo test --no-run --test {test}` failed ({})", output.status);
    let messages = String::from_utf8(output.stdout).context("reading Cargo's messages")?;
    let is_test = |path: &PathBuf| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        stem.rsplit_once('-').is_some_and(|(name, _)| name == test)
    };
    messages.lines().filter_map(executable).find(is_test).context("Cargo built the test but did not say where it is")
}

/// The executable that a line of Cargo's JSON messages names, if it names one.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    Some(PathBuf::from(message["executable"].as_str()?))
}

/// Whether networks share the device, small ones as one stack, instead of using a core each.
pub fn is_shared(device: &str) -> bool {
    matches!(feature(device), "wgpu" | "cuda")
}

fn feature(device: &str) -> &str {
    device.split_once(':').map_or(device, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_artifact_that_can_be_run_is_an_executable() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"ebm","kind":["bin"]},"executable":"/t/ebm"}"#;
        assert_eq!(executable(line), Some(PathBuf::from("/t/ebm")));
        assert_eq!(executable(&line.replace(r#""/t/ebm""#, "null")), None);
        assert_eq!(executable("warning: not JSON"), None);
    }

    #[test]
    fn a_device_is_a_feature_and_perhaps_a_number() {
        assert_eq!(parse_device("cuda:1").as_deref(), Ok("cuda:1"));
        assert_eq!(feature("cuda:1"), "cuda");
        for wrong in ["gpu", "cuda:", "cuda:one", ""] {
            assert!(parse_device(wrong).is_err(), "{wrong}");
        }
    }
}
