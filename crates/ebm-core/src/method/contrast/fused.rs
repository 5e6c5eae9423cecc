//! Losses of the energy's head and their gradient by a kernel on the CPU.

use burn::tensor::Tensor;

use super::definition::Head;
use super::surrogate::Surrogate;
use crate::kernel::{Outcome, Step, Sums, run};
use crate::math::host::{host, on_cpu};
use crate::math::noise::Noise;
use crate::method::losses::{Gradient, Terms};
use crate::network::energy::EnergyNet;
use crate::network::features::Features;

/// The losses and their gradient; `None` if there is no kernel for the head or the device.
pub(super) fn step<F: Features>(head: &Head<'_, F>, noise: &mut Noise) -> Option<Terms> {
    let &Head { contrast, features, target, q, m } = head;
    let energy = contrast.energy;
    let ([batch, width], [_, components]) = (target.dims(), q.log_weights().dims());
    // The kernel supports neither angles (two inputs for one dimension) nor stacks; tensor operations do.
    let is_plain = energy.axes.is_empty() && noise.networks() == 1;
    let on_host = (on_cpu(features) && is_plain).then(|| energy.any_head())?;
    let from_features = energy.from_features.forward(features.clone());
    let normals = noise.normals(batch * m * width);
    let uniforms = if components > 1 { noise.uniforms(batch * m) } else { Vec::new() };
    let learned = contrast.learned();
    let outcome = run(&Step {
        head: &on_host,
        from_features: &host(&from_features),
        targets: &host(target),
        target: width,
        log_weights: &host(&q.log_weights()),
        means: &host(&q.means()),
        log_scales: &host(&q.log_scales()),
        components,
        m,
        normals: &normals,
        uniforms: &uniforms,
        objective: contrast.objective,
        form: contrast.form(),
        mixture: learned,
    });

    let mut surrogate = Surrogate::default();
    of_candidate_layers(energy, &outcome, &mut surrogate);
    surrogate.push(from_features, &outcome.from_features);
    let mut total = outcome.losses.energy;
    if let Some(weights) = learned {
        surrogate.push(q.log_weights(), &outcome.log_weights);
        surrogate.push(q.means(), &outcome.means);
        surrogate.push(q.log_scales(), &outcome.log_scales);
        total += weights.of(&outcome.losses);
    }
    let total = surrogate.finish(total);
    let Sums { energy, proposal_kl, nll } = outcome.losses;
    let device = total.device().inner();
    let [energy, proposal_kl, nll] = [energy, proposal_kl, nll].map(|loss| Tensor::from_floats([loss as f32], &device));
    Some(Terms { gradient: Gradient::Of(total.clone()), total, energy, proposal_kl, nll })
}

/// Adds the gradients of the layers on the candidates, which the kernel stores one after another.
fn of_candidate_layers(energy: &EnergyNet, outcome: &Outcome, surrogate: &mut Surrogate) {
    let mut rest = &outcome.parameters[..];
    let mut take = |count| {
        let (own, after) = rest.split_at(count);
        rest = after;
        own
    };
    for layer in energy.candidate_layers() {
        let [inputs, outputs] = layer.weight.dims();
        surrogate.push(layer.weight.val(), take(inputs * outputs));
        let bias = take(outputs);
        if let Some(layer_bias) = &layer.bias {
            surrogate.push(layer_bias.val(), bias);
        }
    }
}
