//! The residual block of ResNet18.

use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

#[cfg(feature = "cpu")]
use crate::kernel::conv::{Activation, Maps};
use crate::math::noise::Noise;
use crate::network::batch_norm::{BatchNorm, Statistics};
use crate::network::conv::{Conv, ConvConfig};

/// `ReLU(x + B(C(ReLU(B(C(x))))))`, where C is a 3 × 3 convolution and B a batch normalisation; `x` is projected if the
/// sizes differ.
#[derive(Module, Debug)]
pub(super) struct Block {
    conv1: Conv,
    bn1: BatchNorm,
    conv2: Conv,
    bn2: BatchNorm,
    downsample: Option<(Conv, BatchNorm)>,
}

impl Block {
    /// A block from `from` to `to` channels; stride 2 halves height and width.
    pub fn init([from, to]: [usize; 2], stride: usize, noise: &mut Noise, device: &Device) -> Self {
        let mut conv = |from, kernel, stride| ConvConfig { channels: [from, to], kernel, stride }.init(noise, device);
        let norm = || BatchNorm::init(to, device);
        let conv1 = conv(from, 3, stride);
        let conv2 = conv(to, 3, 1);
        let downsample = (from != to || stride != 1).then(|| (conv(from, 1, stride), norm()));
        Self { conv1, bn1: norm(), conv2, bn2: norm(), downsample }
    }

    /// Shapes: `[batch, from, height, width]` → `[batch, to, height / stride, width / stride]`.
    pub fn forward(&self, input: Tensor<4>, statistics: Statistics) -> Tensor<4> {
        let hidden = relu(self.bn1.forward(self.conv1.forward(input.clone()), statistics));
        let residual = self.bn2.forward(self.conv2.forward(hidden), statistics);
        let input = match &self.downsample {
            Some((conv, norm)) => norm.forward(conv.forward(input), statistics),
            None => input,
        };
        relu(input + residual)
    }

    /// [`Block::forward`] by the CPU kernel.
    #[cfg(feature = "cpu")]
    pub fn forward_maps(&self, input: &Maps, statistics: Statistics) -> Maps {
        let hidden = self.conv1.forward_maps(input);
        let hidden = self.bn1.forward_maps(&hidden, statistics, None, Activation::Relu);
        let residual = self.conv2.forward_maps(&hidden);
        let projected = self
            .downsample
            .as_ref()
            .map(|(conv, norm)| norm.forward_maps(&conv.forward_maps(input), statistics, None, Activation::None));
        self.bn2.forward_maps(&residual, statistics, Some(projected.as_ref().unwrap_or(input)), Activation::Relu)
    }
}
