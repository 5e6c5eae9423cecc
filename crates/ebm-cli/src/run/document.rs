//! JSON documents of a run folder, each with a schema.

use std::path::Path;

use anyhow::Context;
use ebm_core::{read_bounded, write_atomic};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::exit::{Exit, failure, of_reading};

/// The largest document, in bytes: one that names five million files.
const LIMIT: u64 = 256 << 20;

/// A document that has one place in a run folder.
pub trait Document: Serialize + DeserializeOwned {
    /// Its name.
    const FILE: &'static str;
    /// Its kind and version.
    const SCHEMA: &'static str;

    /// Whether a run has one.
    fn exists(run: &Path) -> bool {
        run.join(Self::FILE).exists()
    }

    /// Reads that of a run.
    ///
    /// # Errors
    /// When it is not there (66), or is damaged or of another version (65).
    fn read(run: &Path) -> anyhow::Result<Self> {
        let (path, schema) = (run.join(Self::FILE), Self::SCHEMA);
        let name = path.display();
        let bytes = read_bounded(&path, LIMIT)
            .map_err(|error| failure(of_reading(&error), format!("cannot read {name}: {error}")))?;
        let damaged = |error: serde_json::Error| failure(Exit::Data, format!("{name} is damaged: {error}"));
        let mut value: Value = serde_json::from_slice(&bytes).map_err(damaged)?;
        let found = value.as_object_mut().and_then(|object| object.remove("schema"));
        let found = found.as_ref().and_then(Value::as_str).unwrap_or("none");
        if found != schema {
            return Err(failure(Exit::Data, format!("{name} has schema {found:?}; this version reads {schema:?}")));
        }
        serde_json::from_value(value).map_err(damaged)
    }

    /// As [`Document::read`]; nothing if there is none.
    fn read_if_there(run: &Path) -> anyhow::Result<Option<Self>> {
        if Self::exists(run) { Self::read(run).map(Some) } else { Ok(None) }
    }

    /// The document with its schema, to be written.
    fn named(&self) -> Named<'_, Self> {
        Named { schema: Self::SCHEMA, content: self }
    }

    /// Writes it, whole or not at all.
    fn write(&self, run: &Path) -> anyhow::Result<()> {
        write_json(&run.join(Self::FILE), &self.named())
    }
}

/// A document with its schema.
#[derive(Serialize)]
pub struct Named<'a, D> {
    schema: &'static str,
    #[serde(flatten)]
    content: &'a D,
}

/// Writes a value as JSON, whole or not at all.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    write_atomic(path, &bytes).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::calibration::CalibrationRecord;
    use crate::run::model::ModelRecord;
    use crate::run::record::Record;
    use std::fs;

    /// Both ways: what a release wrote is read, and written again as it was.
    fn is_kept<D: Document>() {
        let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/own/golden/houses");
        let written: Value = serde_json::from_slice(&fs::read(run.join(D::FILE)).unwrap()).unwrap();
        assert_eq!(serde_json::to_value(D::read(&run).unwrap().named()).unwrap(), written, "{}", D::FILE);
    }

    #[test]
    fn the_documents_of_a_release_are_written_as_they_are_read() {
        is_kept::<Record>();
        is_kept::<ModelRecord>();
        is_kept::<CalibrationRecord>();
        is_kept::<ebm_data::table::Split>();
    }

    #[test]
    fn a_document_of_another_version_is_refused_by_its_schema() {
        let run = tempfile::tempdir().unwrap();
        fs::write(run.path().join(Record::FILE), "{\"schema\": \"ebm.run/9\"}").unwrap();
        let message = Record::read(run.path()).unwrap_err().to_string();
        assert!(message.contains("\"ebm.run/9\"") && message.contains("\"ebm.run/1\""), "{message}");
        assert!(CalibrationRecord::read_if_there(run.path()).unwrap().is_none());
    }
}
