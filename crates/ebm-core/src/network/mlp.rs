//! The backbone of the 1D tasks.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::math::noise::Noise;
use crate::network::linear::{apply, layers};

/// Fully-connected layers with a ReLU after each. The paper's 1D tasks use 1 → 10 → 10.
#[derive(Module, Debug)]
pub struct Mlp {
    pub(crate) layers: Vec<Linear>,
}

impl Mlp {
    /// Layers `widths[0] → widths[1] → …`, weights drawn from `noise`.
    pub fn init(widths: &[usize], noise: &mut Noise, device: &Device) -> Self {
        Self { layers: layers(widths, noise, device) }
    }

    /// Shapes: `[batch, widths[0]]` → `[batch, widths.last()]`.
    pub fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.layers.iter().fold(input, |hidden, layer| relu(apply(layer, hidden)))
    }
}
