//! Weights on disk: safetensors, written atomically, checked by hash when read.

use std::path::Path;

use burn::module::Module;
use sha2::{Digest, Sha256};

use crate::io::atomic::write_atomic;
use crate::io::error::{CheckpointError, MAX_BYTES, io_error};
use crate::io::header;
use crate::io::regular::{open_regular, read_bounded};
use crate::io::tensors;

/// The SHA-256 of `bytes` as 64 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    hexadecimal(Sha256::new().chain_update(bytes))
}

/// The hash as 64 hexadecimal digits.
pub(crate) fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a file; refuses files larger than [`MAX_BYTES`].
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CheckpointError> {
    let bytes = open_regular(path).and_then(|file| file.metadata()).map_err(io_error(path))?.len();
    if bytes > MAX_BYTES {
        return Err(CheckpointError::TooLarge { path: path.to_owned(), bytes });
    }
    read_bounded(path, MAX_BYTES).map_err(io_error(path))
}

/// Writes the weights of a model as safetensors, atomically.
pub fn save_weights<M: Module>(path: &Path, model: &M) -> Result<(), CheckpointError> {
    write_atomic(path, &weights_to_bytes(model)?).map_err(io_error(path))
}

/// The content of the file that [`save_weights`] writes. Equal weights give equal bytes.
pub fn weights_to_bytes<M: Module>(model: &M) -> Result<Vec<u8>, CheckpointError> {
    tensors::to_bytes(&tensors::collect(model))
}

/// Reads weights written by [`save_weights`] into a model with the same parameters.
pub fn load_weights<M: Module>(path: &Path, model: M) -> Result<M, CheckpointError> {
    header::check_file(path)?;
    weights_from_bytes(&read(path)?, model)
}

/// [`load_weights`] from the content of the file.
pub fn weights_from_bytes<M: Module>(bytes: &[u8], model: M) -> Result<M, CheckpointError> {
    tensors::apply(model, tensors::from_bytes(bytes)?)
}

/// The SHA-256 of a file as 64 hexadecimal digits, for a manifest of weights.
pub fn sha256(path: &Path) -> Result<String, CheckpointError> {
    read(path).map(|bytes| digest(&bytes))
}

/// Refuses a file whose SHA-256 is not the one in the manifest, and tensors that no model has.
pub fn check_sha256(path: &Path, expected: &str) -> Result<(), CheckpointError> {
    if path.extension().is_some_and(|extension| extension == "safetensors") {
        header::check_file(path)?;
    }
    let found = sha256(path)?;
    if found == expected {
        return Ok(());
    }
    Err(CheckpointError::Damaged { path: path.to_owned(), check: "SHA-256", found, expected: expected.to_owned() })
}
