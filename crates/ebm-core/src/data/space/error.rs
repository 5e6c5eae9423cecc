//! Errors in the labels of a target.

use super::kind::TargetKind;

/// Why labels are not valid for a kind of target.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// There are no labels.
    #[error("there are no labels")]
    Empty,
    /// A label outside the support of the kind.
    #[error("the target is {value}, but {kind}")]
    OutOfSupport {
        /// Row of the label, counted from 0. Only who knows where the rows come from can name the place.
        index: usize,
        /// The label.
        value: f64,
        /// The kind.
        kind: TargetKind,
    },
    /// All labels are equal up to rounding, so there is nothing to predict.
    #[error("all {count} labels are {value}; there is nothing to predict")]
    Constant {
        /// The first label.
        value: f64,
        /// How many there are.
        count: usize,
    },
    /// Bounds or a period that are not valid.
    #[error("{kind:?} is not valid: bounds need low < high, an angle a period above 0, all finite")]
    Kind {
        /// The kind.
        kind: TargetKind,
    },
    /// Labels that are not whole rows.
    #[error("{values} labels are not whole rows of {dimensions}")]
    Rows {
        /// How many labels there are.
        values: usize,
        /// Dimensions of the target.
        dimensions: usize,
    },
}
