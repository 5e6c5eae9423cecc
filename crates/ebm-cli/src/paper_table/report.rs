//! The results of a table. Made by [`super::collect`], printed in three forms.

use std::collections::BTreeSet;

use serde::Serialize;

use super::run::Run;
use super::statistics::Summary;
use super::{Metric, PaperValue, Reduction, Scale, Size};

/// Version of the report's JSON.
pub const REPORT_SCHEMA: &str = "ebm.table/1";

/// A table with our numbers beside the paper's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// [`REPORT_SCHEMA`].
    pub schema: &'static str,
    /// The table's number.
    pub table: u32,
    /// A few words.
    pub title: String,
    /// One sentence.
    pub caption: String,
    /// The scale reported on.
    pub scale: Scale,
    /// The paper's own size.
    pub paper_size: Size,
    /// Whether the two are the same, so that the paper's numbers compare.
    pub comparable: bool,
    /// How the paper counts.
    pub reduction: Reduction,
    /// One per data set.
    pub rows: Vec<RowReport>,
    /// Where the runs came from.
    pub provenance: Provenance,
}

/// One data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowReport {
    /// The paper's label.
    pub label: String,
    /// Our name of the data set.
    pub dataset: String,
    /// What is measured.
    pub metric: Metric,
    /// Which data the runs were trained on, where that is a question.
    pub data: Option<DataUse>,
    /// One per setting.
    pub cells: Vec<CellReport>,
}

/// Whether a row's runs had the paper's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DataUse {
    /// All of them.
    Paper,
    /// All of them, but backbones started from random weights: the numbers do not compare.
    RandomWeights {
        /// Those runs.
        runs: usize,
    },
    /// None of them.
    StandIn {
        /// What was used instead.
        about: String,
    },
    /// Some of them: the numbers of the row do not compare.
    Mixed {
        /// Runs on the paper's files.
        paper: usize,
        /// Runs on the stand-in.
        stand_in: usize,
    },
}

impl DataUse {
    /// One sentence above the row.
    pub(super) fn note(&self) -> String {
        match self {
            Self::Paper => "The paper's file.".to_owned(),
            Self::RandomWeights { runs } => format!(
                "The paper's file, but {runs} runs without ImageNet weights, which the paper starts from: give \
                 --backbone-weights."
            ),
            Self::StandIn { about } => format!("Not the paper's data: {about}"),
            Self::Mixed { paper, stand_in } => {
                format!("Mixed data: {paper} networks on the paper's file, {stand_in} on a stand-in; do not compare")
            }
        }
    }
}

/// One setting on one data set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CellReport {
    /// The setting.
    pub label: String,
    /// The preset that trains it.
    pub preset: String,
    /// What the paper reports.
    pub paper: Option<PaperValue>,
    /// Ours, counted as the paper counts; `None` without a finite run.
    pub best_on_test: Option<BestOnTest>,
    /// That mean minus the paper's: negative is better than the paper.
    pub difference: Option<f64>,
    /// Ours over every run.
    pub honest: Honest,
    /// Mean seconds of training over the finite runs.
    pub train_seconds: Option<f64>,
    /// Every expected run, by seed.
    pub runs: Vec<Run>,
}

/// The best runs by the test metric. Optimistic: the choice has seen the test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BestOnTest {
    /// Mean of the kept runs.
    pub mean: f64,
    /// Their standard deviation, as [`Reduction::sd`] says.
    pub sd: Option<f64>,
    /// Runs kept.
    pub kept: usize,
    /// Finite runs they were chosen from.
    pub of: usize,
}

/// Every finite run, and how many there are not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Honest {
    /// Mean, sample standard deviation and median of the finite runs.
    #[serde(flatten)]
    pub summary: Summary,
    /// Finite runs.
    pub n: usize,
    /// Runs that failed, or whose metric is not finite.
    pub failed: usize,
    /// Runs without a result of this scale.
    pub missing: usize,
}

/// Where the counted runs came from: every value that occurs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Versions of `ebm`.
    pub versions: BTreeSet<String>,
    /// Source revisions.
    pub revisions: BTreeSet<String>,
    /// Devices.
    pub devices: BTreeSet<String>,
}

impl RowReport {
    /// `label (dataset): metric in unit, lower is better`.
    pub(super) fn heading(&self) -> String {
        let Metric { name, unit, .. } = &self.metric;
        format!("{} ({}): {name} in {unit}, lower is better", self.label, self.dataset)
    }
}

/// The columns' names, the same in every form.
pub(super) const COLUMNS: [&str; 8] =
    ["Setting", "Paper", "Best on test", "Diff.", "All runs", "Median", "Runs", "s each"];

impl CellReport {
    /// The cell as text, one string a column of [`COLUMNS`].
    pub(super) fn columns(&self, decimals: usize) -> [String; 8] {
        let number = |value: f64| format!("{value:.decimals$}");
        let spread = |mean: Option<f64>, sd: Option<f64>| match (mean, sd) {
            (Some(mean), Some(sd)) => format!("{} ± {}", number(mean), number(sd)),
            (Some(mean), None) => number(mean),
            (None, _) => "-".to_owned(),
        };
        let best = self.best_on_test;
        let honest = self.honest;
        let counts = [honest.n, honest.failed, honest.missing];
        [
            self.label.clone(),
            spread(self.paper.map(|paper| paper.mean), self.paper.and_then(|paper| paper.sd)),
            spread(best.map(|best| best.mean), best.and_then(|best| best.sd)),
            self.difference.map_or("-".to_owned(), |value| signed(value, decimals)),
            spread(honest.summary.mean, honest.summary.sd),
            spread(honest.summary.median, None),
            counts.map(|count| count.to_string()).join(" / "),
            self.train_seconds.map_or("-".to_owned(), |seconds| format!("{seconds:.1}")),
        ]
    }
}

/// With its sign, and no sign on what rounds to zero.
fn signed(value: f64, decimals: usize) -> String {
    let text = format!("{value:+.decimals$}");
    if text.bytes().any(|byte| matches!(byte, b'1'..=b'9')) { text } else { text[1..].to_owned() }
}
