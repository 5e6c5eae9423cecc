//! The trait of labelled data sets, and batches on a device.

use burn::tensor::{Device, Tensor};

use crate::math::noise::Noise;

/// A batch of examples on a device. The input is what the feature network reads: see [`crate::network::input::Input`].
#[derive(Debug, Clone)]
pub struct Batch<I = Tensor<2>> {
    /// `[batch, ..]`; `[batch, input]` for rows of numbers.
    pub input: I,
    /// `[batch, target]`
    pub target: Tensor<2>,
}

/// An immutable set of labelled examples `(x_i, y_i)`, in any storage and format.
///
/// For the networks of this library an input is a row of numbers; an image is its pixels, channel by channel.
pub trait Dataset<I = Tensor<2>> {
    /// Number of examples, at least 1.
    fn len(&self) -> usize;

    /// Whether there are no examples.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many numbers an input has.
    fn input_width(&self) -> usize;

    /// Dimensions of a target, D.
    fn target_width(&self) -> usize;

    /// The examples at `rows`, in that order.
    fn batch(&self, rows: &[usize], device: &Device) -> Batch<I>;

    /// The inputs at `rows`, without targets.
    fn input(&self, rows: &[usize], device: &Device) -> I {
        self.batch(rows, device).input
    }

    /// The targets at `rows` in the user's units, row-major `[rows, target]`; `None` if they are known only as in
    /// [`Dataset::batch`], standardised and rounded to `f32`.
    fn labels_at(&self, _rows: &[usize]) -> Option<Vec<f64>> {
        None
    }

    /// The examples at `rows` for training: augmented with `noise` if the data set has an augmentation, otherwise those
    /// of [`Dataset::batch`].
    fn training_batch(&self, rows: &[usize], _noise: &mut Noise, device: &Device) -> Batch<I> {
        self.batch(rows, device)
    }

    /// Hexadecimal digest of all inputs and targets: two data sets with the same fingerprint hold the same data.
    fn fingerprint(&self) -> String;

    /// Passes bytes that identify the inputs to `hash`, for the fingerprint of a data set with other targets.
    fn hash_inputs(&self, hash: &mut dyn FnMut(&[u8])) {
        hash(self.fingerprint().as_bytes());
    }
}
