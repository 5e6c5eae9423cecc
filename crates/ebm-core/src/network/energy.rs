//! The energy network in its factored form.

mod candidates;
mod host;
mod points;

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

pub(crate) use points::Points;

use crate::math::axis::{Axis, coordinates};
use crate::math::noise::Noise;
use crate::network::linear::{apply, layers, linear, parameter, split_linear};

/// Sizes of an [`EnergyNet`].
#[derive(Debug, Clone)]
pub struct EnergyConfig {
    /// Width of the features `h_x`.
    pub features: usize,
    /// Dimensions of the target, D.
    pub target: usize,
    /// Widths of the layers that turn `y` into `h_y`.
    pub target_widths: Vec<usize>,
    /// Width of the layer after the concatenation.
    pub hidden: usize,
    /// Whether it is followed by a residual layer `h + ReLU(W h + b)` (1D networks: yes, image networks: no).
    pub residual: bool,
    /// The axis of each dimension of the target; empty if all are lines.
    pub axes: Vec<Axis>,
}

/// Score `f_θ(x, y)`, the logarithm of an unnormalised density: `p(y|x) = e^{f(x,y)} / Z(x)`. Paper: eq. (1), App. F.
///
/// The layer after the concatenation is affine before its ReLU, so `W[h_x; h_y] = W_x h_x + W_y h_y`. The first term is
/// computed once per example, the second once per candidate, or once for a grid shared by all examples. `[h_x; h_y]` is
/// never stored. The function is the same as in the concatenated form.
#[derive(Module, Debug)]
pub struct EnergyNet {
    pub(crate) target_layers: Vec<Linear>,
    pub(crate) from_features: Linear,
    pub(crate) from_target: Linear,
    pub(crate) residual: Option<Linear>,
    pub(crate) score: Linear,
    #[module(skip)]
    pub(crate) axes: Vec<Axis>,
}

impl EnergyConfig {
    /// A network with weights drawn from `noise`.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> EnergyNet {
        let circles = self.axes.iter().filter(|&&axis| axis == Axis::Circle).count();
        let mut widths = vec![self.target + circles];
        widths.extend(&self.target_widths);
        let target_layers = layers(&widths, noise, device);
        let target_width = *widths.last().expect("never empty");
        let [from_features, from_target] = split_linear([self.features, target_width], self.hidden, noise, device);
        EnergyNet {
            target_layers,
            from_features,
            from_target,
            residual: self.residual.then(|| linear(self.hidden, self.hidden, noise, device)),
            score: linear(self.hidden, 1, noise, device),
            axes: if circles > 0 { self.axes.clone() } else { Vec::new() },
        }
    }
}

impl EnergyNet {
    /// `f_θ(x, y)` in nats, up to the unknown `log Z(x)`.
    ///
    /// # Shapes
    /// - `features`: `[batch, features]`
    /// - `y`: `[batch, m, target]`, or `[1, m, target]` for candidates shared by the batch
    /// - returns: `[batch, m]`
    ///
    /// # Gradient
    /// Flows to the network, to `features` and to `y`.
    pub fn score(&self, features: Tensor<2>, y: Tensor<3>) -> Tensor<2> {
        self.combine(self.project(features), self.embed(y))
    }

    /// The same network with a last layer of zeros: its output is 0 until it is trained.
    #[must_use]
    pub(crate) fn with_zero_score(mut self, device: &Device) -> Self {
        let constants = device.clone().inner();
        let weight = parameter(Tensor::zeros(self.score.weight.dims(), &constants), device);
        self.score = Linear { weight, bias: Some(parameter(Tensor::zeros([1], &constants), device)) };
        self
    }

    /// Dimensions of the target, D.
    pub(crate) fn dimensions(&self) -> usize {
        self.candidate_inputs() - self.axes.iter().filter(|&&axis| axis == Axis::Circle).count()
    }

    /// Widths of the features and of the layer after the concatenation.
    pub(crate) fn widths(&self) -> [usize; 2] {
        self.from_features.weight.dims()
    }

    /// `W_x h_x + b`, the part of the score that depends on the input only: `[batch, features]` → `[batch, hidden]`.
    pub fn project(&self, features: Tensor<2>) -> Tensor<2> {
        apply(&self.from_features, features)
    }

    /// `W_y h_y`, the part of the score that depends on the candidates only:
    /// `[batch, m, target]` → `[batch, m, hidden]`.
    ///
    /// On a circle the layers take `(cos y, sin y)`, so the score has period 2π in that dimension.
    pub fn embed(&self, y: Tensor<3>) -> Tensor<3> {
        let hidden =
            self.target_layers.iter().fold(coordinates(&self.axes, y), |hidden, layer| relu(apply(layer, hidden)));
        apply(&self.from_target, hidden)
    }

