//! `calibration.json`: held-out scores, and the model that they belong to.

use std::path::Path;

use ebm_core::Calibration;
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::files::CALIBRATION;
use crate::exit::{Exit, failure};

/// `calibration.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationRecord {
    /// Digest of the model it belongs to.
    pub model: Option<String>,
    /// The examples it was made with.
    pub source: String,
    /// The scores.
    pub calibration: Calibration,
}

impl Document for CalibrationRecord {
    const FILE: &'static str = CALIBRATION;
    const SCHEMA: &'static str = "ebm.calibrated/1";
}

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
