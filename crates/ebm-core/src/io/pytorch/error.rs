//! Why a state dict could not be read or used.

use std::io;
use std::path::PathBuf;

use super::pickle::PickleFault;

/// Maximum file size; larger files are refused before they are read. The paper's largest model has 70 MB.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// Why a state dict could not be read or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateDictError {
    /// The file system reported an error.
    #[error("cannot read {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file is larger than any supported network.
    #[error("{path} has {bytes} bytes, over the limit of {}", MAX_BYTES)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The file has neither of the two formats.
    #[error(
        "{path} is neither a .pth that torch.save wrote nor a .safetensors file; save network.state_dict() as one of them"
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A `.pth` file holds more than tensors. Save only `network.state_dict()`.
    #[error("{path} is not a plain state dict")]
    Pickle {
        /// The file.
        path: PathBuf,
        /// The part that is not a tensor.
        source: PickleFault,
    },
    /// A `.pth` file is damaged.
    #[error("{path} is not a readable .pth file")]
    Pytorch {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pytorch_reader::PytorchError,
    },
    /// A `.safetensors` file is damaged.
    #[error("{path} is not a readable .safetensors file")]
    Safetensors {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: safetensors::SafeTensorError,
    },
    /// The file made its reader panic.
    #[error("{path} is damaged: its reader panicked")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Tensors share memory to such an extent that copying each out could exhaust it.
    #[error("the tensors of {path} take {bytes} bytes, more than twice the file size")]
    Unfolds {
        /// The file.
        path: PathBuf,
        /// Bytes of all tensors together.
        bytes: u64,
    },
    /// Tensors that the network needs are missing.
    #[error("{} of the network's tensors are missing, the first is {:?}", names.len(), names[0])]
    Missing {
        /// Their names, at least one.
        names: Vec<String>,
    },
    /// A tensor has another shape.
    #[error("tensor {name:?} has shape {found:?}, the network needs {expected:?}")]
    WrongShape {
        /// Its name in the file.
        name: String,
        /// What the network needs.
        expected: Vec<usize>,
        /// What the file has.
        found: Vec<usize>,
    },
    /// A weight is NaN or infinite.
    #[error("tensor {name:?} holds a value that is not finite")]
    NonFinite {
        /// Its name in the file.
        name: String,
    },
    /// The model has no ResNet18.
    #[error("the model has no image backbone to load ResNet18 weights into")]
    NoImageBackbone,
    /// The tensors do not identify their network.
    #[error("these are not the tensors of a network in the authors' layout: {reason}")]
    UnknownNetwork {
        /// What is missing.
        reason: &'static str,
    },
}
