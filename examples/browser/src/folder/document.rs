//! Documents of a run folder, read from memory.

use ebm_core::io::weights::digest;
use ebm_data::run_file::RunFile;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Files;
use crate::fault::Fault;

/// Reads a document of a run folder.
pub(super) trait Document: RunFile + DeserializeOwned {
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

impl<D: RunFile + DeserializeOwned> Document for D {}

/// The error of a file of a run.
pub(super) fn wrong(folder: &str, file: &str, why: &str) -> Fault {
    Fault::Folder { file: format!("{folder}{file}"), why: why.to_owned() }
}

/// Refuses bytes with another digest.
pub(super) fn check_digest(folder: &str, file: &str, bytes: &[u8], expected: Option<&str>) -> Result<(), Fault> {
    let same = expected.is_none_or(|expected| digest(bytes) == expected);
    if same { Ok(()) } else { Err(wrong(folder, file, "it has changed since it was written")) }
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

impl RunFile for RunRecord {
    const FILE: &'static str = "run.json";
    const SCHEMA: &'static str = "ebm.run/1";
}
