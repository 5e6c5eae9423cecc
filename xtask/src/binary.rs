//! Builds the `ebm` program and finds it.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// What `--device` may name; each but `cpu` is a feature to build with.
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
        Err(format!("one of {}, and :N after it for the N-th of several", DEVICES.join(", ")))
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
    // Cargo sets CARGO to itself when it runs an xtask.
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(&cargo);
    command.current_dir(root).stdin(Stdio::null()).stdout(Stdio::piped());
    command.args(["build", "--package", "ebm-cli", "--bin", "ebm", "--profile", profile]);
    command.arg("--message-format=json-render-diagnostics");
    if feature(device) != "cpu" {
        command.args(["--features", feature(device)]);
    }
    let mut child = command.spawn().with_context(|| format!("starting {}", cargo.display()))?;
    let messages = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut found = None;
    for line in messages.lines() {
        found = executable(&line.context("reading Cargo's messages")?).or(found);
    }
    let status = child.wait().context("waiting for Cargo")?;
    ensure!(status.success(), "building `ebm` failed ({status})");
    found.context("Cargo built `ebm` but did not say where it is")
}

/// The executable of `ebm`, if a line of Cargo's JSON messages names it.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_ebm = message["reason"] == "compiler-artifact" && message["target"]["name"] == "ebm";
    let path = is_ebm.then(|| message["executable"].as_str())??;
    Some(PathBuf::from(path))
}

/// Whether networks share the device, small ones as one stack, instead of each having a core.
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
    fn only_the_artifact_of_the_program_is_its_executable() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"ebm","kind":["bin"]},"executable":"/t/ebm"}"#;
        assert_eq!(executable(line), Some(PathBuf::from("/t/ebm")));
        assert_eq!(executable(&line.replace(r#""ebm""#, r#""ebm_core""#)), None);
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
