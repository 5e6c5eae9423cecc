//! `evaluation.json`: what was measured on test examples.

use std::collections::BTreeMap;

use ebm_core::evaluate::MarginalSummary;
use ebm_data::run_file::RunFile;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::files::EVALUATION;

/// `evaluation.json`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
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
    /// How many PIT values fell into each of 20 equal bins, all dimensions of the target together; the value of a count
    /// is spread over several.
    #[serde(default)]
    pub pit_counts: Vec<f64>,
    /// Each dimension of a vector target by itself. No command reads it again.
    #[serde(default, deserialize_with = "ignored", skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Vec<MarginalSummary>>,
}

fn ignored<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<MarginalSummary>>, D::Error> {
    IgnoredAny::deserialize(from).map(|_| None)
}

/// The grid that densities were normalised on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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

impl RunFile for Evaluation {
    const FILE: &'static str = EVALUATION;
    const SCHEMA: &'static str = "ebm.evaluation/1";
}
