//! The user's data as training data.

use super::{images, table};
use crate::console::Console;
use crate::experiment::folds::Folds;
use crate::experiment::user_data::{Source, UserData};
use crate::training_data::TrainingData;

/// Reads, splits and encodes the examples, and tells what was found. Training rows come in folds if those are asked for.
///
/// # Errors
/// When they cannot be read, or a label does not fit the kind of its target.
pub fn training_data(user: &UserData, folds: Option<Folds>, console: Console) -> anyhow::Result<TrainingData> {
    match &user.source {
        Source::Table { file } => table::training_data(user, file, folds, console),
        Source::Images { folder, labels, .. } => images::training_data(user, folder, labels, console),
    }
}
