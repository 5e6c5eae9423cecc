//! Weights on disk: safetensors, written atomically, checked by hash when read.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use burn::module::Module;
use sha2::{Digest, Sha256};

use crate::io::atomic::write_atomic;
use crate::io::tensors;

/// Schema of a checkpoint's manifest.
pub(crate) const SCHEMA: &str = "ebm.checkpoint/2";
/// The same without selection and without steps that were not taken.
pub(crate) const EARLIER: &str = "ebm.checkpoint/1";

/// No file of this project's models comes near this; larger ones are refused before they are read.
const MAX_BYTES: u64 = 4 << 30;

/// Why a model or checkpoint could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file system said no.
    #[error("cannot read or write {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is not what it should be.
    #[error("{path} is not a checkpoint manifest")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// Written by another version.
    #[error("{path} has schema {found:?}, this version reads {EARLIER:?} and {SCHEMA:?}")]
    Schema {
        /// The file.
        path: PathBuf,
        /// What it says it is.
        found: String,
    },
    /// The bytes are not those that were written: truncated or changed.
    #[error("{path} is damaged: its {check} is {found}, the manifest says {expected}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// `size` or `SHA-256`.
        check: &'static str,
        /// What the file has.
        found: String,
        /// What the manifest says.
        expected: String,
    },
    /// Not a safetensors file.
    #[error("not a safetensors file")]
    Format(#[from] safetensors::SafeTensorError),
    /// Larger than any model.
    #[error("{path} has {bytes} bytes, over the limit of {MAX_BYTES}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// A parameter has no tensor in the file.
    #[error("tensor {name:?} is missing: the file belongs to another model")]
    MissingTensor {
        /// Path of the parameter.
        name: String,
    },
    /// A tensor belongs to no parameter.
    #[error("tensor {name:?} is not part of this model")]
    UnknownTensor {
        /// Its name in the file.
        name: String,
    },
    /// A tensor has another shape.
    #[error("tensor {name:?} has shape {found:?}, this model needs {expected:?}")]
    WrongShape {
        /// Path of the parameter.
        name: String,
        /// What the model needs.
        expected: Vec<usize>,
        /// What the file has.
        found: Vec<usize>,
    },
    /// A tensor has another element type.
    #[error("tensor {name:?} has type {found}, expected F32")]
    WrongType {
        /// Its name in the file.
        name: String,
        /// Its type.
        found: String,
    },
    /// A weight is NaN or infinite; such a state is never saved over a good one.
    #[error("tensor {name:?} holds a value that is not finite")]
    NonFinite {
        /// Path of the parameter.
        name: String,
    },
}

/// The SHA-256 of some bytes, 64 hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    hexadecimal(Sha256::new().chain_update(bytes))
}

/// 64 hexadecimal digits.
pub(crate) fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The file system's error with the path it is about.
pub(crate) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> CheckpointError {
    move |source| CheckpointError::Io { path: path.to_owned(), source }
}

/// The bytes of a file that is not larger than any model.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CheckpointError> {
    let bytes = fs::metadata(path).map_err(io_error(path))?.len();
    if bytes > MAX_BYTES {
        return Err(CheckpointError::TooLarge { path: path.to_owned(), bytes });
    }
    fs::read(path).map_err(io_error(path))
}

/// Writes the weights of a model as safetensors, atomically.
pub fn save_weights<M: Module>(path: &Path, model: &M) -> Result<(), CheckpointError> {
    let bytes = tensors::to_bytes(&tensors::collect(model))?;
    write_atomic(path, &bytes).map_err(io_error(path))
}

/// Reads weights written by [`save_weights`] into a model of the same shape.
pub fn load_weights<M: Module>(path: &Path, model: M) -> Result<M, CheckpointError> {
    tensors::apply(model, tensors::from_bytes(&read(path)?)?)
}

/// The SHA-256 of a file, 64 hexadecimal digits: for a manifest of weights.
pub fn sha256(path: &Path) -> Result<String, CheckpointError> {
    read(path).map(|bytes| digest(&bytes))
}

/// Refuses a file that is not the one a manifest names.
pub fn check_sha256(path: &Path, expected: &str) -> Result<(), CheckpointError> {
    let found = sha256(path)?;
    if found == expected {
        return Ok(());
    }
    Err(CheckpointError::Damaged { path: path.to_owned(), check: "SHA-256", found, expected: expected.to_owned() })
}
