//! What can go wrong in the page, as messages for people.

use ebm_core::checkpoint::CheckpointError;
use ebm_core::{OutOfRange, TargetError, TrainError};
use ebm_data::DataError;

/// Why the page cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The table cannot be read or used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Rows of the table cannot be trained on; what `ebm check` prints.
    #[error("{report}{name} cannot be trained on as it is")]
    Unreadable {
        /// The report.
        report: String,
        /// The file.
        name: String,
    },
    /// A label is not of the kind of its target.
    #[error("the target cannot be learned: {0}")]
    Target(#[from] TargetError),
    /// Too few points to learn from.
    #[error("{found} points are too few: draw at least {needed}")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// A setting is out of its range.
    #[error("{0}")]
    Setting(#[from] OutOfRange),
    /// What the page asked for has another form.
    #[error("the settings cannot be read: {0}")]
    Form(#[from] serde_json::Error),
    /// The loss was not finite for many steps.
    #[error("training diverged: {0}; a smaller learning rate or another σ helps")]
    Training(#[from] TrainError),
    /// The weights of a run cannot be read or written.
    #[error("{file}: {source}")]
    Weights {
        /// The file.
        file: String,
        /// Why.
        source: CheckpointError,
    },
    /// A file of a run is missing or damaged.
    #[error("{file}: {why}")]
    Folder {
        /// The file.
        file: String,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The archive cannot be read or written.
    #[error("the archive cannot be used: {0}")]
    Archive(#[from] zip::result::ZipError),
}
