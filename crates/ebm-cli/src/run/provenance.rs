//! `import.json`: where an imported model comes from.

use ebm_core::ModelConfig;
use serde::{Deserialize, Serialize};

use super::folder::RunFolder;
use super::json::write_json;

/// `import.json`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Provenance {
    schema: String,
    /// The state dict.
    pub file: String,
    /// Its digest.
    pub sha256: String,
    /// The model in it.
    pub model: ModelConfig,
    /// Tensors of the file that are in the model.
    pub tensors_used: usize,
    /// Names of the others.
    pub tensors_unused: Vec<String>,
}

impl Provenance {
    /// A model imported from a file.
    pub fn new(file: String, sha256: String, model: ModelConfig, used: usize, unused: Vec<String>) -> Self {
        let schema = "ebm.import/1".to_owned();
        Self { schema, file, sha256, model, tensors_used: used, tensors_unused: unused }
    }

    /// Writes `import.json`.
    pub fn write(&self, folder: &RunFolder) -> anyhow::Result<()> {
        write_json(&folder.path().join("import.json"), self)
    }
}
