//! `wasm-opt` of Binaryen, where it is installed.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// What the compiler used.
const FEATURES: [&str; 7] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Optimises a module in place; what did it.
///
/// # Errors
/// When `wasm-opt` is there and fails.
pub fn optimise(module: &Path) -> Result<String> {
    let version = match Command::new("wasm-opt").arg("--version").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok("without wasm-opt".to_owned()),
        Err(error) => return Err(error).context("starting wasm-opt"),
    };
    let status = Command::new("wasm-opt").args(FEATURES).arg("-O3").arg(module).arg("-o").arg(module).status();
    let status = status.context("starting wasm-opt")?;
    ensure!(status.success(), "wasm-opt failed on {} ({status})", module.display());
    Ok(version)
}
