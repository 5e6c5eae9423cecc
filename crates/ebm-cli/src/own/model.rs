//! A model of the user's own data, as it is kept and used.

use std::path::Path;

use anyhow::Context;
use ebm_core::{Calibration, PredictionConfig, Predictor, TargetSpace};
use ebm_data::table::Schema;
use serde::{Deserialize, Serialize};

use super::OwnData;
use crate::cli::SamplingArgs;
use crate::exit::{Exit, failure};
use crate::load::{self, Loaded};
use crate::run_folder::{ModelRecord, Record, read_json, write_json};

/// Schema of `calibration.json`.
pub const CALIBRATION_SCHEMA: &str = "ebm.calibrated/1";

/// What `model.json` needs to say of inputs and targets that are the user's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRecord {
    /// The columns of the table; nothing where the inputs are images.
    pub schema: Option<Schema>,
    /// The names of the targets.
    pub targets: Vec<String>,
    /// How targets become what the networks see.
    pub space: TargetSpace,
}

impl OwnRecord {
    /// Whether it can belong to a model of these widths.
    pub(crate) fn fits(&self, input: usize, target: usize) -> bool {
        let schema = self.schema.as_ref();
        self.space.dimensions() == target
            && self.targets.len() == target
            && schema.is_none_or(|schema| schema.input_width() == input && schema.target_width() == target)
    }

    /// The prefix of what is said of a dimension: nothing where there is only one.
    pub fn prefix(&self, dimension: usize) -> String {
        if self.targets.len() == 1 { String::new() } else { format!("{}_", self.targets[dimension]) }
    }
}

/// `calibration.json`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalibrationRecord {
    schema: String,
    /// Digest of the model it belongs to.
    model: Option<String>,
    /// The examples it was made with.
    source: String,
    calibration: Calibration,
}

/// A model of the user's own data, ready to answer.
pub struct OwnModel {
    /// It.
    pub predictor: Predictor,
    /// Its inputs and targets.
    pub own: OwnRecord,
    /// What it was trained on, and how that was read.
    pub data: OwnData,
    /// Its run.
    pub record: Record,
    /// Digest of its weights.
    pub sha256: Option<String>,
    /// The examples that it was calibrated with, if it was.
    pub calibrated_with: Option<String>,
}

/// The model in a run folder, if it is one of the user's own data.
///
/// # Errors
/// When the folder holds no model, or a damaged one.
pub(crate) fn open(run: &Path, sampling: &SamplingArgs) -> anyhow::Result<Option<OwnModel>> {
    let device = sampling.device.open()?;
    if load::about(run)?.own.is_none() {
        return Ok(None);
    }
    let Loaded { model, about } = load::model(run, &device)?;
    let record = load::record(run)?;
    let ModelRecord { model: shape, own, sha256, .. } = about;
    let (Some(own), Some(data)) = (own, record.config.own.clone()) else {
        let message = format!("{} and model.json beside it are of different runs", run.join("run.json").display());
        return Err(failure(Exit::Data, message));
    };
    let config = PredictionConfig { m: sampling.m.max(MIN_CANDIDATES), seed: sampling.seed };
    let calibrated = calibration(run, sha256.as_deref())?;
    let predictor = Predictor::new(&model, shape.input, own.space.clone(), config);
    let (calibration, calibrated_with) = calibrated.map(|record| (record.calibration, record.source)).unzip();
    let predictor = predictor.with_calibration(calibration);
    Ok(Some(OwnModel { predictor, own, data, record, sha256, calibrated_with }))
}

/// A density is not described by fewer.
const MIN_CANDIDATES: usize = 64;

fn calibration(run: &Path, model: Option<&str>) -> anyhow::Result<Option<CalibrationRecord>> {
    let path = run.join("calibration.json");
    if !path.exists() {
        return Ok(None);
    }
    let record: CalibrationRecord = read_json(&path, CALIBRATION_SCHEMA)?;
    if record.model.as_deref() != model {
        let message =
            format!("{} belongs to another model: `ebm calibrate {}` makes a new one", path.display(), run.display());
        return Err(failure(Exit::Data, message));
    }
    Ok(Some(record))
}

/// Keeps a calibration beside its model.
pub(crate) fn keep_calibration(
    run: &Path,
    model: &OwnModel,
    calibration: Calibration,
    source: String,
) -> anyhow::Result<()> {
    let record =
        CalibrationRecord { schema: CALIBRATION_SCHEMA.to_owned(), model: model.sha256.clone(), source, calibration };
    write_json(&run.join("calibration.json"), &record).context("keeping the calibration")
}
