//! Examples in memory.

use burn::tensor::{Device, Tensor, TensorData};
use sha2::{Digest, Sha256};

use crate::data::dataset::{Batch, Dataset};

/// Examples `(x_i, y_i)`, row-major, immutable once made.
#[derive(Debug, Clone)]
pub struct Examples {
    inputs: Vec<f32>,
    targets: Vec<f32>,
    input_width: usize,
    target_width: usize,
}

impl Examples {
    /// # Panics
    /// When the lengths are not whole rows of the same number of examples, or there are none.
    pub fn new(inputs: Vec<f32>, input_width: usize, targets: Vec<f32>, target_width: usize) -> Self {
        assert!(!inputs.is_empty() && inputs.len().is_multiple_of(input_width), "inputs are whole rows");
        assert_eq!(inputs.len() / input_width * target_width, targets.len(), "as many targets as inputs");
        Self { inputs, targets, input_width, target_width }
    }

    /// Scalar inputs and targets. Rounds to `f32`.
    ///
    /// # Panics
    /// When the lengths differ or are zero.
    pub fn from_pairs(x: &[f64], y: &[f64]) -> Self {
        let round = |values: &[f64]| values.iter().map(|&v| v as f32).collect();
        Self::new(round(x), 1, round(y), 1)
    }
}

impl Dataset for Examples {
    fn len(&self) -> usize {
        self.inputs.len() / self.input_width
    }

    fn input_width(&self) -> usize {
        self.input_width
    }

    fn target_width(&self) -> usize {
        self.target_width
    }

    fn batch(&self, rows: &[usize], device: &Device) -> Batch {
        let gather = |from: &[f32], width: usize| {
            let values: Vec<f32> =
                rows.iter().flat_map(|row| from[row * width..(row + 1) * width].iter().copied()).collect();
            Tensor::from_data(TensorData::new(values, [rows.len(), width]), device)
        };
        Batch { input: gather(&self.inputs, self.input_width), target: gather(&self.targets, self.target_width) }
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for width in [self.input_width, self.target_width] {
            hash.update((width as u64).to_le_bytes());
        }
        for value in self.inputs.iter().chain(&self.targets) {
            hash.update(value.to_le_bytes());
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
