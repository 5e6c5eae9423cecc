//! The whole training step of the 1D networks on the CPU: backbones, heads, losses, and the gradient of every weight.
//!
//! For a batch of 32 and layers of 10 units, the overhead of tensor operations and automatic differentiation is far
//! larger than the arithmetic.

use std::cell::Cell;

use burn::module::Param;
use burn::nn::Linear;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use pulp::Arch;

use super::definition::{Contrast, Proposal};
use crate::data::dataset::Batch;
use crate::kernel::{
    AnyHead, BLOCK, Branches, Layer, LayerGradient, Layers, Mixtures, Step, Sums, run, to_rows, to_units,
};
use crate::loss::Form;
use crate::math::host::{host, on_cpu};
use crate::math::noise::Noise;
use crate::method::losses::{Gradient, Terms};
use crate::method::phase::{BackboneTraining, Phase};
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
    if noise.networks() > 1 {
        return None;
    }
    let (rows, layers) = contrast.backbone.dense_layers(&batch.input)?;
    let [count, width] = batch.target.dims();
    let head = contrast.energy.narrow_head().filter(|_| width == 1 && on_cpu(rows))?;
    let head = AnyHead::Narrow(head);
    let arch = Arch::new();
    let length = count.next_multiple_of(BLOCK);
    let input = to_units(&host(rows), count, length);
    let targets = host(&batch.target);
    let feature = Layers::of(layers);
    let from_features = Layer::of(&contrast.energy.from_features);
    let mdn = match contrast.proposal {
        Proposal::Centred(_) => None,
        Proposal::OnFeatures(mdn) | Proposal::Base(mdn) => Some((Branches::of(mdn.branches()), None)),
        Proposal::OnOwn { backbone, mdn, .. } => {
            let (_, own) = backbone.dense_layers(&batch.input)?;
            Some((Branches::of(mdn.branches()), Some(Layers::of(own))))
        }
    };

    let activations = arch.dispatch(
        #[inline(always)]
        || feature.forward(input.clone(), length),
    );
    let features = activations.last().expect("the input at least");
    let projected = arch.dispatch(
        #[inline(always)]
        || from_features.forward(features, length, false),
    );
    let own = mdn.as_ref().map(|(branches, own)| {
        arch.dispatch(
            #[inline(always)]
            || {
                let of_own = own.as_ref().map(|own| own.forward(input, length));
                let features = of_own.as_ref().map_or(features, |of_own| of_own.last().expect("the input at least"));
                (branches.forward(features, length), of_own)
            },
        )
    });
    let mixture = match (&own, &contrast.proposal) {
        (Some((outputs, _)), _) => Mixtures::of(outputs.each_ref().map(|[_, last]| &last[..]), count, length),
        (None, Proposal::Centred(sigmas)) => Mixtures::centred(&targets, sigmas),
        (None, _) => unreachable!("a learned mixture has branches"),
    };

    let components = mixture.log_weights.len() / count;
    let normals = noise.normals(count * phase.m);
    let uniforms = if components > 1 { noise.uniforms(count * phase.m) } else { Vec::new() };
    let learned = contrast.learned();
    let outcome = run(&Step {
        head: &head,
        from_features: &to_rows(&projected, count, length),
        targets: &targets,
        target: 1,
        log_weights: &mixture.log_weights,
        means: &mixture.means,
        log_scales: &mixture.log_scales,
        components,
        m: phase.m,
        normals: &normals,
        uniforms: &uniforms,
        objective: contrast.objective,
        form: contrast.form(),
        mixture: learned,
    });

    let trained = phase.backbone == BackboneTraining::Trained;
    let mut gradients = Vec::new();
    arch.dispatch(
        #[inline(always)]
        || {
            let delta = to_units(&outcome.from_features, count, length);
            gradients.push(from_features.gradient(features, &delta, length));
            let mut by_features = vec![0.0; features.len()];
            from_features.backward(&delta, length, &mut by_features);
            if let (Some((branches, own_feature)), Some((outputs, of_own))) = (&mdn, &own) {
                let deltas = mixture.deltas(&outcome, count, length);
                let shared = of_own.as_ref().map_or(features, |of_own| of_own.last().expect("the input at least"));
                let by_shared = branches.backward(shared, outputs, deltas, length, &mut gradients);
                if contrast.form() == Form::Residual {
                    by_features.iter_mut().zip(&by_shared).for_each(|(sum, part)| *sum += part);
                }
                if let (Some(own), Some(of_own), true) = (own_feature, of_own, trained) {
                    own.backward(of_own, by_shared, length, &mut gradients);
                }
            }
            if trained {
                feature.backward(&activations, by_features, length, &mut gradients);
            }
        },
    );
    let device = rows.device().inner();
    let gradients = register(gradients, contrast.energy, &outcome.parameters, &device);
    sweep(&device);
    let Sums { energy, proposal_kl, nll } = outcome.losses;
    let total = energy + learned.map_or(0.0, |weights| weights.of(&outcome.losses));
    let [total, energy, proposal_kl, nll] =
        [total, energy, proposal_kl, nll].map(|value| Tensor::from_floats([value as f32], &device));
    Some(Terms { total, energy, proposal_kl, nll, gradient: Gradient::Computed(Some(gradients)) })
}

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Makes Burn free the autodiff graphs of updated parameters, with a trivial `backward` every 32 steps. Burn frees them
/// only in `backward`, which these steps do not call; training for 75 epochs would otherwise hold 150 MB of graphs.
fn sweep(device: &Device) {
    const EVERY: usize = 32;
    let steps = STEPS.get() + 1;
    STEPS.set(steps % EVERY);
    if steps == EVERY {
        drop(Tensor::<1>::zeros([1], &device.clone().autodiff()).require_grad().backward());
    }
}

/// Registers gradients under the ids of their parameters: those of the given layers, and those of the energy's layers
/// on the candidates, which are in `head` one after another.
fn register(gradients: Vec<LayerGradient<'_>>, energy: &EnergyNet, head: &[f32], device: &Device) -> GradientsParams {
    let mut registered = GradientsParams::new();
    for LayerGradient { linear, weights, bias } in gradients {
        register_layer(&mut registered, linear, weights, bias, device);
    }
    let mut rest = head;
    for layer in energy.candidate_layers() {
        let [inputs, outputs] = layer.weight.dims();
        let (weights, after) = rest.split_at(inputs * outputs);
        let (bias, after) = after.split_at(outputs);
        rest = after;
        register_layer(&mut registered, layer, weights.to_vec(), bias.to_vec(), device);
    }
    registered
}

fn register_layer(into: &mut GradientsParams, layer: &Linear, weights: Vec<f32>, bias: Vec<f32>, device: &Device) {
    let tensor = |values: Vec<f32>, shape: &[usize]| TensorData::new(values, shape.to_vec());
    let id = |parameter: &Param<Tensor<2>>| parameter.id;
    into.register(id(&layer.weight), Tensor::<2>::from_data(tensor(weights, &layer.weight.dims()), device));
    if let Some(parameter) = &layer.bias {
        into.register(parameter.id, Tensor::<1>::from_data(tensor(bias, &parameter.dims()), device));
    }
}
