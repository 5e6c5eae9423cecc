//! The backbone for a user's tables.

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::features::Features;
use super::linear::linear;
use super::piecewise::{Piece, Piecewise, encode};
use crate::kernel::Stage;
use crate::math::noise::Noise;

/// Added to the variance in a layer normalisation.
const EPSILON: f64 = 1e-5;

/// A residual network on rows of numbers: `x → width`, then blocks `h + W₂ ReLU(W₁ norm(h))`.
///
/// `norm` is layer normalisation. It acts on each row separately, so features do not depend on the batch, and training
/// and prediction compute the same. Columns must be standardised, or 0 and 1. The sum of the blocks is not normalised:
/// far outside the training data the features grow linearly.
///
/// Source: Gorishniy, Rubachev, Khrulkov, Babenko, "Revisiting Deep Learning Models for Tabular Data", NeurIPS 2021,
/// whose ResNet has batch normalisation instead of layer normalisation, and dropout.
#[derive(Module, Debug)]
pub struct Tabular {
    first: Linear,
    blocks: Vec<Block>,
    #[module(skip)]
    pieces: Vec<Piece>,
}

#[derive(Module, Debug)]
struct Block {
    norm: LayerNorm,
    inner: Linear,
    outer: Linear,
}

impl Tabular {
    /// A network from `input` numbers, which are encoded first, to `width` features. Weights are drawn from `noise`.
    pub fn init(
        input: usize,
        encoding: &Piecewise,
        width: usize,
        blocks: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> Self {
        let first = linear(encoding.encoded(input), width, noise, device);
        let block = |noise: &mut Noise| Block {
            norm: LayerNormConfig::new(width).with_epsilon(EPSILON).init(device),
            inner: linear(width, width, noise, device),
            outer: linear(width, width, noise, device),
        };
        Self { first, blocks: (0..blocks).map(|_| block(noise)).collect(), pieces: encoding.pieces() }
    }
}

impl Features for Tabular {
    type Input = Tensor<2>;

    /// Shapes: `[batch, input]` → `[batch, width]`.
    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.blocks.iter().fold(self.first.forward(encode(&self.pieces, input)), |hidden, block| {
            let inner = relu(block.inner.forward(block.norm.forward(hidden.clone())));
            hidden + block.outer.forward(inner)
        })
    }

    fn width(&self) -> usize {
        self.first.weight.dims()[1]
    }

    fn stages(&self, input: &Tensor<2>) -> Option<(Tensor<2>, Vec<Stage<'_>>)> {
        let blocks = self.blocks.iter().map(|Block { norm, inner, outer }| Stage::Residual {
            norm,
            epsilon: EPSILON,
            inner,
            outer,
        });
        Some((encode(&self.pieces, input.clone()), std::iter::once(Stage::Affine(&self.first)).chain(blocks).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::Purpose;

    fn network(input: usize, device: &Device) -> Tabular {
        Tabular::init(input, &Piecewise::default(), 16, 2, &mut Noise::new(1, Purpose::Weights, 0, 0), device)
    }

    fn rows(count: usize, width: usize) -> Tensor<2> {
        Noise::new(2, Purpose::Prediction, 0, 0).normal([count, width], &Device::flex())
    }

    fn read(tensor: Tensor<2>) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn a_row_has_the_same_features_alone_and_in_a_batch() {
        let device = Device::flex();
        for width in [1, 7, 3000] {
            let (network, rows) = (network(width, &device), rows(5, width));
            let together = read(network.forward(rows.clone()));
            let alone: Vec<f32> =
                (0..5).flat_map(|row| read(network.forward(rows.clone().narrow(0, row, 1)))).collect();
            // Matrix products of one row and of five rows sum in different orders.
            let close =
                together.iter().zip(&alone).all(|(a, b)| a.is_finite() && (a - b).abs() < 1e-5 * (1.0 + a.abs()));
            assert!(close, "{width}");
        }
    }

    #[test]
    fn every_parameter_is_trained() {
        struct Untrained<'a>(&'a burn::tensor::Gradients, usize, usize);
        impl burn::module::ModuleVisitor for Untrained<'_> {
            fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
                self.1 += 1;
                let gradient =
                    param.val().grad(self.0).map_or(0.0, |gradient| gradient.abs().sum().into_scalar::<f32>());
                self.2 += usize::from(gradient == 0.0);
            }
        }
        let network = network(3, &Device::flex().autodiff());
        let gradients = network.forward(rows(8, 3).autodiff()).powi_scalar(2).sum().backward();
        let mut untrained = Untrained(&gradients, 0, 0);
        network.visit(&mut untrained);
        assert_eq!((untrained.1, untrained.2), (2 + 2 * 6, 0));
    }
}
