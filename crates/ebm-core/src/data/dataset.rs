//! Labelled examples, and how batches of them reach a device.

use burn::tensor::{Device, Tensor};

use crate::math::noise::Noise;

/// Some of the examples, on a device. The input is what the feature network reads: see [`crate::network::input::Input`].
#[derive(Debug, Clone)]
pub struct Batch<I = Tensor<2>> {
    /// `[batch, ..]`; `[batch, input]` for rows of numbers.
    pub input: I,
    /// `[batch, target]`
    pub target: Tensor<2>,
}

/// Labelled examples `(x_i, y_i)` that never change, wherever they are kept and in whatever form.
///
/// For the networks of this library an input is a row of numbers; an image is its pixels, channel by channel.
pub trait Dataset<I = Tensor<2>> {
    /// Number of examples, at least 1.
    fn len(&self) -> usize;

    /// Whether there is no example.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers in an input.
    fn input_width(&self) -> usize;

    /// Dimensions of a target, D.
    fn target_width(&self) -> usize;

    /// The examples at `rows`, in that order.
    fn batch(&self, rows: &[usize], device: &Device) -> Batch<I>;

    /// The inputs alone.
    fn input(&self, rows: &[usize], device: &Device) -> I {
        self.batch(rows, device).input
    }

    /// The targets at `rows` in the user's units, row-major `[rows, target]`, where they are known more precisely than from
    /// [`Dataset::batch`].
    fn labels_at(&self, _rows: &[usize]) -> Option<Vec<f64>> {
        None
    }

    /// The examples at `rows` as they are trained on: augmented with `noise` if this set is, otherwise as
    /// [`Dataset::batch`] gives them.
    fn training_batch(&self, rows: &[usize], _noise: &mut Noise, device: &Device) -> Batch<I> {
        self.batch(rows, device)
    }

    /// Hexadecimal digest of everything: two sets with the same fingerprint are the same data.
    fn fingerprint(&self) -> String;

    /// Gives `hash` bytes that are the same for the same inputs, for the fingerprint of a set with other targets.
    fn hash_inputs(&self, hash: &mut dyn FnMut(&[u8])) {
        hash(self.fingerprint().as_bytes());
    }
}
