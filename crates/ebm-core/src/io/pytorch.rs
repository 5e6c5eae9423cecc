//! State dicts of PyTorch networks: named tensors from a `.pth` or `.safetensors` file. No code in a file is run.

mod error;
mod file;
mod pickle;

use std::collections::BTreeMap;
use std::path::Path;

use burn::tensor::TensorData;

pub use error::StateDictError;
pub use pickle::PickleFault;

/// Tensors of a network by their PyTorch names, converted to `f32`.
#[derive(Debug, Clone)]
pub struct StateDict {
    tensors: BTreeMap<String, TensorData>,
}

/// Which tensors of a state dict were loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadReport {
    /// Number of tensors used.
    pub used: usize,
    /// Tensors of the file that the model does not have. The last layer of a ResNet18, `fc`, is not listed.
    pub unused: Vec<String>,
}

impl LoadReport {
    /// The combined report of two files.
    pub(crate) fn and(mut self, mut other: Self) -> Self {
        self.used += other.used;
        self.unused.append(&mut other.unused);
        self
    }
}

impl StateDict {
    /// Reads a state dict that `torch.save` or safetensors wrote: `torch.save(network.state_dict(), path)`.
    ///
    /// Integer tensors are counters (`num_batches_tracked`) and are ignored. The prefix `module.`, from training on
    /// several devices, is removed from names.
    ///
    /// # Errors
    /// If the file is not a plain list of tensors. Memory use is at most a few times the file size.
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

    /// The tensor with this name, if it has this shape and is finite.
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
