//! JSON with a schema.

use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::exit::{Exit, failure};

/// Content with its schema, to be written.
#[derive(Serialize)]
pub struct Named<'a, D> {
    /// Kind and version.
    pub schema: &'static str,
    /// All else.
    #[serde(flatten)]
    pub content: &'a D,
}

/// A value as JSON with a newline.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn to_json(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The content of JSON with this schema; `path` is for messages.
///
/// # Errors
/// When it is damaged, has an unknown key, or another schema.
pub fn from_json<D: DeserializeOwned>(path: &Path, schema: &str, bytes: &[u8]) -> anyhow::Result<D> {
    let name = path.display();
    let damaged = |error: serde_json::Error| failure(Exit::Data, format!("{name} is damaged: {error}"));
    let mut value: Value = serde_json::from_slice(bytes).map_err(damaged)?;
    let found = value.as_object_mut().and_then(|object| object.remove("schema"));
    let found = found.as_ref().and_then(Value::as_str).unwrap_or("none");
    if found != schema {
        return Err(failure(Exit::Data, format!("{name} has schema {found:?}; this version reads {schema:?}")));
    }
    serde_json::from_value(value).map_err(damaged)
}
