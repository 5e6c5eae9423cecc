//! `calibration.json`, compared with the model that it belongs to.

use std::path::Path;

use ebm_data::run_file::{CalibrationRecord, RunFile};

use super::document::Document;
use crate::exit::{Exit, failure};

/// Reads the calibration of a model whose weights have this digest; nothing if it is not calibrated.
///
/// # Errors
/// When it belongs to another model.
pub fn read(run: &Path, model: Option<&str>) -> anyhow::Result<Option<CalibrationRecord>> {
    let record = CalibrationRecord::read_if_there(run)?;
    if record.as_ref().is_some_and(|record| record.model.as_deref() != model) {
        let file = run.join(CalibrationRecord::FILE);
        let message =
            format!("{} belongs to another model: `ebm calibrate {}` makes a new one", file.display(), run.display());
        return Err(failure(Exit::Data, message));
    }
    Ok(record)
}
