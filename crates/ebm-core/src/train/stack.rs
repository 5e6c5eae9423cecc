//! Several networks of one shape as one model, which a GPU trains in little more than the time of one.
//!
//! Every parameter of a stack is that of its networks, one after another along the first dimension, and so is every
//! batch. All that knows of it is [`crate::network::linear::apply`]; losses are per example anyway, and Adam per number.

use std::collections::BTreeMap;

use burn::module::Module;
use burn::tensor::TensorData;

use crate::io::tensors;
use crate::io::tensors::{Named, replace};
use crate::train::adam::Moments;

/// The stack of these models.
///
/// # Panics
/// When there is none, or they are not of one shape.
pub(crate) fn stack<M: Module>(models: &[M]) -> M {
    if let [model] = models {
        return model.clone();
    }
    let all: Vec<Named> = models.iter().map(tensors::collect).collect();
    let joined = all[0].keys().map(|path| (path.clone(), concat(all.iter().map(|named| &named[path])))).collect();
    replace(models[0].clone(), joined)
}

/// One network of a stack of so many.
pub(crate) fn part<M: Module>(model: &M, network: usize, networks: usize) -> M {
    if networks == 1 {
        return model.clone();
    }
    let named = tensors::collect(model);
    replace(model.clone(), named.into_iter().map(|(path, data)| (path, share(&data, network, networks))).collect())
}

/// The moments of a stack.
///
/// # Panics
/// When they are not of the same parameters.
pub(crate) fn stack_moments(all: &[BTreeMap<String, Moments>]) -> BTreeMap<String, Moments> {
    let join = |path: &String| Moments {
        time: all[0][path].time,
        first: concat(all.iter().map(|moments| &moments[path].first)),
        second: concat(all.iter().map(|moments| &moments[path].second)),
    };
    all[0].keys().map(|path| (path.clone(), join(path))).collect()
}

/// The moments of one network of a stack of so many.
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

/// Along the first dimension.
fn concat<'a>(parts: impl Iterator<Item = &'a TensorData>) -> TensorData {
    let parts: Vec<_> = parts.collect();
    let mut shape = parts[0].shape().to_vec();
    assert!(parts.iter().all(|part| part.shape()[..] == shape[..]), "networks of a stack have one shape");
    shape[0] *= parts.len();
    TensorData::new(parts.iter().flat_map(|part| part.iter::<f32>()).collect::<Vec<f32>>(), shape)
}

/// One of so many equal parts along the first dimension.
fn share(data: &TensorData, part: usize, parts: usize) -> TensorData {
    let mut shape = data.shape().to_vec();
    shape[0] /= parts;
    let count = shape.iter().product();
    TensorData::new(data.iter::<f32>().skip(part * count).take(count).collect::<Vec<f32>>(), shape)
}

#[cfg(test)]
mod laws;
