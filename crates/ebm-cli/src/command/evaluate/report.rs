//! The result of an evaluation, for people and for programs.

use ebm_core::Grid;
use ebm_core::evaluate::{MarginalSummary, Mean};

use crate::cli::evaluate::GridName;
use crate::run::evaluation::{Evaluation, GridRecord};

/// An evaluation, with its metrics in the order in which they are printed.
#[derive(Debug)]
pub struct Report {
    /// What is kept in the run.
    pub evaluation: Evaluation,
    lines: Vec<Metric>,
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
            GridRecord { kind: kind.to_owned(), low, high, points: grid.len(), dimensions: grid.dimensions() }
        });
        let evaluation = Evaluation { test_examples, grid, importance_samples, ..Evaluation::default() };
        Self { evaluation, lines: Vec::new() }
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
        let Evaluation { metrics, about: meanings, .. } = &mut self.evaluation;
        metrics.insert(key.to_owned(), Some(value));
        meanings.insert(key.to_owned(), about.clone());
        self.lines.push(Metric { key: key.to_owned(), value, error: error.as_ref().map(|(_, error)| *error), about });
        if let Some((key, error)) = error {
            metrics.insert(key, Some(error));
        }
    }

    /// Adds the calibration and, for a vector target, the summary of each dimension.
    pub fn add_details(&mut self, overall: &MarginalSummary, dimensions: Vec<MarginalSummary>) {
        self.evaluation.pit_counts.clone_from(&overall.pit_counts);
        self.evaluation.dimensions = (dimensions.len() > 1).then_some(dimensions);
    }

    /// A line for each metric: key, value, standard error, meaning.
    pub fn to_text(&self) -> String {
        let line = |Metric { key, value, error, about }: &Metric| {
            let error = error.map_or_else(String::new, |error| format!("± {error:.5}"));
            format!("{key:<24} {value:>10.5} {error:<10}  {about}\n")
        };
        self.lines.iter().map(line).collect()
    }
}
