//! Convolutions without a bias, whose initial weights come from [`Noise`].

use burn::module::{Module, Param};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};

#[cfg(feature = "cpu")]
use crate::kernel::conv::{Maps, Recording};
use crate::math::noise::Noise;
use crate::network::linear::parameter;

/// Sizes of a [`Conv`].
#[derive(Debug, Clone, Copy)]
pub(super) struct ConvConfig {
    /// Channels in and out.
    pub channels: [usize; 2],
    /// Height and width of the kernel, odd. The input is padded so that stride 1 keeps its size.
    pub kernel: usize,
    /// Distance between windows, in pixels.
    pub stride: usize,
}

/// A convolution of images with a square kernel and zero padding, without bias.
#[derive(Module, Debug)]
pub(super) struct Conv {
    /// `[out, in, kernel, kernel]`
    weight: Param<Tensor<4>>,
    #[module(skip)]
    stride: usize,
}

impl ConvConfig {
    /// Weights `N(0, 2 / (out · kernel²))`: He et al. (2015), eq. (14), as in torchvision's ResNets.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> Conv {
        let &Self { channels: [inputs, outputs], kernel, stride } = self;
        let scale = (2.0 / (outputs * kernel * kernel) as f64).sqrt();
        let weight = noise.normal([outputs, inputs, kernel, kernel], &device.clone().inner()) * scale;
        Conv { weight: parameter(weight, device), stride }
    }
}

impl Conv {
    /// Number of output channels.
    pub fn outputs(&self) -> usize {
        self.weight.dims()[0]
    }

    /// Shapes: `[batch, in, height, width]` → `[batch, out, ⌈height / stride⌉, ⌈width / stride⌉]`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let weight = self.weight.val();
        let padding = weight.dims()[2] / 2;
        conv2d(input, weight, None, ConvOptions::new([self.stride; 2], [padding; 2], [1; 2], 1))
    }

    /// [`Conv::forward`] by the CPU kernel.
    #[cfg(feature = "cpu")]
    pub fn forward_maps(&self, input: &Maps) -> Maps {
        input.convolve(&self.weight.val(), self.stride)
    }

    /// [`Conv::forward`] on images `[batch, in, height, width]`, by the CPU kernel.
    #[cfg(feature = "cpu")]
    pub fn forward_images(&self, images: &Tensor<4>, recording: Recording) -> Maps {
        Maps::of_images(images, &self.weight.val(), self.stride, recording)
    }
}
