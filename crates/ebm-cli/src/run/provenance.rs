//! `import.json`: where an imported model comes from.

use ebm_core::ModelConfig;
use ebm_data::run_file::RunFile;
use serde::{Deserialize, Serialize};

use super::files::PROVENANCE;

/// `import.json`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
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

impl RunFile for Provenance {
    const FILE: &'static str = PROVENANCE;
    const SCHEMA: &'static str = "ebm.import/1";
}
