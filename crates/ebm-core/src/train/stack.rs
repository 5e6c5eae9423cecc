//! Stacks: several networks of one shape as one model, which a GPU trains in little more time than one network.
//!
//! Every parameter of a stack is the concatenation of its networks' parameters along the first dimension, and so is
//! every batch. Only [`crate::network::linear::apply`] treats stacks specially, since losses are computed for each
//! example and Adam for each number.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::TensorData;

use crate::io::tensors;
use crate::io::tensors::{Named, replace};
use crate::train::adam::Moments;

/// The stack of the given models.
///
/// # Panics
/// If there are none, or their shapes differ.
pub(crate) fn stack<M: Module>(models: &[M]) -> M {
    if let [model] = models {
        return model.clone();
    }
    let all: Vec<Named> = models.iter().map(tensors::collect).collect();
    let joined = all[0].keys().map(|path| (path.clone(), concat(all.iter().map(|named| &named[path])))).collect();
    replace(models[0].clone(), joined)
}

/// The network with index `network` of a stack of `networks`.
pub(crate) fn part<M: Module>(model: &M, network: usize, networks: usize) -> M {
    if networks == 1 {
        return model.clone();
    }
    let named = tensors::collect(model);
    replace(model.clone(), named.into_iter().map(|(path, data)| (path, share(&data, network, networks))).collect())
}

/// The Adam moments of a stack.
///
/// # Panics
/// If they belong to different parameters.
pub(crate) fn stack_moments(all: &[BTreeMap<String, Moments>]) -> BTreeMap<String, Moments> {
    let join = |path: &String| Moments {
        time: all[0][path].time,
        first: concat(all.iter().map(|moments| &moments[path].first)),
        second: concat(all.iter().map(|moments| &moments[path].second)),
    };
    all[0].keys().map(|path| (path.clone(), join(path))).collect()
}

/// The Adam moments of the network with index `network` of a stack of `networks`.
pub(crate) fn part_of_moments(
    moments: &BTreeMap<String, Moments>,
    network: usize,
    networks: usize,
) -> BTreeMap<String, Moments> {
    let share = |moments: &Moments| Moments {
        time: moments.time,
        first: share(&moments.first, network, networks),
        second: share(&moments.second, network, networks),
    };
    moments.iter().map(|(path, moments)| (path.clone(), share(moments))).collect()
}

/// Concatenates along the first dimension.
fn concat<'a>(parts: impl Iterator<Item = &'a TensorData>) -> TensorData {
    let parts: Vec<_> = parts.collect();
    let mut shape = parts[0].shape().to_vec();
    assert!(parts.iter().all(|part| part.shape()[..] == shape[..]), "networks of a stack must have the same shapes");
    shape[0] *= parts.len();
    TensorData::new(parts.iter().flat_map(|part| part.iter::<f32>()).collect::<Vec<f32>>(), shape)
}

/// Part `part` of `parts` equal parts along the first dimension.
fn share(data: &TensorData, part: usize, parts: usize) -> TensorData {
    let mut shape = data.shape().to_vec();
    shape[0] /= parts;
    let count = shape.iter().product();
    TensorData::new(data.iter::<f32>().skip(part * count).take(count).collect::<Vec<f32>>(), shape)
}

#[cfg(test)]
mod laws;
