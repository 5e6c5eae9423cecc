//! `evaluation.json`: what was measured on test examples.

use std::collections::BTreeMap;
use std::path::Path;

use ebm_core::predict::MarginalSummary;
use serde::{Deserialize, Serialize};

use super::folder::EVALUATION;
use super::json::{read_json_if_there, write_json};

/// Its schema.
const SCHEMA: &str = "ebm.evaluation/1";

/// `evaluation.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Evaluation {
    schema: String,
    /// Values and errors by key; nothing where one is not finite.
    pub metrics: BTreeMap<String, Option<f64>>,
    /// What each key of `metrics` means, its unit and its support.
    #[serde(default)]
    pub about: BTreeMap<String, String>,
    /// Number of test examples.
    #[serde(default)]
    pub test_examples: usize,
    /// Where densities were normalised; nothing where there was no grid.
    #[serde(default)]
    pub grid: Option<GridRecord>,
    /// Candidates for each example.
    #[serde(default)]
    pub importance_samples: usize,
    /// How many PIT values fell into each of 20 equal bins, all dimensions of the target together.
    #[serde(default)]
    pub pit_counts: Vec<usize>,
    /// Each dimension of a vector target by itself. No command reads it again.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Vec<MarginalSummary>>,
}

/// The grid that densities were normalised on.
#[derive(Debug, Serialize, Deserialize)]
pub struct GridRecord {
    /// `paper` or `fine`.
    pub kind: String,
    /// Its lower end, along every axis.
    pub low: f64,
    /// Its upper end, along every axis.
    pub high: f64,
    /// Points along all axes together.
    pub points: usize,
    /// Axes.
    pub dimensions: usize,
}

impl Evaluation {
    /// An evaluation without measurements.
    pub fn new(test_examples: usize, grid: Option<GridRecord>, importance_samples: usize) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            metrics: BTreeMap::new(),
            about: BTreeMap::new(),
            test_examples,
            grid,
            importance_samples,
            pit_counts: Vec::new(),
            dimensions: None,
        }
    }

    /// Keeps it in its run.
    pub fn write(&self, run: &Path) -> anyhow::Result<()> {
        write_json(&run.join(EVALUATION), self)
    }
}

/// Whether a run is evaluated.
pub fn exists(run: &Path) -> bool {
    run.join(EVALUATION).exists()
}

/// Reads the evaluation of a run; nothing if there is none.
pub fn read(run: &Path) -> anyhow::Result<Option<Evaluation>> {
    read_json_if_there(&run.join(EVALUATION), SCHEMA)
}
