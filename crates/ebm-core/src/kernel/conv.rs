//! ResNet18's layers on the CPU, forward and backward.
//!
//! Feature maps have the layout `[blocks, height, width, batch, block]`: blocks of channels, pixels, examples, channels
//! of a block. A convolution is a sum of dense matrix products, one for each kernel position and each pair of blocks.
//! The rows of the matrices are neighbouring pixels of all examples, so nothing is copied and nothing is computed for
//! the padding. Threads share the rows of the output. Each row is computed in a fixed order, so results are bitwise the
//! same for any number of threads.

mod convolution;
mod geometry;
mod images;
mod normalise;
mod pool;
mod weights;

#[cfg(test)]
mod laws;

use burn::tensor::Tensor;

use self::convolution::{input_gradient, output, weight_gradient};
use self::geometry::Geometry;
pub(crate) use self::normalise::{Activation, Moments};
use self::weights::Order;
use super::differentiable::{Numbers, Parent, differentiable};

/// Feature maps of a batch.
#[derive(Debug, Clone)]
pub(crate) struct Maps {
    /// `[blocks, height, width, batch, block]`; 0 beyond the last channel.
    numbers: Tensor<5>,
    channels: usize,
    recording: Recording,
}

/// Whether the weights of the following layers get gradients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recording {
    /// Weights that are autodiff tensors get gradients.
    On,
    /// All weights are constants.
    Off,
}

impl Recording {
    fn of<const D: usize>(self, weight: &Tensor<D>) -> Tensor<D> {
        match self {
            Self::On => weight.clone(),
            Self::Off => weight.clone().without_autodiff(),
        }
    }
}

impl Maps {
    /// The convolution of images, `[batch, channels, height, width]`, with `weight`, `[out, channels, kernel, kernel]`.
    pub(crate) fn of_images(images: &Tensor<4>, weight: &Tensor<4>, stride: usize, recording: Recording) -> Self {
        let [channels, ..] = weight.dims();
        Self { numbers: images::convolve(images, &recording.of(weight), stride), channels, recording }
    }

    /// A convolution without a bias, zero padding `⌊kernel / 2⌋`; `weight` is `[out, in, kernel, kernel]`.
    pub(crate) fn convolve(&self, weight: &Tensor<4>, stride: usize) -> Self {
        let [_, height, width, batch, _] = self.numbers.dims();
        let [out, inputs, kernel, _] = weight.dims();
        assert_eq!(inputs, self.channels, "channels of the weight and of the maps");
        let geometry = Geometry::new(batch, [inputs, out], [height, width], kernel, stride);
        let weight = self.recording.of(weight);
        let (input, weights) = (Numbers::of(&self.numbers), Numbers::of(&weight));
        let packed = weights::pack(&geometry, weights.as_slice(), Order::InputsByOutputs);
        let numbers = Numbers::new(output(&geometry, input.as_slice(), &packed), geometry.output_shape());
        let parents = [Parent::new(&self.numbers), Parent::new(&weight)];
        let numbers = differentiable(parents, numbers, move |slopes, [of_input, of_weight]| {
            let of_input = of_input.then(|| {
                let packed = weights::pack(&geometry, weights.as_slice(), Order::OutputsByInputs);
                input_gradient(&geometry, slopes, &packed)
            });
            let of_weight =
                of_weight.then(|| weights::unpack(&geometry, &weight_gradient(&geometry, slopes, input.as_slice())));
            [of_input, of_weight]
        });
        Self { numbers, channels: out, recording: self.recording }
    }

    /// Mean and biased variance of every channel, as constants.
    pub(crate) fn moments(&self) -> Moments {
        let [blocks, .., block] = self.numbers.dims();
        let moments = normalise::moments(Numbers::of(&self.numbers).as_slice(), blocks, block);
        let [mean, variance] = moments.map(|mut numbers| {
            numbers.truncate(self.channels);
            Numbers::new(numbers, [self.channels]).into_tensor()
        });
        Moments::OfTheMaps { mean, variance }
    }

    /// Values per channel: `batch · height · width`.
    pub(crate) fn numbers_of_a_channel(&self) -> usize {
        let [_, height, width, batch, _] = self.numbers.dims();
        height * width * batch
    }

    /// `(x − mean) / √(variance + ε) · weight + bias`, per channel, plus `residual`, then the activation.
    ///
    /// # Gradient
    /// Flows to the maps, the weight, the bias and the residual, and through [`Moments::OfTheMaps`].
    pub(crate) fn normalise(
        &self,
        [weight, bias]: [&Tensor<1>; 2],
        moments: &Moments,
        epsilon: f64,
        residual: Option<&Self>,
        activation: Activation,
    ) -> Self {
        let residual = residual.map(|residual| &residual.numbers);
        let [weight, bias] = [weight, bias].map(|parameter| self.recording.of(parameter));
        let numbers = normalise::normalise(&self.numbers, [&weight, &bias], moments, epsilon, residual, activation);
        Self { numbers, ..self.clone() }
    }

    /// Max pooling: 3 × 3 windows, stride 2, padding 1.
    pub(crate) fn max_pool(&self) -> Self {
        Self { numbers: pool::max_pool(&self.numbers), ..self.clone() }
    }

    /// Means over the pixels, `[batch, channels]`.
    pub(crate) fn mean(&self) -> Tensor<2> {
        let [blocks, height, width, batch, block] = self.numbers.dims();
        let means = self.numbers.clone().reshape([blocks, height * width, batch, block]).mean_dim(1);
        let rows = means.squeeze_dim::<3>(1).swap_dims(0, 1).reshape([batch, blocks * block]);
        if blocks * block == self.channels { rows } else { rows.slice([0..batch, 0..self.channels]) }
    }
}
