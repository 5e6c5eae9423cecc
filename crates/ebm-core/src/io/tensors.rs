//! Named tensors of a module, to and from safetensors bytes. Such a file cannot contain code.

use std::borrow::Cow;
use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{DType, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors, View};

use crate::io::error::CheckpointError;
use crate::io::header;

/// `f32` tensors by the path of their parameter.
pub(crate) type Named = BTreeMap<String, TensorData>;

/// Every parameter of the module.
pub(crate) fn collect<M: Module>(module: &M) -> Named {
    let mut visitor = Collect::default();
    // Burn's running statistics are up to date only in a module for validation.
    module.valid().visit(&mut visitor);
    visitor.tensors
}

/// A copy that shares no state with the module. Clones of Burn's running statistics would share theirs.
pub(crate) fn copy<M: Module>(module: &M) -> M {
    module.valid().train()
}

/// The module with every parameter replaced by the tensor with its path.
///
/// # Errors
/// If a tensor is missing, has another shape, or belongs to no parameter.
pub(crate) fn apply<M: Module>(module: M, tensors: Named) -> Result<M, CheckpointError> {
    let known = collect(&module);
    for (name, parameter) in &known {
        let data = tensors.get(name).ok_or_else(|| CheckpointError::MissingTensor { name: name.clone() })?;
        if data.shape() != parameter.shape() {
            let [expected, found] = [parameter, data].map(|data| data.shape().to_vec());
            return Err(CheckpointError::WrongShape { name: name.clone(), expected, found });
        }
    }
    match tensors.keys().find(|name| !known.contains_key(*name)) {
        Some(name) => Err(CheckpointError::UnknownTensor { name: name.clone() }),
        None => Ok(replace(module, tensors)),
    }
}

/// [`apply`] without checks of names or shapes.
///
/// # Panics
/// If a tensor is missing.
pub(crate) fn replace<M: Module>(module: M, tensors: Named) -> M {
    module.map(&mut Replace { path: Vec::new(), tensors })
}

/// Safetensors bytes. Equal tensors give equal bytes.
pub(crate) fn to_bytes(tensors: &Named) -> Result<Vec<u8>, CheckpointError> {
    if let Some((name, _)) = tensors.iter().find(|(_, data)| data.iter::<f32>().any(|value| !value.is_finite())) {
        return Err(CheckpointError::NonFinite { name: name.clone() });
    }
    let views = tensors.iter().map(|(name, data)| (name, Bytes(data)));
    Ok(safetensors::serialize(views, None)?)
}

/// Tensors of a safetensors file. Rejects types other than `f32`.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Named, CheckpointError> {
    header::check(bytes)?;
    let file = SafeTensors::deserialize(bytes)?;
    file.iter()
        .map(|(name, view)| {
            if view.dtype() != Dtype::F32 {
                return Err(CheckpointError::WrongType { name: name.to_owned(), found: format!("{:?}", view.dtype()) });
            }
            let values: Vec<f32> =
                view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
            Ok((name.to_owned(), TensorData::new(values, view.shape().to_vec())))
        })
        .collect()
}

struct Bytes<'a>(&'a TensorData);

impl View for Bytes<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        self.0.shape()
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.0.iter::<f32>().flat_map(f32::to_le_bytes).collect::<Vec<u8>>().into()
    }

    fn data_len(&self) -> usize {
        self.0.num_elements() * 4
    }
}

#[derive(Default)]
struct Collect {
    path: Vec<String>,
    tensors: Named,
}

impl ModuleVisitor for Collect {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.tensors.insert(self.path.join("."), param.val().into_data());
    }
}

struct Replace {
    path: Vec<String>,
    tensors: Named,
}

impl ModuleMapper for Replace {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let data = self.tensors.remove(&self.path.join(".")).expect("there is a tensor for every parameter");
        param.map(|old| {
            let new = Tensor::<D>::from_data(data, (&old.device(), DType::F32));
            if old.is_require_grad() { new.require_grad() } else { new }
        })
    }
}
