//! `calibration.json`: held-out scores, and the model that they belong to.

use std::path::Path;

use anyhow::Context;
use ebm_core::Calibration;
use serde::{Deserialize, Serialize};

use super::folder::CALIBRATION;
use super::json::{read_json_if_there, write_json};
use crate::exit::{Exit, failure};

/// Its schema.
pub const SCHEMA: &str = "ebm.calibrated/1";

/// `calibration.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationRecord {
    schema: String,
    /// Digest of the model it belongs to.
    model: Option<String>,
    /// The examples it was made with.
    pub source: String,
    /// The scores.
    pub calibration: Calibration,
}

/// Keeps the calibration of a model whose weights have this digest.
pub fn write(run: &Path, model: Option<&str>, calibration: Calibration, source: String) -> anyhow::Result<()> {
    let model = model.map(str::to_owned);
    let record = CalibrationRecord { schema: SCHEMA.to_owned(), model, source, calibration };
    write_json(&run.join(CALIBRATION), &record).context("keeping the calibration")
}

/// Reads the calibration of a model whose weights have this digest; nothing if it is not calibrated.
///
/// # Errors
/// When it belongs to another model.
pub fn read(run: &Path, model: Option<&str>) -> anyhow::Result<Option<CalibrationRecord>> {
    let path = run.join(CALIBRATION);
    let record: Option<CalibrationRecord> = read_json_if_there(&path, SCHEMA)?;
    if record.as_ref().is_some_and(|record| record.model.as_deref() != model) {
        let message =
            format!("{} belongs to another model: `ebm calibrate {}` makes a new one", path.display(), run.display());
        return Err(failure(Exit::Data, message));
    }
    Ok(record)
}
