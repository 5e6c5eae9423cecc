//! Some examples of a data set.

use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use sha2::{Digest, Sha256};

use crate::data::dataset::{Batch, Dataset};
use crate::io::weights::hexadecimal;
use crate::math::noise::Noise;

/// The examples at some rows of a data set that others share, such as the folds of a cross-validation.
#[derive(Debug, Clone)]
pub struct Subset<D> {
    all: Arc<D>,
    rows: Vec<usize>,
}

impl<D> Subset<D> {
    /// The examples at `rows`, in that order.
    pub fn new(all: Arc<D>, rows: Vec<usize>) -> Self {
        Self { all, rows }
    }

    /// The rows in the data set that they come from.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    fn of(&self, rows: &[usize]) -> Vec<usize> {
        rows.iter().map(|&row| self.rows[row]).collect()
    }
}

impl<D: Dataset> Dataset for Subset<D> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn input_width(&self) -> usize {
        self.all.input_width()
    }

    fn target_width(&self) -> usize {
        self.all.target_width()
    }

    fn batch(&self, rows: &[usize], device: &Device) -> Batch {
        self.all.batch(&self.of(rows), device)
    }

    fn input(&self, rows: &[usize], device: &Device) -> Tensor<2> {
        self.all.input(&self.of(rows), device)
    }

    fn labels_at(&self, rows: &[usize]) -> Option<Vec<f64>> {
        self.all.labels_at(&self.of(rows))
    }

    fn training_batch(&self, rows: &[usize], noise: &mut Noise, device: &Device) -> Batch {
        self.all.training_batch(&self.of(rows), noise, device)
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.all.fingerprint());
        self.rows.iter().for_each(|row| hash.update((*row as u64).to_le_bytes()));
        hexadecimal(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::examples::Examples;

    #[test]
    fn a_subset_gives_its_rows_in_its_order() {
        let device = Device::flex();
        let all = Arc::new(Examples::from_pairs(&[0.0, 1.0, 2.0, 3.0], &[0.0, 10.0, 20.0, 30.0]));
        let subset = Subset::new(Arc::clone(&all), vec![3, 1]);
        assert_eq!((subset.len(), subset.input_width(), subset.target_width()), (2, 1, 1));
        let batch = subset.batch(&[1, 0], &device);
        let read = |tensor: Tensor<2>| tensor.into_data().try_to_vec::<f32>().unwrap();
        assert_eq!((read(batch.input), read(batch.target)), (vec![1.0, 3.0], vec![10.0, 30.0]));
        let other = Subset::new(all, vec![1, 3]);
        assert_ne!(subset.fingerprint(), other.fingerprint());
    }
}
