//! From the networks' tensors to a step on the host, and back.

use burn::nn::Linear;
use burn::tensor::Tensor;

use super::batch::{AnyHead, MixtureLosses, Step, run};
use super::example::Sums;
use super::head::{Head, WIDEST, Weights};
use super::surrogate::Surrogate;
use super::wide::WideHead;
use crate::density::GaussianMixture;
use crate::loss::Objective;
use crate::math::host::{host, on_cpu};
use crate::math::noise::Noise;
use crate::network::energy::EnergyNet;

/// A step's losses, as the kernel needs to know them.
pub(crate) struct FusedLosses<'a> {
    pub energy: &'a EnergyNet,
    /// `[batch, features]`
    pub features: &'a Tensor<2>,
    /// `[batch, target]`
    pub target: &'a Tensor<2>,
    pub mixture: &'a GaussianMixture,
    /// The factors of the mixture's losses in the total; none when the mixture is given.
    pub learned: Option<MixtureLosses>,
    pub objective: Objective,
    /// Candidates an example.
    pub m: usize,
}

/// What a step minimises and its parts, means over the batch in nats.
pub(crate) struct FusedStep {
    /// The energy's loss plus the mixture's by its factors, `[networks]` as its parts. Trains what the plain losses
    /// train.
    pub total: Tensor<1>,
    pub energy: Tensor<1>,
    pub proposal_kl: Tensor<1>,
    pub nll: Tensor<1>,
    /// What has the total's gradient, where the total is a constant.
    pub surrogate: Option<Tensor<1>>,
}

impl FusedLosses<'_> {
    /// The losses and their gradient, or nothing where there is no kernel.
    ///
    /// The candidates are those that [`crate::density::Density::sample`] draws: `noise` is asked for the same numbers.
    pub(crate) fn step(&self, noise: &mut Noise) -> Option<FusedStep> {
        #[cfg(any(feature = "wgpu", feature = "cuda"))]
        if let Some(step) = super::cube::step(self, noise) {
            return Some(step);
        }
        let &Self { energy, features, target, mixture, learned, objective, m } = self;
        let [batch, width] = target.dims();
        let [_, components] = mixture.log_weights().dims();
        // What an energy sees of a circle is two numbers, and a stack has many networks: tensor operations know how.
        let is_plain = energy.axes.is_empty() && noise.networks() == 1;
        let head = (on_cpu(features) && is_plain).then(|| AnyHead::of(energy))?;
        let from_features = energy.from_features.forward(features.clone());
        let normals = noise.normals(batch * m * width);
        let uniforms = if components > 1 { noise.uniforms(batch * m) } else { Vec::new() };
        let outcome = run(&Step {
            head: &head,
            from_features: &host(&from_features),
            targets: &host(target),
            target: width,
            log_weights: &host(&mixture.log_weights()),
            means: &host(&mixture.means()),
            log_scales: &host(&mixture.log_scales()),
            components,
            m,
            normals: &normals,
            uniforms: &uniforms,
            objective,
            mixture: learned,
        });

        let mut surrogate = Surrogate::default();
        let mut rest = &outcome.parameters[..];
        let mut take = |count| {
            let (own, after) = rest.split_at(count);
            rest = after;
            own
        };
        for layer in layers_of(energy) {
            let [inputs, outputs] = layer.weight.dims();
            surrogate.push(layer.weight.val(), take(inputs * outputs));
            let bias = take(outputs);
            if let Some(layer_bias) = &layer.bias {
                surrogate.push(layer_bias.val(), bias);
            }
        }
        surrogate.push(from_features, &outcome.from_features);
        let mut total = outcome.losses.energy;
        if let Some(factors) = learned {
            surrogate.push(mixture.log_weights(), &outcome.log_weights);
            surrogate.push(mixture.means(), &outcome.means);
            surrogate.push(mixture.log_scales(), &outcome.log_scales);
            total += factors.of(&outcome.losses);
        }
        let total = surrogate.finish(total);
        let Sums { energy, proposal_kl, nll } = outcome.losses;
        let device = total.device().inner();
        let [energy, proposal_kl, nll] =
            [energy, proposal_kl, nll].map(|loss| Tensor::from_floats([loss as f32], &device));
        Some(FusedStep { total, energy, proposal_kl, nll, surrogate: None })
    }
}

impl AnyHead {
    fn of(energy: &EnergyNet) -> Self {
        if let Some(head) = Head::of(energy) {
            return Self::Narrow(head);
        }
        let (layers, score) = weights(energy);
        let [target, _] = layers_of(energy).next().expect("a head has layers").weight.dims();
        Self::Wide(WideHead::new(target, layers, energy.residual.is_some(), score))
    }
}

impl Head {
    /// The head of a network, unless its target is no number, lies on a circle, or it is too wide.
    pub(super) fn of(energy: &EnergyNet) -> Option<Self> {
        let scalar = layers_of(energy).next()?.weight.dims()[0] == 1;
        let narrow = layers_of(energy).all(|layer| layer.weight.dims()[1] <= WIDEST);
        (scalar && narrow && energy.axes.is_empty()).then(|| {
            let (layers, score) = weights(energy);
            Self::new(layers, energy.residual.is_some(), score)
        })
    }
}

/// The weights of the layers that candidates pass, and of the score.
fn weights(energy: &EnergyNet) -> (Vec<Weights>, Weights) {
    let weights = |layer: &Linear| {
        (host(&layer.weight.val()), layer.bias.as_ref().map(|bias| host(&bias.val())).unwrap_or_default())
    };
    let mut layers: Vec<Weights> = layers_of(energy).map(weights).collect();
    let score = layers.pop().expect("the last layer gives the score");
    (layers, score)
}

/// The layers that candidates pass, in that order.
pub(super) fn layers_of(energy: &EnergyNet) -> impl Iterator<Item = &Linear> {
    energy.target_layers.iter().chain([&energy.from_target]).chain(&energy.residual).chain([&energy.score])
}
