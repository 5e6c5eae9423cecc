//! JSON documents of a run folder, each with a schema.

use std::fs;
use std::path::Path;

use anyhow::Context;
use ebm_core::write_atomic;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::exit::{Exit, failure};

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
        let bytes = fs::read(&path).map_err(|error| {
            let exit = if error.kind() == std::io::ErrorKind::NotFound { Exit::NoInput } else { Exit::Io };
            failure(exit, format!("cannot read {name}: {error}"))
        })?;
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
