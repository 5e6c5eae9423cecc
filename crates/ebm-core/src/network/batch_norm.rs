//! Batch normalisation with PyTorch's statistics.

use burn::module::{Module, Param};
use burn::tensor::module::{batch_norm, batch_norm_train};
use burn::tensor::{Device, Tensor};

use super::running::Running;
#[cfg(feature = "cpu")]
use crate::kernel::conv::{Activation, Maps, Moments};
use crate::network::linear::parameter;

const EPSILON: f64 = 1e-5;
const MOMENTUM: f64 = 0.1;

/// The mean and variance that normalise an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statistics {
    /// Those of the batch, which also update the running statistics: training.
    Batch,
    /// The running statistics: prediction.
    Running,
}

/// Batch normalisation over images: `(x − mean) / √(variance + ε) · weight + bias`, per channel.
///
/// As in PyTorch, a batch is normalised with its biased variance, while the running variance is updated with the
/// unbiased one. (Burn's own layer updates it with the biased one, and selects the statistics by the device of its
/// input.)
#[derive(Module, Debug)]
pub(super) struct BatchNorm {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    running_mean: Running,
    running_var: Running,
}

impl BatchNorm {
    /// Weight 1, bias 0, running mean 0, running variance 1.
    pub fn init(channels: usize, device: &Device) -> Self {
        let constants = device.clone().inner();
        let ones = || Tensor::ones([channels], &constants);
        let zeros = || Tensor::zeros([channels], &constants);
        Self {
            weight: parameter(ones(), device),
            bias: parameter(zeros(), device),
            running_mean: Running::new(zeros()),
            running_var: Running::new(ones()),
        }
    }

    /// Shapes: `[batch, channels, height, width]`, unchanged.
    ///
    /// A single value per channel has no unbiased variance: it is normalised to `bias`, and the running variance does
    /// not change.
    pub fn forward(&self, input: Tensor<4>, statistics: Statistics) -> Tensor<4> {
        let [weight, bias] = [self.weight.val(), self.bias.val()];
        match statistics {
            Statistics::Running => {
                batch_norm(input, weight, bias, self.running_mean.value(), self.running_var.value(), EPSILON)
            }
            Statistics::Batch => {
                let [batch, _, height, width] = input.dims();
                let values = (batch * height * width) as f64;
                let normalised = batch_norm_train(input, weight, bias, EPSILON);
                self.observe(values, normalised.mean, normalised.variance);
                normalised.output
            }
        }
    }

    /// [`BatchNorm::forward`] by the CPU kernel, then `+ residual`, then `activation`.
    #[cfg(feature = "cpu")]
    pub fn forward_maps(
        &self,
        input: &Maps,
        statistics: Statistics,
        residual: Option<&Maps>,
        activation: Activation,
    ) -> Maps {
        let [weight, bias] = [&self.weight.val(), &self.bias.val()];
        let moments = match statistics {
            Statistics::Running => {
                Moments::Given { mean: self.running_mean.value(), variance: self.running_var.value() }
            }
            Statistics::Batch => input.moments(),
        };
        if let Moments::OfTheMaps { mean, variance } = &moments {
            self.observe(input.numbers_of_a_channel() as f64, mean.clone(), variance.clone());
        }
        input.normalise([weight, bias], &moments, EPSILON, residual, activation)
    }

    /// Updates the running statistics with the mean and the biased variance, both `[channels]`, of `values` values per
    /// channel.
    fn observe(&self, values: f64, mean: Tensor<1>, variance: Tensor<1>) {
        self.running_mean.observe(mean, MOMENTUM);
        if values > 1.0 {
            self.running_var.observe(variance * (values / (values - 1.0)), MOMENTUM);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    /// Two channels, values `0, 1, 2, 3` and `0, 2, 4, 6`.
    fn input(device: &Device) -> Tensor<4> {
        Tensor::from_floats([[[[0.0, 1.0]], [[0.0, 2.0]]], [[[2.0, 3.0]], [[4.0, 6.0]]]], device)
    }

    #[test]
    fn the_running_variance_follows_the_unbiased_one() {
        let device = Device::flex();
        let layer = BatchNorm::init(2, &device.clone().autodiff());
        let output = layer.forward(input(&device).autodiff(), Statistics::Batch);
        // The biased variances 1.25 and 5 normalise; the unbiased 5/3 and 20/3 update the running variance.
        let first = read(output)[0];
        assert!((first + 1.5 / (1.25_f32 + 1e-5).sqrt()).abs() < 1e-6, "{first}");
        for (running, expected) in
            [(&layer.running_mean, [0.15, 0.3]), (&layer.running_var, [1.066_666_7, 1.566_666_7])]
        {
            for (found, expected) in read(running.value()).into_iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{found} {expected}");
            }
        }
    }

    #[test]
    fn running_statistics_normalise_and_stay() {
        let device = Device::flex();
        let layer = BatchNorm::init(2, &device.clone().autodiff());
        let output = layer.forward(input(&device), Statistics::Running);
        let scale = 1.0 / (1.0_f32 + 1e-5).sqrt();
        for (found, value) in read(output).into_iter().zip(read(input(&device))) {
            assert!((found - value * scale).abs() < 1e-6);
        }
        assert_eq!(read(layer.running_mean.value()), [0.0, 0.0]);
        assert_eq!(read(layer.running_var.value()), [1.0, 1.0]);
    }

    #[test]
    fn a_single_value_is_finite_and_leaves_the_variance() {
        let layer = BatchNorm::init(2, &Device::flex().autodiff());
        let one = Tensor::<4>::from_floats([[[[7.0]], [[-7.0]]]], &Device::flex()).autodiff();
        assert_eq!(read(layer.forward(one, Statistics::Batch)), [0.0, 0.0]);
        assert_eq!(read(layer.running_var.value()), [1.0, 1.0]);
    }
}