    /// The score `[batch, m]` from projected features `[batch, hidden]` and embedded candidates
    /// `[batch | 1, m, hidden]`.
    pub fn combine(&self, projected: Tensor<2>, embedded: Tensor<3>) -> Tensor<2> {
        let hidden = relu(projected.unsqueeze_dim::<3>(1) + embedded);
        let hidden = match &self.residual {
            Some(layer) => hidden.clone() + relu(apply(layer, hidden)),
            None => hidden,
        };
        apply(&self.score, hidden).squeeze_dim(2)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::math::noise::Purpose;

    fn network(residual: bool) -> EnergyNet {
        let config =
            EnergyConfig { features: 5, target: 2, target_widths: vec![4, 3], hidden: 6, residual, axes: vec![] };
        config.init(&mut Noise::new(8, Purpose::Weights, 0, 0), &Device::flex())
    }

    fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
        Noise::new(8, Purpose::Prediction, 0, 0).normal(shape, &Device::flex())
    }

    fn difference(a: Tensor<2>, b: Tensor<2>) -> f32 {
        (a - b).abs().max().into_scalar()
    }

    /// The network as in the paper: features are copied to every candidate and concatenated with `h_y`.
    pub(crate) fn concatenated(network: &EnergyNet, features: Tensor<2>, y: Tensor<3>) -> Tensor<2> {
        let [batch, m, _] = y.dims();
        let width = features.dims()[1];
        let h_y = network.target_layers.iter().fold(y, |hidden, layer| relu(layer.forward(hidden)));
        let h_x = features.unsqueeze_dim::<3>(1).expand([batch, m, width]);
        let weight = [&network.from_features, &network.from_target].map(|layer| layer.weight.val()).to_vec();
        let bias = network.from_features.bias.as_ref().unwrap().val();
        let joint = Tensor::cat(vec![h_x, h_y], 2).matmul(Tensor::cat(weight, 0).unsqueeze());
        let hidden = relu(joint + bias.unsqueeze());
        let hidden = match &network.residual {
            Some(layer) => hidden.clone() + relu(layer.forward(hidden)),
            None => hidden,
        };
        network.score.forward(hidden).squeeze_dim(2)
    }

    #[test]
    fn the_factored_form_is_the_concatenated_form() {
        for residual in [true, false] {
            let network = network(residual);
            let (features, y) = (random([3, 5]), random([3, 7, 2]));
            let expected = concatenated(&network, features.clone(), y.clone());
            assert!(difference(network.score(features, y), expected) < 1e-6);
        }
    }

    #[test]
    fn the_factored_form_has_the_gradients_of_the_concatenated_form() {
        let device = Device::flex().autodiff();
        for residual in [true, false] {
            let config =
                EnergyConfig { features: 5, target: 2, target_widths: vec![4, 3], hidden: 6, residual, axes: vec![] };
            let network = config.init(&mut Noise::new(8, Purpose::Weights, 0, 0), &device);
            let (features, y) = (random([3, 5]).autodiff().require_grad(), random([3, 7, 2]).autodiff().require_grad());
            // Random weights of the scores, so that gradients are not plain sums.
            let weigh = random([3, 7]).autodiff();
            let gradients = |score: Tensor<2>| {
                let gradients = (score * weigh.clone()).sum().backward();
                let weights = [&network.from_features, &network.from_target, &network.target_layers[0]];
                let mut all: Vec<Tensor<1>> =
                    weights.map(|layer| layer.weight.val().grad(&gradients).unwrap().flatten(0, 1)).to_vec();
                all.push(features.grad(&gradients).unwrap().flatten(0, 1));
                all.push(y.grad(&gradients).unwrap().flatten(0, 2));
                Tensor::cat(all, 0).unsqueeze::<2>()
            };
            let factored = gradients(network.score(features.clone(), y.clone()));
            let expected = gradients(concatenated(&network, features.clone(), y.clone()));
            let largest: f32 = expected.clone().abs().max().into_scalar();
            assert!(largest > 0.1 && difference(factored, expected) < 1e-6 * largest.max(1.0), "{residual}");
        }
    }

    #[test]
    fn candidates_shared_by_the_batch_score_as_if_each_example_had_its_own() {
        let network = network(true);
        let (features, y) = (random([3, 5]), random([1, 7, 2]));
        let own = network.score(features.clone(), y.clone().expand([3, 7, 2]));
        assert!(difference(network.score(features, y), own) < 1e-6);
    }
}
