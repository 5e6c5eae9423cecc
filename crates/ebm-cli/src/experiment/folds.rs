//! Folds of the training rows.

use serde::{Deserialize, Serialize};

/// How many folds there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Folds {
    /// This many.
    Given(usize),
    /// 10 below 2000 training rows, where every row counts, otherwise 5.
    ByRows(ByRows),
}

/// The name of [`Folds::ByRows`] in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ByRows {
    /// By the number of training rows.
    ByRows,
}

impl Folds {
    /// The default.
    pub const BY_ROWS: Self = Self::ByRows(ByRows::ByRows);

    /// The number of folds of this many training rows.
    pub fn of(self, rows: usize) -> usize {
        match self {
            Self::Given(folds) => folds,
            Self::ByRows(_) if rows < 2000 => 10,
            Self::ByRows(_) => 5,
        }
    }
}

/// The fold that a member of an ensemble is not trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fold {
    /// Counted from 0.
    pub index: usize,
    /// Folds in all, K.
    pub of: usize,
}
