//! Examples in memory.

use std::marker::PhantomData;

use burn::tensor::{Device, Tensor, TensorData};
use sha2::{Digest, Sha256};

use crate::data::dataset::{Batch, Dataset};
use crate::io::weights::hexadecimal;
use crate::network::input::{Input, gather};

/// Examples `(x_i, y_i)` in memory, immutable. Inputs are rows of numbers, or any other [`Input`].
#[derive(Debug, Clone)]
pub struct Examples<I = Tensor<2>> {
    /// The parts of [`Input::to_host`], each with the examples along its first dimension.
    inputs: Vec<TensorData>,
    /// Row-major `[n, target]`.
    targets: Vec<f32>,
    target_width: usize,
    kind: PhantomData<fn() -> I>,
}

impl Examples {
    /// Inputs are rows of `input_width` numbers, targets rows of `target_width`; both row-major.
    ///
    /// # Panics
    /// If the lengths are not whole rows of the same number of examples, or there are none.
    pub fn new(inputs: Vec<f32>, input_width: usize, targets: Vec<f32>, target_width: usize) -> Self {
        assert!(!inputs.is_empty() && inputs.len().is_multiple_of(input_width), "inputs must be whole rows");
        let rows = inputs.len() / input_width;
        Self::held(vec![TensorData::new(inputs, [rows, input_width])], targets, target_width)
    }

    /// Scalar inputs and targets, rounded to `f32`.
    ///
    /// # Panics
    /// If the lengths differ or are zero.
    pub fn from_pairs(x: &[f64], y: &[f64]) -> Self {
        let round = |values: &[f64]| values.iter().map(|&v| v as f32).collect();
        Self::new(round(x), 1, round(y), 1)
    }

    /// The inputs, row-major `[n, input]`.
    pub(super) fn numbers(&self) -> &[f32] {
        self.inputs[0].as_slice().expect("rows are f32")
    }
}

impl<I: Input> Examples<I> {
    /// Copies tensors to memory: `inputs` `[n, ..]`, `targets` `[n, target]`.
    ///
    /// # Panics
    /// If their numbers of examples differ or are zero.
    pub fn of(inputs: &I, targets: &Tensor<2>) -> Self {
        let targets = targets.to_host().remove(0);
        let width = targets.shape()[1];
        Self::held(inputs.to_host(), targets.try_into_vec().expect("targets are f32"), width)
    }

    /// Inputs without targets, for [`crate::data::labelled::Labelled::of`]. The targets have 0 dimensions.
    ///
    /// # Panics
    /// If there are no inputs, or the parts of the inputs differ in their number of examples.
    pub fn unlabelled(inputs: &I) -> Self {
        Self::held(inputs.to_host(), Vec::new(), 0)
    }

    fn held(inputs: Vec<TensorData>, targets: Vec<f32>, target_width: usize) -> Self {
        let rows = inputs[0].shape()[0];
        assert!(rows > 0 && inputs.iter().all(|part| part.shape()[0] == rows), "parts of inputs differ in length");
        assert_eq!(rows * target_width, targets.len(), "there must be as many targets as inputs");
        Self { inputs, targets, target_width, kind: PhantomData }
    }
}

impl<I: Input> Dataset<I> for Examples<I> {
    fn len(&self) -> usize {
        self.inputs[0].shape()[0]
    }

    fn input_width(&self) -> usize {
        self.inputs.iter().map(|part| part.shape()[1..].iter().product::<usize>()).sum()
    }

    fn target_width(&self) -> usize {
        self.target_width
    }

    fn batch(&self, rows: &[usize], device: &Device) -> Batch<I> {
        let width = self.target_width;
        let targets: Vec<f32> = rows.iter().flat_map(|row| &self.targets[row * width..][..width]).copied().collect();
        let target = Tensor::from_data(TensorData::new(targets, [rows.len(), width]), device);
        Batch { input: self.input(rows, device), target }
    }

    fn input(&self, rows: &[usize], device: &Device) -> I {
        I::from_host(&mut self.inputs.iter().map(|part| gather(part, rows)), device)
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for width in [self.input_width(), self.target_width] {
            hash.update((width as u64).to_le_bytes());
        }
        self.hash_inputs(&mut |bytes| hash.update(bytes));
        for value in &self.targets {
            hash.update(value.to_le_bytes());
        }
        hexadecimal(hash)
    }

    fn hash_inputs(&self, hash: &mut dyn FnMut(&[u8])) {
        for part in &self.inputs {
            // For rows of numbers, the width is hashed already.
            if self.inputs.len() > 1 || part.rank() > 2 {
                part.shape().iter().for_each(|length| hash(&(*length as u64).to_le_bytes()));
            }
            hash(part.bytes());
        }
    }
}
