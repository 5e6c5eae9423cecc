//! ResNet18 in torchvision's layout, without its last layer.

use burn::module::{Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::module::{conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor};

use super::BatchNorm;
use crate::Noise;
use crate::linear::parameter;

/// Pixels along either side of an image.
const SIDE: usize = 64;

/// ResNet18 (He et al., 2016) without its last layer: images of 3 × 64 × 64 → `8·width` features.
///
/// 7×7 convolution, 3×3 max pooling, four stages of two blocks with `width·{1, 2, 4, 8}` channels, global average.
/// Parameters are named as torchvision names them. Paper: App. F, with width 64.
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
    /// A network whose first convolution has `width` channels. Weights are normal with variance `2 / (outputs · k²)`
    /// (He et al., 2015, fan-out), as torchvision's.
    pub fn init(width: usize, noise: &mut Noise, device: &Device) -> Self {
        let conv1 = Conv::init([3, width], 7, 2, noise, device);
        let mut stage = |inputs: usize, outputs: usize, stride: usize| {
            let first = Block::init(inputs, outputs, stride, noise, device);
            vec![first, Block::init(outputs, outputs, 1, noise, device)]
        };
        let layer1 = stage(width, width, 1);
        let layer2 = stage(width, 2 * width, 2);
        let layer3 = stage(2 * width, 4 * width, 2);
        let layer4 = stage(4 * width, 8 * width, 2);
        Self { conv1, bn1: BatchNorm::init(width, device), layer1, layer2, layer3, layer4 }
    }

    /// Shapes: `[batch, 3·64·64]` → `[batch, 8·width]`.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let [batch, pixels] = input.dims();
        assert_eq!(pixels, 3 * SIDE * SIDE, "images of 3 × 64 × 64");
        let images = input.reshape([batch, 3, SIDE, SIDE]);
        let hidden = relu(self.bn1.forward(self.conv1.forward(images)));
        let hidden = max_pool2d(hidden, MaxPoolOptions::new([3; 2]).with_stride([2; 2]).with_padding([1; 2]));
        let blocks = [&self.layer1, &self.layer2, &self.layer3, &self.layer4].into_iter().flatten();
        let hidden = blocks.fold(hidden, |hidden, block| block.forward(hidden));
        hidden.flatten::<3>(2, 3).mean_dim(2).squeeze_dim(2)
    }
}

/// Two 3×3 convolutions around a shortcut.
#[derive(Module, Debug)]
struct Block {
    conv1: Conv,
    bn1: BatchNorm,
    conv2: Conv,
    bn2: BatchNorm,
    downsample: Option<Downsample>,
}

/// The shortcut where the size changes.
#[derive(Module, Debug)]
struct Downsample {
    conv: Conv,
    bn: BatchNorm,
}

impl Block {
    fn init(inputs: usize, outputs: usize, stride: usize, noise: &mut Noise, device: &Device) -> Self {
        let conv1 = Conv::init([inputs, outputs], 3, stride, noise, device);
        let conv2 = Conv::init([outputs, outputs], 3, 1, noise, device);
        let downsample = (inputs != outputs).then(|| Downsample {
            conv: Conv::init([inputs, outputs], 1, stride, noise, device),
            bn: BatchNorm::init(outputs, device),
        });
        let bn = || BatchNorm::init(outputs, device);
        Self { conv1, bn1: bn(), conv2, bn2: bn(), downsample }
    }

    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let hidden = relu(self.bn1.forward(self.conv1.forward(input.clone())));
        let hidden = self.bn2.forward(self.conv2.forward(hidden));
        let shortcut = match &self.downsample {
            Some(downsample) => downsample.bn.forward(downsample.conv.forward(input)),
            None => input,
        };
        relu(hidden + shortcut)
    }
}

/// A square convolution without bias that halves the image as often as its stride says, and keeps it otherwise.
#[derive(Module, Debug)]
struct Conv {
    /// `[outputs, inputs, kernel, kernel]`
    weight: Param<Tensor<4>>,
    stride: usize,
}

impl Conv {
    fn init([inputs, outputs]: [usize; 2], kernel: usize, stride: usize, noise: &mut Noise, device: &Device) -> Self {
        let scale = (2.0 / (outputs * kernel * kernel) as f64).sqrt();
        let weight = noise.normal([outputs, inputs, kernel, kernel], &device.clone().inner()) * scale;
        Self { weight: parameter(weight, device), stride }
    }

    fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let weight = self.weight.val();
        let half = weight.dims()[2] / 2;
        let options = ConvOptions::new([self.stride; 2], [half; 2], [1; 2], 1);
        conv2d(input, weight, None, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Purpose;

    fn images(batch: usize, device: &Device) -> Tensor<2> {
        Noise::new(2, Purpose::Prediction, 0, 0).normal([batch, 3 * SIDE * SIDE], device)
    }

    fn network(device: &Device) -> Resnet18 {
        Resnet18::init(2, &mut Noise::new(1, Purpose::Weights, 0, 0), device)
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn an_image_becomes_features_that_do_not_depend_on_its_batch() {
        let device = Device::flex();
        let network = network(&device);
        let images = images(3, &device);
        let together = network.forward(images.clone());
        assert_eq!(together.dims(), [3, 16]);
        let alone = network.forward(images.slice([1..2]));
        for (a, b) in values(together.slice([1..2])).iter().zip(values(alone)) {
            assert!((a - b).abs() < 1e-5);
        }
    }

    #[test]
    fn training_updates_the_running_statistics_at_once_and_evaluation_does_not() {
        let device = Device::flex();
        let network = network(&device.clone().autodiff());
        let before = values(network.bn1.running_mean.value());
        network.forward(images(2, &device));
        assert_eq!(values(network.bn1.running_mean.value()), before);
        network.forward(images(2, &device).autodiff());
        let after = values(network.bn1.running_mean.value());
        assert!(after != before);
        network.forward(images(2, &device));
        assert_eq!(values(network.bn1.running_mean.value()), after);
    }

    #[test]
    fn one_image_can_be_trained_on() {
        let device = Device::flex();
        let features = network(&device.clone().autodiff()).forward(images(1, &device).autodiff());
        assert!(values(features).iter().all(|feature| feature.is_finite()));
    }
}
