//! What an evaluation found, for people and for programs.

use ebm_core::Grid;
use ebm_core::evaluate::{MarginalSummary, Mean};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli::GridName;

/// Schema of `evaluation.json`.
const SCHEMA: &str = "ebm.evaluation/1";

/// `evaluation.json`.
#[derive(Debug, Serialize)]
pub struct Report {
    schema: &'static str,
    /// Values and errors by key.
    metrics: Map<String, Value>,
    /// What each key of `metrics` means, its unit and its support.
    about: Map<String, Value>,
    test_examples: usize,
    /// Where densities were normalised; nothing where there was no grid.
    grid: Option<GridRecord>,
    importance_samples: usize,
    /// How many PIT values fell into each of 20 equal bins, all dimensions of the target together.
    pit_counts: Vec<usize>,
    /// Each dimension of a vector target by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<Vec<MarginalSummary>>,
    #[serde(skip)]
    lines: Vec<Metric>,
}

/// The grid that densities were normalised on.
#[derive(Debug, Serialize)]
struct GridRecord {
    kind: &'static str,
    low: f64,
    high: f64,
    points: usize,
    dimensions: usize,
}

/// One line of the report.
#[derive(Debug)]
struct Metric {
    key: String,
    value: f64,
    error: Option<f64>,
    about: String,
}

impl Report {
    pub fn new(test_examples: usize, grid: Option<(GridName, &Grid)>, importance_samples: usize) -> Self {
        let grid = grid.map(|(name, grid)| {
            let [low, high] = grid.support();
            let kind = if name == GridName::Fine { "fine" } else { "paper" };
            GridRecord { kind, low, high, points: grid.len(), dimensions: grid.dimensions() }
        });
        Self {
            schema: SCHEMA,
            metrics: Map::new(),
            about: Map::new(),
            test_examples,
            grid,
            importance_samples,
            pit_counts: Vec::new(),
            dimensions: None,
            lines: Vec::new(),
        }
    }

    /// Adds a number.
    pub fn add(&mut self, key: &str, value: f64, about: impl Into<String>) {
        self.insert(key, value, None, about.into());
    }

    /// Adds a mean, and its standard error as `<key>_error`.
    pub fn add_mean(&mut self, key: &str, mean: Mean, about: impl Into<String>) {
        self.insert(key, mean.value, Some((format!("{key}_error"), mean.standard_error)), about.into());
    }

    /// Adds an estimate, and its Monte-Carlo standard error as `<key>_mc_error`.
    pub fn add_estimate(&mut self, key: &str, value: f64, mc_error: f64, about: impl Into<String>) {
        self.insert(key, value, Some((format!("{key}_mc_error"), mc_error)), about.into());
    }

    fn insert(&mut self, key: &str, value: f64, error: Option<(String, f64)>, about: String) {
        self.metrics.insert(key.to_owned(), json!(value));
        self.about.insert(key.to_owned(), json!(about));
        self.lines.push(Metric { key: key.to_owned(), value, error: error.as_ref().map(|(_, error)| *error), about });
        if let Some((key, error)) = error {
            self.metrics.insert(key, json!(error));
        }
    }

    /// Adds the calibration and, of a vector target, what was found of each dimension.
    pub fn add_details(&mut self, overall: &MarginalSummary, dimensions: Vec<MarginalSummary>) {
        self.pit_counts.clone_from(&overall.pit_counts);
        self.dimensions = (dimensions.len() > 1).then_some(dimensions);
    }

    /// A line a metric: key, value, standard error, meaning.
    pub fn to_text(&self) -> String {
        let line = |Metric { key, value, error, about }: &Metric| {
            let error = error.map_or_else(String::new, |error| format!("± {error:.5}"));
            format!("{key:<24} {value:>10.5} {error:<10}  {about}\n")
        };
        self.lines.iter().map(line).collect()
    }
}
