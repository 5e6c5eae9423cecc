//! Builds our programs and finds them.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::binary;

/// Our programs, built for speed.
pub(super) struct Built {
    /// The program; only for the CPU.
    pub ebm: Option<PathBuf>,
    /// The examples of the libraries; some print timings.
    examples: Vec<PathBuf>,
}

impl Built {
    /// An example by its name. If it was not built the path does not exist, and running it is an error.
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
    let root = binary::root();
    // The features of the whole workspace: with those of two packages Burn would be built once more.
    let packages = ["--release", "--workspace", "--examples"];
    let examples = binary::executables(&root, device, &packages)?;
    let ebm = (device == "cpu").then(|| binary::build(&root, "release", device)).transpose()?;
    Ok(Built { ebm, examples })
}
