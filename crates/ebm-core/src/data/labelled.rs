//! A data set with labels in the user's units, standardised when a batch is made.

use burn::tensor::{Device, Tensor, TensorData};
use sha2::{Digest, Sha256};

use crate::data::dataset::{Batch, Dataset};
use crate::data::examples::Examples;
use crate::data::space::{TargetError, TargetSpace};
use crate::io::weights::hexadecimal;
use crate::math::noise::Noise;

/// The inputs of a data set, with labels in the user's units instead of its targets. Immutable.
///
/// Batches hold standardised targets. In a training batch, values of a lattice, such as counts, are dequantised: `k + u`
/// with `u` uniform on `[0, 1)` from the batch's noise. In other batches they are `k + ½`.
#[derive(Debug, Clone)]
pub struct Labelled<D = Examples> {
    inputs: D,
    /// Row-major `[n, D]`, in the user's units.
    labels: Vec<f64>,
    space: TargetSpace,
}

impl Labelled {
    /// Inputs are rows of `input_width` encoded numbers; labels are in the user's units. Both are row-major.
    ///
    /// # Errors
    /// [`TargetError::OutOfSupport`] with the row of a label outside the support of its kind.
    ///
    /// # Panics
    /// If the inputs are not whole rows, one for each label, or there are none.
    pub fn new(
        inputs: Vec<f32>,
        input_width: usize,
        labels: Vec<f64>,
        space: TargetSpace,
    ) -> Result<Self, TargetError> {
        Self::of(Examples::new(inputs, input_width, Vec::new(), 0), labels, space)
    }

    /// The inputs, row-major `[n, input]`.
    pub fn inputs(&self) -> &[f32] {
        self.inputs.numbers()
    }
}

impl<D> Labelled<D> {
    /// The inputs of any data set, such as [`Examples::unlabelled`] for tensors, or images.
    ///
    /// # Errors
    /// [`TargetError::OutOfSupport`] with the row of a label outside the support of its kind.
    ///
    /// # Panics
    /// If there are not as many inputs as labels.
    pub fn of<I>(inputs: D, labels: Vec<f64>, space: TargetSpace) -> Result<Self, TargetError>
    where
        D: Dataset<I>,
    {
        assert_eq!(inputs.len() * space.dimensions(), labels.len(), "there must be as many labels as inputs");
        space.check(&labels)?;
        Ok(Self { inputs, labels, space })
    }

    /// The labels in the user's units, row-major `[n, D]`.
    pub fn labels(&self) -> &[f64] {
        &self.labels
    }

    /// How labels are standardised.
    pub fn space(&self) -> &TargetSpace {
        &self.space
    }

    /// The labels at `rows`, each converted by `see(dimension, label)`: `[rows, D]`.
    fn targets(&self, rows: &[usize], device: &Device, mut see: impl FnMut(usize, f64) -> f64) -> Tensor<2> {
        let dimensions = self.space.dimensions();
        let labels = rows.iter().flat_map(|row| self.labels[row * dimensions..][..dimensions].iter().enumerate());
        let target: Vec<f32> = labels.map(|(d, &y)| see(d, y) as f32).collect();
        Tensor::from_data(TensorData::new(target, [rows.len(), dimensions]), device)
    }
}

impl<I, D: Dataset<I>> Dataset<I> for Labelled<D> {
    fn len(&self) -> usize {
        self.inputs.len()
    }

    fn input_width(&self) -> usize {
        self.inputs.input_width()
    }

    fn target_width(&self) -> usize {
        self.space.dimensions()
    }

    fn batch(&self, rows: &[usize], device: &Device) -> Batch<I> {
        let target = self.targets(rows, device, |d, y| self.space.0[d].to_model(y));
        Batch { input: self.inputs.input(rows, device), target }
    }

    fn input(&self, rows: &[usize], device: &Device) -> I {
        self.inputs.input(rows, device)
    }

    fn labels_at(&self, rows: &[usize]) -> Option<Vec<f64>> {
        let dimensions = self.space.dimensions();
        Some(rows.iter().flat_map(|row| &self.labels[row * dimensions..][..dimensions]).copied().collect())
    }

    fn training_batch(&self, rows: &[usize], noise: &mut Noise, device: &Device) -> Batch<I> {
        let target = self.targets(rows, device, |d, y| self.space.0[d].dequantised_to_model(y, || noise.unit()));
        Batch { input: self.inputs.input(rows, device), target }
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for width in [self.inputs.input_width(), self.space.dimensions()] {
            hash.update((width as u64).to_le_bytes());
        }
        hash.update(serde_json::to_vec(&self.space).expect("a target space is plain data"));
        self.inputs.hash_inputs(&mut |bytes| hash.update(bytes));
        self.labels.iter().for_each(|value| hash.update(value.to_le_bytes()));
        hexadecimal(hash)
    }
}
