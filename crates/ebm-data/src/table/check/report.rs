//! What a check finds.

use super::target::TargetReport;
use serde::Serialize;
use std::path::PathBuf;

/// What is in a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    /// `ebm.table_check/1`
    pub schema: &'static str,
    /// The file.
    pub path: PathBuf,
    /// Its rows.
    pub rows: usize,
    /// Rows of both files with a cell that is not what its column holds.
    pub unreadable: usize,
    /// The targets and then the other columns that were asked for.
    pub columns: Vec<ColumnReport>,
    /// The scale of each target.
    pub targets: Vec<TargetReport>,
    /// Rows that occur again.
    pub repeats: Repeats,
    /// Held-out rows that are trained on.
    pub leakage: Option<Leakage>,
    /// Why a model cannot be trained on this; the first few of unreadable rows. Missing values are not among them.
    pub problems: Vec<String>,
    /// What may not be meant so.
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
    /// Different values; nothing where they are too many to count.
    pub different: Option<usize>,
}

/// What a column is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It is predicted.
    Target,
    /// It is an input.
    Feature,
    /// Neither.
    LeftOut,
}

/// Rows of a file that occur again; those without a target do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Repeats {
    /// Rows looked at.
    pub rows: usize,
    /// Rows that are there before, with the same target.
    pub same: usize,
    /// Rows whose features are there before, with another target.
    pub other_target: usize,
    /// One of so many rows was looked at.
    pub sampled: u64,
}

/// Held-out rows that a model has seen in training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leakage {
    /// What is held out.
    pub held_out: HeldOut,
    /// Rows of it that were looked at.
    pub rows: usize,
    /// Those that are trained on with the same target.
    pub same: usize,
    /// Those whose features are trained on with another target.
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
