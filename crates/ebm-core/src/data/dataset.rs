//! Labelled examples, and how batches of them reach a device.

use burn::tensor::{Device, Tensor};

use crate::math::noise::Noise;

/// Some of the examples, on a device.
#[derive(Debug, Clone)]
pub struct Batch {
    /// `[batch, input]`
    pub input: Tensor<2>,
    /// `[batch, target]`
    pub target: Tensor<2>,
}

/// Labelled examples `(x_i, y_i)` that never change, wherever they are kept and in whatever form.
///
/// An input is a row of numbers; an image is its pixels, channel by channel, as its network wants them.
pub trait Dataset {
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
    fn batch(&self, rows: &[usize], device: &Device) -> Batch;

    /// The examples at `rows` as they are trained on: augmented with `noise` if this set is, otherwise as
    /// [`Dataset::batch`] gives them.
    fn training_batch(&self, rows: &[usize], _noise: &mut Noise, device: &Device) -> Batch {
        self.batch(rows, device)
    }

    /// Hexadecimal digest of everything: two sets with the same fingerprint are the same data.
    fn fingerprint(&self) -> String;
}
