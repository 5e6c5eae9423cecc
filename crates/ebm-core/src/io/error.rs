//! Why a file of a model or a checkpoint could not be written or read.

use std::io;
use std::path::{Path, PathBuf};

/// Schema of a checkpoint's manifest.
pub(crate) const SCHEMA: &str = "ebm.checkpoint/2";
/// The same without selection and without steps that were not taken.
pub(crate) const EARLIER: &str = "ebm.checkpoint/1";

/// No file of this project's models comes near this; larger ones are refused before they are read.
pub(crate) const MAX_BYTES: u64 = 4 << 30;

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

/// The file system's error with the path it is about.
pub(crate) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> CheckpointError {
    move |source| CheckpointError::Io { path: path.to_owned(), source }
}
