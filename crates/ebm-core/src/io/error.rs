//! Errors of reading and writing model and checkpoint files.

use std::io;
use std::path::{Path, PathBuf};

/// Schema of a checkpoint manifest.
pub(crate) const SCHEMA: &str = "ebm.checkpoint/2";
/// The earlier schema, without model selection and without skipped steps.
pub(crate) const EARLIER: &str = "ebm.checkpoint/1";

/// Maximum file size. Model files are far smaller; larger files are refused before they are read.
pub(crate) const MAX_BYTES: u64 = 4 << 30;

/// An error of reading or writing a model or checkpoint.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file system reported an error.
    #[error("cannot read or write {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The manifest does not have the expected form.
    #[error("{path} is not a checkpoint manifest")]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The file was written by another version.
    #[error("{path} has schema {found:?}, this version reads {EARLIER:?} and {SCHEMA:?}")]
    Schema {
        /// The file.
        path: PathBuf,
        /// The schema it names.
        found: String,
    },
    /// The file is truncated or changed.
    #[error("{path} is damaged: its {check} is {found}, the manifest says {expected}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The check that failed: `size` or `SHA-256`.
        check: &'static str,
        /// What the file has.
        found: String,
        /// What the manifest says.
        expected: String,
    },
    /// Not a safetensors file.
    #[error("not a safetensors file")]
    Format(#[from] safetensors::SafeTensorError),
    /// The file is larger than any model.
    #[error("{path} has {bytes} bytes, over the limit of {MAX_BYTES}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The file has no tensor for a parameter.
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
    /// The file does not describe boosted trees.
    #[error("tensor {name:?} does not describe boosted trees: the file is damaged, train the model again")]
    WrongTrees {
        /// Its name in the file.
        name: String,
    },
    /// A weight is NaN or infinite. Such a state is never saved over a valid one.
    #[error("tensor {name:?} holds a value that is not finite")]
    NonFinite {
        /// Path of the parameter.
        name: String,
    },
}

/// The file system's error together with the path.
pub(crate) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> CheckpointError {
    move |source| CheckpointError::Io { path: path.to_owned(), source }
}
