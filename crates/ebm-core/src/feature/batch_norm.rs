//! Batch normalisation as PyTorch does it.

use burn::module::{Module, Param, RunningState};
use burn::tensor::module::{batch_norm, batch_norm_train};
use burn::tensor::{Device, Tensor};

use crate::linear::parameter;

const EPSILON: f64 = 1e-5;
/// Share of the batch in the running statistics after it.
const MOMENTUM: f64 = 0.1;

/// `(x − mean) / √(variance + 1e-5) · weight + bias` for each channel.
///
/// On an autodiff input, mean and (biased) variance are the batch's, and the running statistics take in a tenth of
/// them, the variance unbiased. Otherwise they are the running ones. Burn's own layer keeps the biased variance, and
/// shows the statistics before the last batch to whoever saves them; PyTorch does neither.
#[derive(Module, Debug)]
pub struct BatchNorm {
    pub(crate) weight: Param<Tensor<1>>,
    pub(crate) bias: Param<Tensor<1>>,
    pub(crate) running_mean: RunningState<Tensor<1>>,
    pub(crate) running_var: RunningState<Tensor<1>>,
}

impl BatchNorm {
    /// A layer that leaves standardised channels as they are.
    pub fn init(channels: usize, device: &Device) -> Self {
        let inner = device.clone().inner();
        Self {
            weight: parameter(Tensor::ones([channels], &inner), device),
            bias: parameter(Tensor::zeros([channels], &inner), device),
            running_mean: RunningState::new(Tensor::zeros([channels], &inner)),
            running_var: RunningState::new(Tensor::ones([channels], &inner)),
        }
    }

    /// Shapes: `[batch, channels, height, width]`, twice.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        if !input.device().is_autodiff() {
            let constant = |tensor: Tensor<1>| if tensor.device().is_autodiff() { tensor.inner() } else { tensor };
            let [mean, variance] = [&self.running_mean, &self.running_var].map(|state| constant(state.value()));
            return batch_norm(input, constant(weight), constant(bias), mean, variance, EPSILON);
        }
        let [batch, _, height, width] = input.dims();
        let n = (batch * height * width) as f64;
        let normalised = batch_norm_train(input, weight, bias, EPSILON);
        // Of a single value there is no unbiased variance; the biased one, 0, is all that can be said.
        let unbiased = normalised.variance.inner() * (n / (n - 1.0).max(1.0));
        take_in(&self.running_mean, normalised.mean.inner());
        take_in(&self.running_var, unbiased);
        normalised.output
    }
}

/// Moves running statistics towards a batch's, at once: whoever saves the model next sees them.
fn take_in(running: &RunningState<Tensor<1>>, batch: Tensor<1>) {
    running.update(running.value() * (1.0 - MOMENTUM) + batch * MOMENTUM);
    running.value_sync();
}
