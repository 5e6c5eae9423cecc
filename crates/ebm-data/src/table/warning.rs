//! What a person should know about a table that is read all the same.

use super::schema::LeftOut;
use serde::Serialize;
use std::fmt;

/// Something that may not be meant so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// A column is no input.
    LeftOut(LeftOut),
    /// An input counts the rows.
    RowNumbers {
        /// Its name.
        column: String,
    },
    /// Rare levels of a categorical column are not told apart.
    RareLevels {
        /// Its name.
        column: String,
        /// How many levels.
        levels: usize,
        /// Rows that have one of them.
        rows: usize,
    },
    /// An input does not change among the rows trained on, although it does in the file.
    ConstantInTraining {
        /// Its name.
        column: String,
    },
    /// All targets are whole numbers.
    WholeTargets {
        /// The column's name.
        column: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOut(left_out) => left_out.fmt(f),
            Self::RowNumbers { column } => {
                write!(f, "column {column:?} counts the rows: leave it out unless it is a time")
            }
            Self::RareLevels { column, levels, rows } => write!(
                f,
                "column {column:?}: its {levels} rarest levels, in {rows} rows, are encoded alike, as no level at all"
            ),
            Self::ConstantInTraining { column } => {
                write!(f, "column {column:?} does not change among the rows trained on: nothing can be learnt from it")
            }
            Self::WholeTargets { column } => write!(
                f,
                "every target in column {column:?} is a whole number, and a density on a line can be made as high as \
                 one likes there: if they are counts, say so by --target-kind count"
            ),
        }
    }
}
