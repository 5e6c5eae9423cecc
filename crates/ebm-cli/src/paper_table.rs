//! The paper's tables as data, the runs that they need, and the results.
//!
//! A table is a file, `tables/table-N.toml`: rows of cells, each cell a preset
//! and the paper's value. [`plan::plan`] lists the training runs a table needs;
//! [`collect::collect`] reads those runs back into a [`report::Report`], which prints itself as
//! text, Markdown or JSON. Every number is given twice: counted as the paper
//! counts (the best few runs, chosen by the test metric) and over all runs.
//!
//! Nothing here trains, and nothing here prints.

pub mod collect;
mod markdown;
mod notes;
pub mod plan;
pub mod report;
pub mod run;
mod statistics;
mod text;

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};

/// The table files, compiled in. A new table is one more line.
const EMBEDDED: [&str; 6] = [
    include_str!("../tables/table-1.toml"),
    include_str!("../tables/table-2.toml"),
    include_str!("../tables/table-3.toml"),
    include_str!("../tables/table-4.toml"),
    include_str!("../tables/table-5.toml"),
    include_str!("../tables/table-6.toml"),
];

/// One table of the paper: what is in its cells and how a cell is computed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The paper's number.
    pub number: u32,
    /// A few words.
    pub title: String,
    /// One sentence: which models, which metrics.
    pub caption: String,
    /// How the paper makes one number of many runs.
    pub reduction: Reduction,
    /// How much training each named scale asks for.
    pub scale: Scales,
    /// One row per data set.
    pub rows: Vec<Row>,
}

/// One data set, its metric and the settings compared on it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The paper's label.
    pub label: String,
    /// Our name of the data set, as in the presets.
    pub dataset: String,
    /// What is measured.
    pub metric: Metric,
    /// What is used where the paper's files are not there.
    pub stand_in: Option<String>,
    /// One cell per setting.
    pub cells: Vec<Cell>,
}

/// A measured quantity. Lower is better, for every metric of the paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its key under `metrics` in `evaluation.json`.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// Its unit, for example `nats`.
    pub unit: String,
    /// Decimals printed, as many as the paper prints.
    pub decimals: usize,
}

/// One number of the table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The setting, as the paper writes it.
    pub label: String,
    /// The preset that trains it, for example `toy_1/ours_k4`.
    pub preset: String,
    /// What the paper reports, if it reports this cell.
    pub paper: Option<PaperValue>,
}

/// A value printed in the paper.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperValue {
    /// Mean of the paper's best runs.
    pub mean: f64,
    /// Their standard deviation, where the paper prints one.
    pub sd: Option<f64>,
}

/// How the paper reduces many runs to one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reduction {
    /// Runs kept: the lowest values of the *test* metric.
    pub best_on_test: NonZeroUsize,
    /// Which standard deviation of the kept runs.
    pub sd: Deviation,
}

/// Which standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deviation {
    /// Divisor n, NumPy's default.
    Population,
    /// Divisor n − 1.
    Sample,
}

/// The sizes a table can be run at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scales {
    /// Minutes: shows that everything works, and roughly what comes out.
    pub quick: Size,
    /// The paper's own numbers of networks, epochs and samples.
    pub full: Size,
}

/// How much is trained for a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Networks per cell, one per seed from 0.
    pub networks: NonZeroUsize,
    /// Epochs per network.
    pub epochs: NonZeroUsize,
    /// Samples per example, M in the paper.
    pub m: NonZeroUsize,
    /// Training images of a stand-in, where not as many as the paper has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub examples: Option<NonZeroUsize>,
    /// Width of the image backbone, where not the paper's 64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<NonZeroUsize>,
}

/// The name of a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum ScaleName {
    /// Few small runs.
    Quick,
    /// The paper's.
    Full,
}

/// A scale with its changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Scale {
    /// Where it started from.
    pub name: ScaleName,
    /// Whether the size was then changed by hand.
    pub changed: bool,
    /// What is trained.
    #[serde(flatten)]
    pub size: Size,
}

/// Changes to a scale; `None` keeps the value of the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::Args)]
pub struct Overrides {
    /// Networks for each cell, instead of the scale's
    #[arg(long, value_name = "N")]
    pub networks: Option<NonZeroUsize>,
    /// Epochs for each network, instead of the scale's
    #[arg(long, value_name = "N")]
    pub epochs: Option<NonZeroUsize>,
    /// Candidates for each example, instead of the scale's
    #[arg(long, value_name = "M")]
    pub m: Option<NonZeroUsize>,
    /// Training images of a stand-in, instead of the scale's
    #[arg(long, value_name = "N", conflicts_with = "data")]
    pub examples: Option<NonZeroUsize>,
    /// Width of the image backbone, instead of the scale's
    #[arg(long, value_name = "N")]
    pub width: Option<NonZeroUsize>,
}

impl Table {
    /// The named scale with changes on top.
    pub fn scale(&self, name: ScaleName, overrides: Overrides) -> Scale {
        let named = match name {
            ScaleName::Quick => self.scale.quick,
            ScaleName::Full => self.scale.full,
        };
        let size = Size {
            networks: overrides.networks.unwrap_or(named.networks),
            epochs: overrides.epochs.unwrap_or(named.epochs),
            m: overrides.m.unwrap_or(named.m),
            examples: overrides.examples.filter(|_| self.is_of_images()).or(named.examples),
            width: overrides.width.filter(|_| self.is_of_images()).or(named.width),
        };
        Scale { name, changed: size != named, size }
    }

    /// Whether its tasks are images, for which there are the paper's files or stand-ins.
    fn is_of_images(&self) -> bool {
        self.rows.iter().any(|row| row.stand_in.is_some())
    }
}

/// Every table there is, by number.
///
/// # Panics
/// If a compiled-in table does not parse, which a test rules out.
pub fn tables() -> Vec<Table> {
    EMBEDDED.iter().map(|text| toml::from_str(text).unwrap_or_else(|error| panic!("embedded table: {error}"))).collect()
}

/// The folder of one run below the runs folder, for example
/// `toy_1/ours_k4/seed-0`; `/` on every system.
fn run_name(preset: &str, seed: usize) -> String {
    format!("{preset}/seed-{seed}")
}

#[cfg(test)]
mod tests;
