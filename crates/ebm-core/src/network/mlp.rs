//! The backbone of the 1D tasks.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::features::Features;
use super::linear::{apply, layers};
use crate::kernel::Stage;
use crate::math::noise::Noise;

/// Fully-connected layers, each followed by a ReLU. The paper's 1D tasks use 1 → 10 → 10.
#[derive(Module, Debug)]
pub struct Mlp {
    pub(crate) layers: Vec<Linear>,
}

impl Mlp {
    /// Layers `widths[0] → widths[1] → …`, with weights drawn from `noise`.
    pub fn init(widths: &[usize], noise: &mut Noise, device: &Device) -> Self {
        Self { layers: layers(widths, noise, device) }
    }
}

impl Features for Mlp {
    type Input = Tensor<2>;

    /// Shapes: `[batch, widths[0]]` → `[batch, widths.last()]`.
    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.layers.iter().fold(input, |hidden, layer| relu(apply(layer, hidden)))
    }

    fn width(&self) -> usize {
        self.layers.last().expect("a backbone has layers").weight.dims()[1]
    }

    fn stages(&self, input: &Tensor<2>) -> Option<(Tensor<2>, Vec<Stage<'_>>)> {
        Some((input.clone(), self.layers.iter().map(Stage::Rectified).collect()))
    }
}
