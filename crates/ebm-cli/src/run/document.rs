//! JSON documents of a run folder, each with a schema.

use std::path::Path;

use ebm_data::run_file::RunFile;
use serde::{Serialize, de::DeserializeOwned};

use super::json::{Named, from_json, to_json};
use super::manifest;

/// Reads and writes a document of a run folder.
pub trait Document: RunFile + Serialize + DeserializeOwned {
    /// Whether a run has one.
    fn exists(run: &Path) -> bool {
        run.join(Self::FILE).exists()
    }

    /// Reads that of a run.
    ///
    /// # Errors
    /// When it is not there (66), or is changed, damaged or of another version (65).
    fn read(run: &Path) -> anyhow::Result<Self> {
        parse(&run.join(Self::FILE), &manifest::read(run, Self::FILE)?)
    }

    /// As [`Document::read`]; nothing if there is none.
    fn read_if_there(run: &Path) -> anyhow::Result<Option<Self>> {
        if manifest::has(run, Self::FILE)? { Self::read(run).map(Some) } else { Ok(None) }
    }

    /// The document with its schema, to be written.
    fn named(&self) -> Named<'_, Self> {
        Named { schema: Self::SCHEMA, content: self }
    }

    /// Writes it, whole or not at all.
    fn write(&self, run: &Path) -> anyhow::Result<()> {
        manifest::write(run, Self::FILE, &to_json(&self.named())?)
    }
}

impl<D: RunFile + Serialize + DeserializeOwned> Document for D {}

/// Reads a document whose bytes are read already; `path` is for messages.
///
/// # Errors
/// When it is damaged, has an unknown key, or is of another version.
pub fn parse<D: Document>(path: &Path, bytes: &[u8]) -> anyhow::Result<D> {
    from_json(path, D::SCHEMA, bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::*;
    use crate::run::record::Record;
    use ebm_data::run_file::{CalibrationRecord, ModelRecord};

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
