//! The whole training step on the CPU: backbones, heads, losses, and the gradient of every weight.

use super::definition::{Contrast, Proposal};
use crate::data::dataset::Batch;
use crate::kernel::{Branches, Gradients, Layer, Matrix, Mixtures, Step, Sums, run};
use crate::math::noise::Noise;
use crate::method::losses::Terms;
use crate::method::phase::{BackboneTraining, Phase};
use crate::method::whole::{Whole, forward};
use crate::network::energy::EnergyNet;
use crate::network::features::Features;

/// The losses and their gradient; `None` if a network is not supported, not on the CPU, or in a stack.
///
/// The candidates are the same as those of [`crate::density::GaussianMixture::sample`], from the same random numbers.
pub(super) fn step<F: Features>(
    contrast: &Contrast<'_, F>,
    batch: &Batch<F::Input>,
    phase: Phase,
    noise: &mut Noise,
) -> Option<Terms> {
    let energy = contrast.energy;
    // The kernels do not support angles.
    let mut whole = energy.axes.is_empty().then(|| Whole::of(contrast.backbone, batch, noise)).flatten()?;
    let arch = whole.arch;
    let own = match contrast.proposal {
        Proposal::OnOwn { backbone, .. } => Some(forward(arch, backbone, batch)?),
        Proposal::Centred(_) | Proposal::OnFeatures(_) => None,
    };
    let head = energy.any_head();
    let from_features = Layer::of(&energy.from_features);
    let branches = contrast.proposal.mdn().map(|mdn| Branches::of(mdn.branches()));

    let features = whole.trace.last();
    // The features that the mixture reads.
    let shared = own.as_ref().map_or(features, |(_, trace)| trace.last());
    let outputs = branches.as_ref().map(|branches| branches.forward(arch, shared));
    let mixtures = match (&outputs, &contrast.proposal) {
        (Some(outputs), _) => Mixtures::of(outputs),
        (None, Proposal::Centred(sigmas)) => Mixtures::centred(&whole.targets, whole.target, sigmas),
        (None, _) => unreachable!("a learned mixture has branches"),
    };

    let (count, components) = (whole.targets.len() / whole.target, mixtures.components);
    let normals = noise.normals(count * phase.m * whole.target);
    let uniforms = if components > 1 { noise.uniforms(count * phase.m) } else { Vec::new() };
    let learned = contrast.learned();
    let outcome = run(&Step {
        head: &head,
        from_features: &from_features.forward(arch, features).to_numbers(),
        targets: &whole.targets,
        target: whole.target,
        log_weights: &mixtures.log_weights,
        means: &mixtures.means,
        log_scales: &mixtures.log_scales,
        components,
        m: phase.m,
        normals: &normals,
        uniforms: &uniforms,
        objective: contrast.objective,
        mixture: learned,
    });

    let trained = phase.backbone == BackboneTraining::Trained;
    let gradients = &mut whole.gradients;
    of_candidate_layers(energy, &outcome.parameters, gradients);
    let delta = Matrix::of(&outcome.from_features, outcome.from_features.len() / count);
    from_features.gradient(arch, features, &delta, gradients);
    if trained {
        let mut by_features = features.zeros_like();
        from_features.backward(arch, &delta, &mut by_features);
        whole.backbone.backward(arch, &whole.trace, by_features, gradients);
    }
    if let (Some(branches), Some(outputs)) = (&branches, &outputs) {
        let own = own.as_ref().filter(|_| trained);
        let mut by_features = own.map(|_| shared.zeros_like());
        branches.backward(arch, shared, outputs, mixtures.deltas(&outcome), by_features.as_mut(), gradients);
        if let (Some((own, trace)), Some(by_features)) = (own, by_features) {
            own.backward(arch, trace, by_features, gradients);
        }
    }
    let Sums { energy, proposal_kl, nll } = outcome.losses;
    let total = energy + learned.map_or(0.0, |weights| weights.of(&outcome.losses));
    let ([total, energy, proposal_kl, nll], gradient) = whole.finish([total, energy, proposal_kl, nll]);
    Some(Terms { total, energy, proposal_kl, nll, gradient })
}

/// Adds the gradients of the energy's layers on the candidates, which the kernel stores one after another.
fn of_candidate_layers(energy: &EnergyNet, parameters: &[f32], gradients: &mut Gradients) {
    let mut rest = parameters;
    for layer in energy.candidate_layers() {
        let [inputs, outputs] = layer.weight.dims();
        let (weights, after) = rest.split_at(inputs * outputs);
        let (own, after) = after.split_at(outputs);
        rest = after;
        gradients.add(&layer.weight, weights.to_vec());
        if let Some(bias) = &layer.bias {
            gradients.add(bias, own.to_vec());
        }
    }
}
