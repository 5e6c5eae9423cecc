//! The user's own data: what of which file is learned, and how it is read again when the model is used.

mod config;
mod model;
mod pictures;
mod rows;
mod training;

pub use config::{OwnData, Source};
pub use model::{CALIBRATION_SCHEMA, OwnModel, OwnRecord, keep_calibration, open};
pub use rows::{Place, Rows, RowsOf, rows_of, unfit_row};
pub use training::training_data;
