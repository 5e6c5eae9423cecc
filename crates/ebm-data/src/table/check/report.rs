//! The result of a check.

use super::target::TargetReport;
use serde::Serialize;
use std::path::PathBuf;

/// The columns, targets and problems of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    /// `ebm.table_check/1`
    pub schema: &'static str,
    /// The file.
    pub path: PathBuf,
    /// Its rows.
    pub rows: usize,
    /// Rows of both files with a cell that does not have the type of its column.
    pub unreadable: usize,
    /// The targets and then the other columns that were asked for.
    pub columns: Vec<ColumnReport>,
    /// The distribution of each target.
    pub targets: Vec<TargetReport>,
    /// Rows that occur again.
    pub repeats: Repeats,
    /// Held-out rows that are also training rows.
    pub leakage: Option<Leakage>,
    /// Why a model cannot be trained on this table: the first few unreadable rows. Missing values do not count.
    pub problems: Vec<String>,
    /// What the user may not have intended.
    pub warnings: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// What it is used for.
    pub role: Role,
    /// What it holds.
    pub kind: &'static str,
    /// Cells without a value.
    pub missing: usize,
    /// Distinct values; `None` where there are too many to count.
    pub different: Option<usize>,
}

/// What a column is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A target.
    Target,
    /// An input.
    Feature,
    /// Not used.
    LeftOut,
}

/// Rows of a file that occur again; those without a target do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Repeats {
    /// Rows examined.
    pub rows: usize,
    /// Rows that repeat an earlier one, with the same target.
    pub same: usize,
    /// Rows that repeat the features of an earlier one, with a different target.
    pub other_target: usize,
    /// One of so many rows was looked at.
    pub sampled: u64,
}

/// Held-out rows that a model has seen in training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leakage {
    /// What is held out.
    pub held_out: HeldOut,
    /// Held-out rows examined.
    pub rows: usize,
    /// Those that are also training rows with the same target.
    pub same: usize,
    /// Those whose features are also in training rows with a different target.
    pub other_target: usize,
    /// One of so many rows was looked at.
    pub sampled: u64,
}

/// What is held out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldOut {
    /// Part of the same file.
    Split,
    /// Another file.
    File(PathBuf),
}
