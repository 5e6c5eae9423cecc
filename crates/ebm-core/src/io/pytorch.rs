//! State dicts of PyTorch networks: named tensors from a `.pth` or `.safetensors` file. Nothing in a file is run.

mod file;
mod pickle;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use burn::tensor::TensorData;

pub use pickle::PickleFault;

/// Named tensors of a network, as PyTorch names them, read as `f32`.
#[derive(Debug, Clone)]
pub struct StateDict {
    tensors: BTreeMap<String, TensorData>,
}

/// What became of a state dict that was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadReport {
    /// Tensors that were used.
    pub used: usize,
    /// Tensors of the file that no part of the model asked for; the last layer of a ResNet18, `fc`, never is one.
    pub unused: Vec<String>,
}

impl LoadReport {
    /// The report on two files together.
    pub(crate) fn and(mut self, mut other: Self) -> Self {
        self.used += other.used;
        self.unused.append(&mut other.unused);
        self
    }
}

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
    #[error("{path} has {bytes} bytes, over the limit of {}", file::MAX_BYTES)]
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

impl StateDict {
    /// Reads a state dict that `torch.save` or safetensors wrote: `torch.save(network.state_dict(), path)`.
    ///
    /// Tensors of whole numbers are counters (`num_batches_tracked`) and are left out. A prefix `module.`, from training
    /// on several devices, is taken off the names.
    ///
    /// # Errors
    /// On anything but a plain list of tensors, before more memory is taken than a few times the file's size.
    pub fn read(path: &Path) -> Result<Self, StateDictError> {
        let own_name = |name: String| name.strip_prefix("module.").map(str::to_owned).unwrap_or(name);
        Ok(Self { tensors: file::read(path)?.into_iter().map(|(name, data)| (own_name(name), data)).collect() })
    }

    /// Names of the tensors, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The shape of a tensor.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|data| &data.shape()[..])
    }

    /// The tensor of that name, if it has this shape and is finite.
    ///
    /// # Errors
    /// [`StateDictError::Missing`], [`StateDictError::WrongShape`], [`StateDictError::NonFinite`].
    pub(crate) fn get(&self, name: &str, expected: &[usize]) -> Result<&TensorData, StateDictError> {
        let name = || name.to_owned();
        let data = self.tensors.get(&name()).ok_or_else(|| StateDictError::Missing { names: vec![name()] })?;
        if data.shape()[..] != *expected {
            let (expected, found) = (expected.to_vec(), data.shape().to_vec());
            return Err(StateDictError::WrongShape { name: name(), expected, found });
        }
        if data.iter::<f32>().any(|value| !value.is_finite()) {
            return Err(StateDictError::NonFinite { name: name() });
        }
        Ok(data)
    }
}
