//! Inputs and targets in the user's units, as a data set that networks train on.

use burn::tensor::{Device, Tensor, TensorData};
use sha2::{Digest, Sha256};

use crate::data::dataset::{Batch, Dataset};
use crate::data::space::{TargetError, TargetKind, TargetSpace};
use crate::math::noise::Noise;

/// Examples whose inputs are encoded and whose labels are in the user's units, row-major, immutable once made.
///
/// Batches hold what the networks see. Counts are dequantised in a training batch, `n + u` with `u` uniform on `[0, 1)`
/// from the batch's noise, and taken at `n + ½` otherwise.
#[derive(Debug, Clone)]
pub struct Labelled {
    inputs: Vec<f32>,
    labels: Vec<f64>,
    input_width: usize,
    space: TargetSpace,
}

impl Labelled {
    /// # Errors
    /// [`TargetError::OutOfSupport`] with the row of a label that no target of these kinds has.
    ///
    /// # Panics
    /// When the inputs are not as many whole rows as there are labels, or there are none.
    pub fn new(
        inputs: Vec<f32>,
        input_width: usize,
        labels: Vec<f64>,
        space: TargetSpace,
    ) -> Result<Self, TargetError> {
        assert!(!inputs.is_empty() && inputs.len().is_multiple_of(input_width), "inputs are whole rows");
        assert_eq!(inputs.len() / input_width * space.dimensions(), labels.len(), "as many labels as inputs");
        space.check(&labels)?;
        Ok(Self { inputs, labels, input_width, space })
    }

    /// The inputs, row-major `[n, input]`.
    pub fn inputs(&self) -> &[f32] {
        &self.inputs
    }

    /// The labels in the user's units, row-major `[n, D]`.
    pub fn labels(&self) -> &[f64] {
        &self.labels
    }

    /// How labels become what networks see.
    pub fn space(&self) -> &TargetSpace {
        &self.space
    }

    fn gather(&self, rows: &[usize], device: &Device, mut see: impl FnMut(usize, f64) -> f64) -> Batch {
        let (width, dimensions) = (self.input_width, self.space.dimensions());
        let input: Vec<f32> = rows.iter().flat_map(|row| &self.inputs[row * width..][..width]).copied().collect();
        let labels = rows.iter().flat_map(|row| self.labels[row * dimensions..][..dimensions].iter().enumerate());
        let target: Vec<f32> = labels.map(|(d, &y)| see(d, y) as f32).collect();
        Batch {
            input: Tensor::from_data(TensorData::new(input, [rows.len(), width]), device),
            target: Tensor::from_data(TensorData::new(target, [rows.len(), dimensions]), device),
        }
    }
}

impl Dataset for Labelled {
    fn len(&self) -> usize {
        self.inputs.len() / self.input_width
    }

    fn input_width(&self) -> usize {
        self.input_width
    }

    fn target_width(&self) -> usize {
        self.space.dimensions()
    }

    fn batch(&self, rows: &[usize], device: &Device) -> Batch {
        self.gather(rows, device, |d, y| self.space.0[d].to_model(y))
    }

    fn training_batch(&self, rows: &[usize], noise: &mut Noise, device: &Device) -> Batch {
        self.gather(rows, device, |d, y| match self.space.0[d].kind {
            TargetKind::Count => self.space.0[d].continuous_to_model(y + noise.unit()),
            _ => self.space.0[d].to_model(y),
        })
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for width in [self.input_width, self.space.dimensions()] {
            hash.update((width as u64).to_le_bytes());
        }
        hash.update(serde_json::to_vec(&self.space).expect("a target space is plain data"));
        self.inputs.iter().for_each(|value| hash.update(value.to_le_bytes()));
        self.labels.iter().for_each(|value| hash.update(value.to_le_bytes()));
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
