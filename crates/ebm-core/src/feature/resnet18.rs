//! ResNet18 in torchvision's layout, without its last layer.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::{Device, Tensor};

use crate::Noise;

/// ResNet18 (He et al., 2016) without its last layer: images → features.
#[derive(Module, Debug)]
pub struct Resnet18 {
    conv: Conv2d,
}

impl Resnet18 {
    /// A network whose first convolution has `width` channels, weights drawn from `noise`.
    pub fn init(_width: usize, _noise: &mut Noise, _device: &Device) -> Self {
        unimplemented!("placeholder until the network is written")
    }

    /// Shapes: `[batch, 3·64·64]` → `[batch, 8·width]`.
    pub fn forward(&self, _input: Tensor<2>) -> Tensor<2> {
        unimplemented!("placeholder until the network is written")
    }
}
