//! The user's own data: what of which file is learned, and how it is read again when the model is used.

mod config;
mod model;
mod pictures;
mod rows;
mod training;

pub use config::{OwnData, Source};
pub use model::{CALIBRATION_SCHEMA, OwnModel, OwnRecord};
pub(crate) use model::{keep_calibration, open};
pub(crate) use rows::{Place, Rows, RowsOf, rows_of, unfit_row};
pub(crate) use training::{training_data, word};
