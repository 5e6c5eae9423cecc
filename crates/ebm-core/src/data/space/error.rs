//! Why values are no target.

use super::kind::TargetKind;

/// Why values are no target of a kind.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// No value.
    #[error("there are no labels")]
    Empty,
    /// A value that no target of the kind has.
    #[error("label {} is {value}, but {kind}", index + 1)]
    OutOfSupport {
        /// Which value, counted from 0; the message counts from 1.
        index: usize,
        /// The value.
        value: f64,
        /// The kind.
        kind: TargetKind,
    },
    /// All values are the same to within rounding: there is nothing to predict.
    #[error("all {count} labels are {value}: nothing is left to predict")]
    Constant {
        /// The value of the first.
        value: f64,
        /// How many there are.
        count: usize,
    },
    /// A kind without values of its own.
    #[error("a bounded target has low < high and an angle a period above 0, all finite; not {kind:?}")]
    Kind {
        /// The kind.
        kind: TargetKind,
    },
    /// Labels that are not whole rows.
    #[error("{values} labels are no whole rows of {dimensions}")]
    Rows {
        /// How many labels there are.
        values: usize,
        /// Dimensions of the target.
        dimensions: usize,
    },
}
