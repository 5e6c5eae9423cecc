//! Warnings about a table that can be read.

use super::schema::LeftOut;
use serde::Serialize;
use std::fmt;

/// Something that the user may not have intended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// A column is not used as an input.
    LeftOut(LeftOut),
    /// An input holds row numbers.
    RowNumbers {
        /// Its name.
        column: String,
    },
    /// Rare categories of a column are encoded alike.
    RareLevels {
        /// Its name.
        column: String,
        /// How many categories.
        levels: usize,
        /// Rows that have one of them.
        rows: usize,
    },
    /// An input is constant in the training rows, but not in the file.
    ConstantInTraining {
        /// Its name.
        column: String,
    },
    /// A number of an input is far from all others.
    FarInput {
        /// The column's name.
        column: String,
        /// The number.
        value: String,
        /// Its distance from the median in quartile ranges.
        ranges: u64,
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
                write!(f, "column {column:?} holds row numbers: leave it out unless it is a time")
            }
            Self::RareLevels { column, levels, rows } => {
                write!(f, "column {column:?}: its {levels} rarest categories, in {rows} rows, are all encoded as zeros")
            }
            Self::ConstantInTraining { column } => {
                write!(f, "column {column:?} is constant in the training rows: nothing can be learnt from it")
            }
            Self::FarInput { column, value, ranges } => write!(
                f,
                "column {column:?}: {value} is {ranges} quartile ranges from the median and left out of the column's mean \
                 and standard deviation: correct it if it is wrong"
            ),
            Self::WholeTargets { column } => write!(
                f,
                "every target in column {column:?} is a whole number, where a continuous density can grow without \
                 bound: use --target-kind count or integer"
            ),
        }
    }
}
