//! How a table is read.

use super::split::SplitBy;
use serde::{Deserialize, Serialize};

/// Which columns are read, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct TableOptions {
    /// The columns that are predicted, at least one.
    pub targets: Vec<String>,
    /// The inputs, in the order in which they are encoded; `None` for all columns that are not a target. A column named
    /// here that cannot be an input is refused; one that was not named is left out.
    pub features: Option<Vec<String>>,
    /// Columns that are not inputs; only where `features` is `None`.
    pub exclude: Vec<String>,
    /// Columns whose numbers are codes, not quantities.
    pub categorical: Vec<String>,
    /// The most categories of a column that are encoded; the rarer ones all become zeros.
    pub level_limit: usize,
    /// What is done about missing values.
    pub on_missing: OnMissing,
    /// What decides the part of a row. A column of groups or of parts is an input only if `features` names it.
    pub split_by: SplitBy,
}

impl TableOptions {
    /// Everything that is not a target is an input, and nothing may be missing.
    pub fn new(targets: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            targets: targets.into_iter().map(Into::into).collect(),
            features: None,
            exclude: Vec::new(),
            categorical: Vec::new(),
            level_limit: 64,
            on_missing: OnMissing::Refuse,
            split_by: SplitBy::Rows,
        }
    }
}

/// What is done about a missing value among the inputs.
///
/// A row without a target is refused under `Refuse` and dropped otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnMissing {
    /// It is an error that names its row and column.
    #[default]
    Refuse,
    /// Its row is dropped, and counted.
    Drop,
    /// The median of the training rows takes its place, and is counted; a missing category becomes zeros.
    Median,
}
