//! JSON documents that name their schema.

use std::fs;
use std::path::Path;

use anyhow::Context;
use ebm_core::write_atomic;
use serde::{Serialize, de::DeserializeOwned};

use crate::exit::{Exit, failure};

/// Writes a value as JSON, whole or not at all.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    write_atomic(path, &bytes).with_context(|| format!("writing {}", path.display()))
}

/// Reads a JSON document of one of the expected schemas.
///
/// # Errors
/// When it is not there (66), or is damaged or of another version (65).
pub(super) fn read_json<T: DeserializeOwned>(path: &Path, schemas: &[&str]) -> anyhow::Result<T> {
    let name = path.display();
    let bytes = fs::read(path).map_err(|error| {
        let exit = if error.kind() == std::io::ErrorKind::NotFound { Exit::NoInput } else { Exit::Io };
        failure(exit, format!("cannot read {name}: {error}"))
    })?;
    let damaged = |error: serde_json::Error| failure(Exit::Data, format!("{name} is damaged: {error}"));
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(damaged)?;
    let found = value.get("schema").and_then(|schema| schema.as_str()).unwrap_or("none");
    if !schemas.contains(&found) {
        let known: Vec<String> = schemas.iter().map(|schema| format!("{schema:?}")).collect();
        let message = format!("{name} has schema {found:?}; this version reads {}", known.join(", "));
        return Err(failure(Exit::Data, message));
    }
    serde_json::from_value(value).map_err(damaged)
}

/// As [`read_json`]; nothing if there is no such file.
pub(super) fn read_json_if_there<T: DeserializeOwned>(path: &Path, schema: &str) -> anyhow::Result<Option<T>> {
    if path.exists() { read_json(path, &[schema]).map(Some) } else { Ok(None) }
}
