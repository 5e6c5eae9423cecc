//! ResNet18 in torchvision's layout, without its last layer.

mod block;

use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};

use self::block::Block;
use super::batch_norm::{BatchNorm, Statistics};
use super::conv::{Conv, ConvConfig};
use super::features::Features;
use crate::kernel::Kernels;
#[cfg(feature = "cpu")]
use crate::kernel::conv::{Activation, Recording};
#[cfg(feature = "cpu")]
use crate::math::host::on_cpu;
use crate::math::noise::Noise;

/// ResNet18 (He et al., 2016) without its last layer: images → features. Paper: App. F.
///
/// Parameters have torchvision's names: `conv1`, `bn1`, `layer1` … `layer4`, each layer with two blocks.
#[derive(Module, Debug)]
pub struct Resnet18 {
    conv1: Conv,
    bn1: BatchNorm,
    layer1: Vec<Block>,
    layer2: Vec<Block>,
    layer3: Vec<Block>,
    layer4: Vec<Block>,
}

impl Resnet18 {
    /// A network whose first convolution has `width` channels, with weights drawn from `noise`.
    pub fn init(width: usize, noise: &mut Noise, device: &Device) -> Self {
        let conv1 = ConvConfig { channels: [3, width], kernel: 7, stride: 2 }.init(noise, device);
        let mut stage = |from: usize, to: usize, stride| {
            vec![Block::init([from, to], stride, noise, device), Block::init([to, to], 1, noise, device)]
        };
        Self {
            conv1,
            bn1: BatchNorm::init(width, device),
            layer1: stage(width, width, 1),
            layer2: stage(width, 2 * width, 2),
            layer3: stage(2 * width, 4 * width, 2),
            layer4: stage(4 * width, 8 * width, 2),
        }
    }
}

impl Features for Resnet18 {
    type Input = Tensor<2>;

    /// Features of images: means over the pixels of the last feature maps.
    ///
    /// With an autodiff input (training), batch normalisation uses the batch and updates its running statistics. With
    /// any other input it uses the running statistics and does not change them.
    ///
    /// # Shapes
    /// - `input`: `[batch, 3·side·side]`, the red, green and blue pixels in this order, each row-major
    /// - returns: `[batch, 8·width]`
    ///
    /// # Panics
    /// If an input is not a square image with three channels.
    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.forward_by(input, Kernels::default())
    }

    fn width(&self) -> usize {
        8 * self.conv1.outputs()
    }

    fn forward_by(&self, input: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        let statistics = if input.is_autodiff() { Statistics::Batch } else { Statistics::Running };
        let images = to_images(input);
        match kernels {
            #[cfg(feature = "cpu")]
            Kernels::Fused if on_cpu(&images) => self.forward_maps(&images, statistics, Recording::On),
            _ => self.forward_images(images, statistics),
        }
    }

    /// Stores no activations for a backward pass.
    fn frozen(&self, input: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        match kernels {
            #[cfg(feature = "cpu")]
            Kernels::Fused if on_cpu(&input) => {
                self.forward_maps(&to_images(input.without_autodiff()), Statistics::Batch, Recording::Off)
            }
            _ => self.forward_by(input.autodiff(), kernels).without_autodiff(),
        }
    }
}

/// `[batch, 3·side·side]` → `[batch, 3, side, side]`
fn to_images(input: Tensor<2>) -> Tensor<4> {
    let [batch, pixels] = input.dims();
    let side = (pixels / 3).isqrt();
    assert_eq!(pixels, 3 * side * side, "an input must be a square image with three channels");
    input.reshape([batch, 3, side, side])
}

impl Resnet18 {
    fn forward_images(&self, images: Tensor<4>, statistics: Statistics) -> Tensor<2> {
        let stem = relu(self.bn1.forward(self.conv1.forward(images), statistics));
        let pooled = max_pool2d(stem, MaxPoolOptions::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]));
        let blocks = [&self.layer1, &self.layer2, &self.layer3, &self.layer4].into_iter().flatten();
        let maps = blocks.fold(pooled, |maps, block| block.forward(maps, statistics));
        maps.flatten::<3>(2, 3).mean_dim(2).squeeze_dim(2)
    }

    /// [`Self::forward_images`] by the CPU kernel: `[batch, 3, side, side]` → `[batch, 8·width]`.
    #[cfg(feature = "cpu")]
    fn forward_maps(&self, images: &Tensor<4>, statistics: Statistics, recording: Recording) -> Tensor<2> {
        let stem = self.conv1.forward_images(images, recording);
        let stem = self.bn1.forward_maps(&stem, statistics, None, Activation::Relu);
        let blocks = [&self.layer1, &self.layer2, &self.layer3, &self.layer4].into_iter().flatten();
        blocks.fold(stem.max_pool(), |maps, block| block.forward_maps(&maps, statistics)).mean()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::Purpose;

    const SIDE: usize = 64;

    fn noise() -> Noise {
        Noise::new(3, Purpose::Weights, 0, 0)
    }

    fn read(tensor: Tensor<2>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn the_papers_network_has_the_parameters_of_torchvisions() {
        // 11 689 512 less the last layer's 513 000, and 9 600 running statistics.
        let network = Resnet18::init(64, &mut noise(), &Device::flex());
        assert_eq!(network.num_params(), 11_689_512 - 513_000 + 2 * 4_800);
    }

    #[test]
    fn weights_have_the_scale_that_keeps_the_gradient() {
        let device = Device::flex();
        let conv = ConvConfig { channels: [16, 32], kernel: 3, stride: 1 }.init(&mut noise(), &device);
        struct Moments(f64);
        impl burn::module::ModuleVisitor for Moments {
            fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
                self.0 = param.val().powf_scalar(2.0).mean().into_scalar::<f32>().into();
            }
        }
        let mut second = Moments(0.0);
        conv.visit(&mut second);
        // 4608 weights: five standard errors are 10 %.
        assert!((second.0 * 32.0 * 9.0 / 2.0 - 1.0).abs() < 0.1, "{}", second.0);
    }

    #[test]
    fn an_example_does_not_depend_on_its_batch_unless_training() {
        let device = Device::flex();
        let network = Resnet18::init(2, &mut noise(), &device.clone().autodiff());
        let images = noise().normal([3, 3 * SIDE * SIDE], &device);
        let alone = |row: usize| images.clone().slice(row..row + 1);
        let whole = read(network.forward(images.clone()));
        let first = read(network.forward(alone(0)));
        assert_eq!(first.len(), 16);
        assert!(first.iter().zip(&whole).all(|(a, b)| (a - b).abs() < 1e-6));

        let whole = read(network.forward(images.clone().autodiff()));
        let first = read(network.forward(alone(0).autodiff()));
        assert!(first.iter().all(|feature| feature.is_finite()));
        assert!(first.iter().zip(&whole).any(|(a, b)| (a - b).abs() > 1e-3));
    }
}
