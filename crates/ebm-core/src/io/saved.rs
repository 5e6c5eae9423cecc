//! A user's model in a folder: its configuration, and its weights, checked by hash when read.

use std::path::Path;

use burn::module::Module;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::io::atomic::write_atomic;
use crate::io::error::{CheckpointError, io_error};
use crate::io::weights::{check_sha256, load_weights, read, save_weights, sha256};

/// The schema of the manifest; any other is refused when read.
#[derive(Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "ebm.saved_model/1")]
    One,
}

#[derive(Serialize, Deserialize)]
struct Manifest<C> {
    schema: Schema,
    /// SHA-256 of the weights.
    sha256: String,
    config: C,
}

const WEIGHTS: &str = "weights.safetensors";
const MANIFEST: &str = "saved_model.json";

/// Writes a model to an existing folder: first its weights, then the manifest with its configuration.
///
/// # Errors
/// If a file cannot be written or a weight is not finite.
///
/// # Panics
/// If the configuration cannot be written as JSON.
pub fn save_model<C: Serialize, M: Module>(folder: &Path, config: &C, model: &M) -> Result<(), CheckpointError> {
    let weights = folder.join(WEIGHTS);
    save_weights(&weights, model)?;
    let manifest = Manifest { schema: Schema::One, sha256: sha256(&weights)?, config };
    let json = serde_json::to_vec_pretty(&manifest).expect("a configuration that JSON can hold");
    let path = folder.join(MANIFEST);
    write_atomic(&path, &json).map_err(io_error(&path))
}

/// Reads what [`save_model`] wrote: the configuration, and the model that `build` makes from it, with the saved
/// weights.
///
/// # Errors
/// If a file cannot be read, has changed since it was written, or does not fit the model.
pub fn load_model<C: DeserializeOwned, M: Module>(
    folder: &Path,
    build: impl FnOnce(&C) -> M,
) -> Result<(C, M), CheckpointError> {
    let (weights, path) = (folder.join(WEIGHTS), folder.join(MANIFEST));
    let manifest = serde_json::from_slice(&read(&path)?);
    let Manifest { schema: Schema::One, sha256, config } =
        manifest.map_err(|source| CheckpointError::Manifest { path, source })?;
    check_sha256(&weights, &sha256)?;
    let model = load_weights(&weights, build(&config))?;
    Ok((config, model))
}

#[cfg(test)]
mod tests {
    use burn::nn::LinearConfig;
    use burn::tensor::Device;

    use super::*;
    use crate::io::tensors;

    fn build(&width: &usize) -> burn::nn::Linear {
        LinearConfig::new(width, 2).init(&Device::flex())
    }

    #[test]
    fn a_saved_model_comes_back_and_a_changed_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let model = build(&3);
        save_model(folder.path(), &3, &model).unwrap();
        let (width, loaded) = load_model(folder.path(), build).unwrap();
        assert!(width == 3 && tensors::collect(&loaded) == tensors::collect(&model));

        let other = load_model(folder.path(), |&width: &usize| build(&(width + 1)));
        assert!(matches!(other, Err(CheckpointError::WrongShape { .. })));
        save_weights(&folder.path().join(WEIGHTS), &build(&3)).unwrap();
        assert!(matches!(load_model(folder.path(), build), Err(CheckpointError::Damaged { .. })));
        let path = folder.path().join(MANIFEST);
        let later = std::fs::read_to_string(&path).unwrap().replace("saved_model/1", "saved_model/2");
        std::fs::write(&path, later).unwrap();
        assert!(matches!(load_model(folder.path(), build), Err(CheckpointError::Manifest { .. })));
    }
}
