//! Why a state dict could not be read or used.

use std::io;
use std::path::PathBuf;

use super::pickle::PickleFault;

/// Larger files are refused before they are read. The paper's largest model has 70 MB.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// Why a state dict could not be read or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateDictError {
    /// The file system said no.
    #[error("cannot read {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Larger than any network this is for.
    #[error("{path} has {bytes} bytes, over the limit of {}", MAX_BYTES)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// Neither of the formats.
    #[error(
        "{path} is neither a .pth that torch.save wrote nor a .safetensors file; save network.state_dict() as one of them"
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A `.pth` holds more than tensors. Saving `network.state_dict()` by itself cures it.
    #[error("{path} is not a plain state dict")]
    Pickle {
        /// The file.
        path: PathBuf,
        /// What it holds.
        source: PickleFault,
    },
    /// A `.pth` is damaged.
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
    /// A file that the reader itself did not survive.
    #[error("{path} is damaged in a way that its reader did not expect")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Tensors share memory to the point of being a trap.
    #[error("the tensors of {path} unfold to {bytes} bytes, more than twice the file")]
    Unfolds {
        /// The file.
        path: PathBuf,
        /// Bytes of all tensors.
        bytes: u64,
    },
    /// Tensors that the network needs are not there.
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
    /// The model has no ResNet18 to fill.
    #[error("the model has no image backbone; it needs one to be given ResNet18's weights")]
    NoImageBackbone,
    /// The tensors do not say which network they are of.
    #[error("these are not the tensors of a network in the authors' layout: {reason}")]
    UnknownNetwork {
        /// What is not there.
        reason: &'static str,
    },
}
