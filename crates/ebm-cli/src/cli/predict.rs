//! Arguments of `ebm predict` and `ebm sample`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ebm_core::MAX_CANDIDATES;
use ebm_data::Share;
use ebm_data::table::Part;

use super::sampling::SamplingArgs;
use super::user_data::OnMissingName;
use crate::console::Console;
use crate::destination::Destination;
use crate::prediction_writer::Output;
use crate::prediction_writer::format::Format;
use crate::rows::{RowsOf, is_standard};

/// Where predictions go.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputArgs {
    /// Write to this file, whole or not at all, instead of stdout (of a folder of tables: to files in this folder); a name
    /// that ends in .gz or .zst is compressed, - is stdout
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Format [default: by the name of the file, or csv]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Replace a file that is there
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Significant digits of numbers, 1 to 17 [default: as many as give the number back]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=17))]
    pub float_digits: Option<u8>,
}

impl OutputArgs {
    /// The file or folder, unless it is standard output.
    pub fn file(&self) -> Option<&Path> {
        self.out.as_deref().filter(|out| !is_standard(out))
    }

    /// Where predictions go, and how they are written. `inputs` are files that are read.
    pub fn to(&self, inputs: &[&Path], console: Console) -> anyhow::Result<Output> {
        let file = self.file().map(|out| Destination::new(out, self.force, inputs)).transpose()?;
        Output::new(file, self.format.or(console.json.then_some(Format::Jsonl)), self.float_digits)
    }
}

#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct InputArgs {
    /// Inputs: a table with the columns that the model was trained on (predict: or a folder of tables, or a pattern such as
    /// 'sales/*.parquet'), a folder of images, a file of an image task, or for
    /// a model of numbers a CSV file with a column x; - is stdin [default: the test part]
    pub file: Option<PathBuf>,
    /// Inputs on the command line, for a model of numbers
    #[arg(long, value_delimiter = ',', value_name = "X,X,..", allow_hyphen_values = true)]
    pub x: Option<Vec<f64>>,
}

impl InputArgs {
    /// The rows asked for, with the labels of a folder of images.
    pub fn rows<'a>(&'a self, labels: Option<&'a Path>) -> RowsOf<'a> {
        match &self.x {
            Some(x) => RowsOf::Numbers(x),
            None => RowsOf::file_or(self.file.as_deref(), labels, Part::Test),
        }
    }
}

/// What to do with an unreliable prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Unreliable {
    /// Print and count it
    Mark,
    /// Print it and end with exit code 76
    Fail,
}

const COLUMNS: &str = "\
Compute and write only these columns, in their usual order, after the row's place [default: all]

mean, sd, median, mode, quantiles (those of --quantiles), lower, upper, set, disagreement, ess_share, pareto_k, beyond, \
distance; with --log-prob also label, log_prob, log_prob_error, label_weight, in_set. The density itself is most of the \
work: docs/guide/table.md says what fewer columns save. Unreliable rows are counted whatever is written.";

/// A column of predictions, or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Column {
    Mean,
    Sd,
    Median,
    Mode,
    /// Those of --quantiles
    Quantiles,
    Lower,
    Upper,
    Set,
    Disagreement,
    EssShare,
    ParetoK,
    /// With --log-prob: the targets of the row itself
    Label,
    LogProb,
    LogProbError,
    LabelWeight,
    InSet,
    Beyond,
    Distance,
}

#[derive(Debug, Args)]
#[command(override_usage = "ebm predict [OPTIONS] <RUN> [FILE|--x <X,X,..>]")]
pub(crate) struct PredictArgs {
    /// A run folder
    pub run: PathBuf,
    #[command(flatten)]
    pub input: InputArgs,
    /// Levels of the quantiles
    #[arg(long, value_delimiter = ',', default_value = "0.05,0.5,0.95", value_parser = level)]
    pub quantiles: Vec<f64>,
    /// Probability of the intervals and sets
    #[arg(long, default_value = "0.9", value_name = "LEVEL", value_parser = level)]
    pub coverage: f64,
    /// Compute and write only these columns, in their usual order [default: all]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "LIST", hide_possible_values = true)]
    #[arg(long_help = COLUMNS)]
    pub columns: Vec<Column>,
    /// Also print log p(y|x) of the file's targets, in nats, with its Monte-Carlo error
    #[arg(long, conflicts_with = "x")]
    pub log_prob: bool,
    /// Labels of the images, for --log-prob
    #[arg(long, value_name = "TABLE", requires = "log_prob")]
    pub labels: Option<PathBuf>,
    /// The part I of N, 0/4 to 3/4: of a folder of tables every N-th file, of a Parquet file its part of the row groups
    #[arg(long, value_name = "I/N", requires = "out", value_parser = share)]
    pub shard: Option<Share>,
    /// What to do with missing values [default: what was done in training]
    #[arg(long, value_enum)]
    pub on_missing: Option<OnMissingName>,
    /// What to do with an unreliable prediction
    #[arg(long, value_enum, default_value = "mark")]
    pub unreliable: Unreliable,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub sampling: SamplingArgs,
}

impl PredictArgs {
    /// Whether a column is asked for.
    pub fn wants(&self, column: Column) -> bool {
        self.columns.is_empty() || self.columns.contains(&column)
    }
}

fn share(text: &str) -> Result<Share, String> {
    let numbers = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
    match numbers {
        Some((index, of)) if index < of => Ok(Share { index, of }),
        _ => Err("expected I/N, such as 0/4, with I below N".to_owned()),
    }
}

fn level(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(level) if level > 0.0 && level < 1.0 => Ok(level),
        _ => Err("expected a number between 0 and 1".to_owned()),
    }
}

#[derive(Debug, Args)]
#[command(override_usage = "ebm sample [OPTIONS] <RUN> [FILE|--x <X,X,..>]")]
pub(crate) struct SampleArgs {
    /// A run folder
    pub run: PathBuf,
    #[command(flatten)]
    pub input: InputArgs,
    /// Samples for each input
    #[arg(long, short, default_value_t = 1, value_name = "N", value_parser = at_least_one)]
    pub n: usize,
    /// What to do with missing values [default: what was done in training]
    #[arg(long, value_enum)]
    pub on_missing: Option<OnMissingName>,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub sampling: SamplingArgs,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if (1..=MAX_CANDIDATES).contains(&n) => Ok(n),
        _ => Err(format!("expected a whole number from 1 to {MAX_CANDIDATES}")),
    }
}
