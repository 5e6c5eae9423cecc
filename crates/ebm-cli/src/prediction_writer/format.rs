//! The formats of a file of predictions.

use clap::ValueEnum;

/// How predictions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line of names and a line a row
    Csv,
    /// A JSON object a line
    Jsonl,
    /// Columns for other programs; needs --out
    Parquet,
}
