//! What is kept of a split, and what it belongs to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use super::whole_file::write_whole;

const SCHEMA: &str = "ebm.uci-split/1";

/// The result of one split, in a file of its own.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    schema: String,
    pub split: usize,
    pub key: Key,
    /// Source revision of `ebm`, if the run says it.
    pub revision: String,
    pub test_rows: usize,
    pub outcome: Outcome,
}

/// What a result belongs to: it holds for nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Key {
    pub program: Binary,
    /// Arguments of `ebm train`, without files and seed.
    pub arguments: String,
    /// SHA-256 of the training and the test table.
    pub rows: String,
}

/// A program `ebm`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Binary {
    pub version: String,
    pub sha256: String,
}

/// How a split ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Done(Measured),
    /// Why there is no measurement.
    Failed(String),
}

/// What was measured on a split.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Measured {
    /// Metrics of `ebm evaluate` that are finite.
    pub metrics: BTreeMap<String, f64>,
    /// Of the processor, to train.
    pub seconds: f64,
    /// Of the processor, to evaluate.
    #[serde(default)]
    pub evaluate_seconds: f64,
    /// Largest resident memory of the training, MB.
    #[serde(default)]
    pub peak_mb: f64,
}

impl Key {
    /// What is another now, for people; nothing if the result still holds.
    pub fn differences(&self, now: &Self) -> Vec<&'static str> {
        let parts = [
            (self.program != now.program, "another program"),
            (self.arguments != now.arguments, "other arguments"),
            (self.rows != now.rows, "other rows"),
        ];
        parts.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect()
    }
}

impl Kept {
    pub fn new(split: usize, key: Key, revision: String, test_rows: usize, outcome: Outcome) -> Self {
        Self { schema: SCHEMA.to_owned(), split, key, revision, test_rows, outcome }
    }

    /// Where the result of a split is.
    pub fn path(work: &Path, row: &str, set: &str, split: usize) -> PathBuf {
        work.join("results").join(row).join(set).join(format!("split-{split}.json"))
    }

    /// # Errors
    /// When it is there and damaged.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let damaged = || format!("{} is damaged; delete it to train this split again", path.display());
        let kept: Self = serde_json::from_slice(&fs::read(path).with_context(damaged)?).with_context(damaged)?;
        ensure!(kept.schema == SCHEMA, "{} has schema {}, not {SCHEMA}", path.display(), kept.schema);
        Ok(Some(kept))
    }

    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        write_whole(path, (serde_json::to_string_pretty(self)? + "\n").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_says_what_it_does_not_belong_to() {
        let program = Binary { version: "ebm 1".to_owned(), sha256: "a".to_owned() };
        let key = Key { program, arguments: "--m 8".to_owned(), rows: "b".to_owned() };
        assert!(key.differences(&key.clone()).is_empty());
        let other = Binary { sha256: "c".to_owned(), ..key.program.clone() };
        assert_eq!(key.differences(&Key { program: other, ..key.clone() }), ["another program"]);
        let now = Key { arguments: "--m 9".to_owned(), rows: String::new(), ..key.clone() };
        assert_eq!(key.differences(&now), ["other arguments", "other rows"]);
    }
}
