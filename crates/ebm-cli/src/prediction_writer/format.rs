//! The formats of a file of predictions.

use clap::ValueEnum;

/// How predictions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A header, and a line for each row
    Csv,
    /// A JSON object on each line
    Jsonl,
    /// Columns for other programs; needs --out
    Parquet,
}
