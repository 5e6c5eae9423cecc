//! The documents of a run folder that a page needs. The program's own types are in `ebm-cli`.

use ebm_core::io::weights::digest;
use ebm_core::{Calibration, ModelConfig, Reach, TargetSpace};
use ebm_data::table::Schema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Files;
use crate::fault::Fault;

/// A document with a schema.
pub(super) trait Document: DeserializeOwned {
    const FILE: &'static str;
    const SCHEMA: &'static str;

    /// The document below a folder of the files.
    fn read(files: &Files, folder: &str) -> Result<Self, Fault> {
        Self::read_if_there(files, folder)?
            .ok_or_else(|| wrong(folder, Self::FILE, "it is missing: drop the whole folder of a run that is trained"))
    }

    /// The document, if it is there.
    fn read_if_there(files: &Files, folder: &str) -> Result<Option<Self>, Fault> {
        let Some(bytes) = files.get(&format!("{folder}{}", Self::FILE)) else { return Ok(None) };
        let damaged = |error: serde_json::Error| wrong(folder, Self::FILE, &format!("it is damaged: {error}"));
        let mut value: Value = serde_json::from_slice(bytes).map_err(damaged)?;
        let schema = value.as_object_mut().and_then(|object| object.remove("schema"));
        if schema.as_ref().and_then(Value::as_str) != Some(Self::SCHEMA) {
            let found = schema.unwrap_or_default();
            let why = format!("it has schema {found}; this page reads {:?}", Self::SCHEMA);
            return Err(wrong(folder, Self::FILE, &why));
        }
        serde_json::from_value(value).map(Some).map_err(damaged)
    }
}

/// The error of a file of a run.
pub(super) fn wrong(folder: &str, file: &str, why: &str) -> Fault {
    Fault::Folder { file: format!("{folder}{file}"), why: why.to_owned() }
}

/// Refuses bytes with another digest.
pub(super) fn check_digest(folder: &str, file: &str, bytes: &[u8], expected: Option<&str>) -> Result<(), Fault> {
    let same = expected.is_none_or(|expected| digest(bytes) == expected);
    if same { Ok(()) } else { Err(wrong(folder, file, "it has changed since it was written")) }
}

/// `model.json`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelRecord {
    pub model: ModelConfig,
    pub target_range: [f64; 2],
    #[serde(default)]
    pub sha256: Option<String>,
    #[serde(default, rename = "own", skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
}

/// How the columns of a table become what a network reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Encoding {
    pub schema: Option<Schema>,
    pub targets: Vec<String>,
    pub space: TargetSpace,
}

/// `ensemble.json`, as far as it is needed.
#[derive(Debug, Deserialize)]
pub(super) struct EnsembleRecord {
    pub members: Vec<MemberRecord>,
    pub target_range: [f64; 2],
    pub encoding: Encoding,
}

/// A member of an ensemble, as far as it is needed.
#[derive(Debug, Deserialize)]
pub(super) struct MemberRecord {
    pub name: String,
    pub weight: f64,
    pub sha256: Option<String>,
}

/// `run.json`, as far as it is needed.
#[derive(Debug, Deserialize)]
pub(super) struct RunRecord {
    pub seed: u64,
    pub data: DataRecord,
}

/// The data of a run, as far as they are needed.
#[derive(Debug, Deserialize)]
pub(super) struct DataRecord {
    pub source: String,
}

/// `reach.json`
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReachRecord {
    pub reach: Reach,
}

/// `calibration.json`, as far as it is needed.
#[derive(Debug, Deserialize)]
pub(super) struct CalibrationRecord {
    pub model: Option<String>,
    pub calibration: Calibration,
}

impl Document for ModelRecord {
    const FILE: &'static str = "model.json";
    const SCHEMA: &'static str = "ebm.model/1";
}

impl Document for EnsembleRecord {
    const FILE: &'static str = "ensemble.json";
    const SCHEMA: &'static str = "ebm.ensemble/1";
}

impl Document for RunRecord {
    const FILE: &'static str = "run.json";
    const SCHEMA: &'static str = "ebm.run/1";
}

impl Document for ReachRecord {
    const FILE: &'static str = "reach.json";
    const SCHEMA: &'static str = "ebm.reach/1";
}

impl Document for CalibrationRecord {
    const FILE: &'static str = "calibration.json";
    const SCHEMA: &'static str = "ebm.calibrated/1";
}
