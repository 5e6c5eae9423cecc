//! The rules as data: `rules.toml`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

/// What is declared about a workspace. Paths are relative to its root, with `/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    /// The crates whose modules are checked.
    #[serde(rename = "crate")]
    pub crates: Vec<CrateRules>,
    /// Files that may be longer than [`super::sizes::LINES`], and why.
    #[serde(default)]
    pub long_files: BTreeMap<String, String>,
    /// Presets that no table names, and what they are for.
    #[serde(default)]
    pub extra_presets: BTreeMap<String, String>,
}

/// What is declared about one crate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CrateRules {
    /// Its source folder, such as `crates/ebm-core/src`.
    pub source: PathBuf,
    /// Its top-level modules, lowest first: each may use those before it.
    pub layers: Vec<String>,
    /// Whether public functions of tensors must state their shapes.
    #[serde(default)]
    pub shapes: bool,
}

/// Where people edit the rules.
pub(super) const RULES_FILE: &str = "xtask/src/tidy/rules.toml";

impl Rules {
    /// The rules of the workspace at `root`.
    ///
    /// # Errors
    /// When they cannot be read, or name something unknown.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(RULES_FILE)).with_context(|| format!("reading {RULES_FILE}"))?;
        toml::from_str(&text).with_context(|| format!("reading {RULES_FILE}"))
    }
}
