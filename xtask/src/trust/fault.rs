//! Faults, what is promised, and the tests of it, as data.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// A row of the document.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fault {
    pub fault: String,
    pub promise: String,
    /// Names of test functions.
    pub tests: Vec<String>,
    #[serde(default)]
    pub kept: Kept,
    /// What is missing, where the promise is not kept.
    pub gap: Option<String>,
    /// The long run whose counts belong to it.
    pub counts: Option<Counts>,
}

/// Whether a promise is kept.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Kept {
    #[default]
    #[serde(rename = "yes")]
    Yes,
    #[serde(rename = "in part")]
    InPart,
    #[serde(rename = "no")]
    No,
}

/// A long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Counts {
    Crash,
    Flips,
    Fuzz,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    fault: Vec<Fault>,
}

/// All rows.
///
/// # Errors
/// When one has no test, or says that something is missing and not what.
pub(super) fn faults() -> Result<Vec<Fault>> {
    let Faults { fault: faults } = toml::from_str(include_str!("faults.toml")).context("reading faults.toml")?;
    for fault in &faults {
        ensure!(!fault.tests.is_empty(), "no test: {}", fault.fault);
        ensure!((fault.kept == Kept::Yes) == fault.gap.is_none(), "what is missing? {}", fault.fault);
    }
    Ok(faults)
}
