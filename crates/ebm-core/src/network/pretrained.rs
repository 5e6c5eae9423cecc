//! ResNet18 weights as published by torchvision or saved by the authors' code.

use std::collections::BTreeMap;

use super::backbone::Backbone;
use super::resnet18::Resnet18;
use crate::io::pytorch::{LoadReport, StateDict, StateDictError};
use crate::io::tensors::{self, Named};

impl Backbone {
    /// A ResNet18 with the weights and batch statistics of a state dict. The last layer, `fc`, is ignored.
    ///
    /// Names are torchvision's or those of the paper's networks (`feature_net.resnet18.0.weight` …, App. F).
    ///
    /// # Errors
    /// If a tensor is missing or has another shape, or the backbone is not a ResNet18.
    pub fn load(self, weights: &StateDict) -> Result<(Self, LoadReport), StateDictError> {
        let Self::Resnet18(network) = self else { return Err(StateDictError::NoImageBackbone) };
        let (network, used) = load(network, weights)?;
        let is_unused = |name: &&str| !used.iter().any(|used| used == name);
        let unused = weights.names().filter(is_unused).filter(|name| !name.starts_with("fc."));
        let report = LoadReport { used: used.len(), unused: unused.map(str::to_owned).collect() };
        Ok((Self::Resnet18(network), report))
    }
}

/// The network with weights from a state dict, and the names of the tensors used.
pub(crate) fn load(network: Resnet18, weights: &StateDict) -> Result<(Resnet18, Vec<String>), StateDictError> {
    let theirs: BTreeMap<String, &str> =
        weights.names().filter_map(|name| Some((torchvision_name(name)?, name))).collect();
    let (mut named, mut used, mut missing) = (Named::new(), Vec::new(), Vec::new());
    for (name, own) in tensors::collect(&network) {
        match theirs.get(&name) {
            Some(found) => {
                named.insert(name, weights.get(found, own.shape())?.clone());
                used.push((*found).to_owned());
            }
            None => missing.push(name),
        }
    }
    if !missing.is_empty() {
        return Err(StateDictError::Missing { names: missing });
    }
    let network = tensors::apply(network, named).expect("every name and shape was checked");
    Ok((network, used))
}

/// Torchvision's name of a tensor. The authors' names have the index of the child of ResNet18 instead.
fn torchvision_name(name: &str) -> Option<String> {
    let Some(numbered) = name.strip_prefix("feature_net.resnet18.") else { return Some(name.to_owned()) };
    let (child, rest) = numbered.split_once('.')?;
    let child = match child {
        "0" => "conv1",
        "1" => "bn1",
        "4" => "layer1",
        "5" => "layer2",
        "6" => "layer3",
        "7" => "layer4",
        _ => return None,
    };
    Some(format!("{child}.{rest}"))
}
