//! What is learned from: a task of the paper, drawn points, or two columns of a table.

mod learned;
mod points;
mod table;

use ebm_data::Pairs;
use serde::Deserialize;

pub use learned::{Data, Source, Standard};
pub use table::{check, columns};

use crate::fault::Fault;
use crate::task::Task;

/// What the page asks to learn from.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wanted {
    /// A task of the paper.
    Task {
        /// Which.
        name: Task,
    },
    /// Points in the plane, of which every fifth is held out.
    Points {
        /// Inputs.
        x: Vec<f64>,
        /// Targets.
        y: Vec<f64>,
        /// The ranges that were drawn in.
        ranges: [[f64; 2]; 2],
    },
    /// Two columns of a table.
    Table {
        /// The name of the file.
        file: String,
        /// Its content.
        text: String,
        /// The column of inputs.
        input: String,
        /// The column of targets.
        target: String,
    },
}

/// Reads what the page asks for.
///
/// # Errors
/// When it cannot be learned from.
pub fn read(wanted: Wanted) -> Result<Data, Fault> {
    match wanted {
        Wanted::Task { name } => Ok(Data::of_task(name)),
        Wanted::Points { x, y, ranges } => points::of_points(Pairs::new(x, y)?, ranges),
        Wanted::Table { file, text, input, target } => table::of_table(&file, text, &input, &target),
    }
}
