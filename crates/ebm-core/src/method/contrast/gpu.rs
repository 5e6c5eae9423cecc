//! Losses of the energy's head and their gradient by one kernel on a GPU.

use burn::tensor::Tensor;

use super::definition::Head;
use crate::kernel::MixtureLosses;
use crate::kernel::gpu::{GpuStep, HeadShape, LOSSES, plan};
use crate::loss::Form;
use crate::math::noise::Noise;
use crate::method::losses::{Gradient, Terms};
use crate::network::features::Features;

/// The losses and their gradient; `None` if the device is not a GPU or the kernel does not support the network.
pub(super) fn step<F: Features>(head: &Head<'_, F>, noise: &mut Noise) -> Option<Terms> {
    let &Head { contrast, features, target, q, m } = head;
    let energy = contrast.energy;
    let device = features.device().inner();
    let networks = noise.networks();
    let ([rows, width], [_, components]) = (target.dims(), q.log_weights().dims());
    let batch = rows / networks;
    if width != 1 || !energy.axes.is_empty() || contrast.form() == Form::Residual {
        return None;
    }
    let shape = HeadShape {
        target_widths: energy.target_layers.iter().map(|layer| layer.weight.dims()[1]).collect(),
        hidden: energy.widths()[1],
        residual: energy.residual.is_some(),
    };
    let learned = contrast.learned();
    let plan = plan(&device, &shape, (components, learned.is_some()), contrast.objective, rows)?;

    let projected = energy.project(features.clone());
    let weights = energy.candidate_layers().flat_map(|layer| {
        let [inputs, outputs] = layer.weight.dims();
        let weight = layer.weight.val().reshape([networks, inputs / networks * outputs]);
        let bias = layer.bias.as_ref().map(|bias| bias.val().reshape([networks, outputs]));
        std::iter::once(weight).chain(bias)
    });
    let weights = Tensor::cat(weights.collect(), 1);
    let [means, log_scales] = [q.means(), q.log_scales()].map(|of| of.squeeze_dim::<2>(1));
    let mixture = Tensor::cat(vec![q.log_weights(), means, log_scales], 1);
    let normals = noise.normal([rows, m], &device);
    let uniforms = if components > 1 { noise.uniform([rows, m], &device) } else { normals.clone() };
    let factors = learned.unwrap_or(MixtureLosses { proposal_kl: 0.0, nll: 0.0 });
    let step = GpuStep {
        weights: weights.clone(),
        projected: projected.clone(),
        mixture: mixture.clone(),
        targets: target.clone(),
        normals,
        uniforms,
        factors,
    };
    let outcome = step.run(&plan);

    let means = outcome.clone().reshape([networks, batch, plan.outputs()]).mean_dim(1);
    let means = means.reshape([networks, plan.outputs()]);
    let [energy, proposal_kl, nll] = [0, 1, 2].map(|loss| means.clone().narrow(1, loss, 1).squeeze_dim::<1>(1));
    let parts = [(proposal_kl.clone(), factors.proposal_kl), (nll.clone(), factors.nll)];
    let weighted = parts.into_iter().filter(|(_, factor)| *factor != 0.0);
    let total = weighted.fold(energy.clone(), |total, (part, factor)| total + part * factor);

    // A surrogate with the kernel's gradient, to be differentiated through the layers before the kernel.
    let mut first = LOSSES + plan.weights;
    let mut surrogate = (weights * means.narrow(1, LOSSES, plan.weights)).sum();
    for tensor in std::iter::once(projected).chain(learned.map(|_| mixture)) {
        let [_, width] = tensor.dims();
        surrogate = surrogate + (tensor * outcome.clone().narrow(1, first, width) / batch as f32).sum();
        first += width;
    }
    Some(Terms { total, energy, proposal_kl, nll, gradient: Gradient::Of(surrogate) })
}
