//! The whole step of the 1D networks on the host: backbones, heads, losses, and the gradient of every weight.
//!
//! For a batch of 32 and layers of 10 units, tensor operations with automatic differentiation cost far more than their
//! arithmetic.

use std::cell::Cell;

use burn::module::Param;
use burn::nn::Linear;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use pulp::Arch;

use super::batch::{AnyHead, MixtureLosses, Outcome, Step, run};
use super::example::Sums;
use super::head::Head;
use super::layer::{BLOCK, Layer, LayerGradient, rectify};
use super::step::layers_of;
use crate::data::dataset::Batch;
use crate::density::LOG_SCALE_LIMIT;
use crate::loss::Objective;
use crate::math::host::host;
use crate::math::host::on_cpu;
use crate::math::noise::Noise;
use crate::method::phase::BackboneTraining;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::mdn::Mdn;
use crate::network::mlp::Mlp;

/// A step's networks and losses.
pub(crate) struct WholeStep<'a> {
    /// The backbone of the energy.
    pub feature: &'a Backbone,
    pub energy: &'a EnergyNet,
    pub mixture: Proposal<'a>,
    pub objective: Objective,
    /// Candidates an example.
    pub m: usize,
    pub backbone: BackboneTraining,
}

/// Where the candidates come from.
#[derive(Clone, Copy)]
pub(crate) enum Proposal<'a> {
    /// Equal Gaussians of these scales around the target.
    Centred(&'a [f64]),
    /// A network on a backbone of its own, or on the energy's features held constant.
    Learned { mdn: &'a Mdn, feature: Option<&'a Backbone>, losses: MixtureLosses },
}

/// What a step computes: means over the batch in nats, and the gradient of the total.
pub(crate) struct WholeOutcome {
    pub total: f64,
    pub losses: Sums,
    pub gradients: GradientsParams,
}

impl WholeStep<'_> {
    /// The losses and their gradient, or nothing where a network is not of this kind, not on the CPU, or in a stack.
    ///
    /// The candidates are those that [`crate::density::Density::sample`] draws: `noise` is asked for the same numbers.
    pub(crate) fn run(&self, batch: &Batch, noise: &mut Noise) -> Option<WholeOutcome> {
        if noise.networks() > 1 {
            return None;
        }
        let [count, width] = batch.target.dims();
        let head = Head::of(self.energy).filter(|_| width == 1 && on_cpu(&batch.input))?;
        let head = AnyHead::Narrow(head);
        let arch = Arch::new();
        let length = count.next_multiple_of(BLOCK);
        let input = to_units(&host(&batch.input), count, length);
        let targets = host(&batch.target);
        let feature = Stack::of(self.feature)?;
        let from_features = Layer::of(&self.energy.from_features);
        let mdn = match self.mixture {
            Proposal::Centred(_) => None,
            Proposal::Learned { mdn, feature, losses } => {
                let own = feature.map(Stack::of);
                if own.as_ref().is_some_and(Option::is_none) {
                    return None;
                }
                Some((Branches::of(mdn), own.flatten(), losses))
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
        let own = mdn.as_ref().map(|(branches, own, _)| {
            arch.dispatch(
                #[inline(always)]
                || {
                    let of_own = own.as_ref().map(|own| own.forward(input, length));
                    let features =
                        of_own.as_ref().map_or(features, |of_own| of_own.last().expect("the input at least"));
                    (branches.forward(features, length), of_own)
                },
            )
        });
        let mixture = match (&own, self.mixture) {
            (Some((outputs, _)), _) => Mixtures::of(outputs.each_ref().map(|[_, last]| &last[..]), count, length),
            (None, Proposal::Centred(sigmas)) => Mixtures::centred(&targets, sigmas),
            (None, Proposal::Learned { .. }) => unreachable!("a learned mixture has branches"),
        };

        let components = mixture.log_weights.len() / count;
        let normals = noise.normals(count * self.m);
        let uniforms = if components > 1 { noise.uniforms(count * self.m) } else { Vec::new() };
        let outcome = run(&Step {
            head: &head,
            from_features: &to_rows(&projected, count, length),
            targets: &targets,
            target: 1,
            log_weights: &mixture.log_weights,
            means: &mixture.means,
            log_scales: &mixture.log_scales,
            components,
            m: self.m,
            normals: &normals,
            uniforms: &uniforms,
            objective: self.objective,
            mixture: mdn.as_ref().map(|(_, _, losses)| *losses),
        });

        let mut gradients = Vec::new();
        arch.dispatch(
            #[inline(always)]
            || {
                let delta = to_units(&outcome.from_features, count, length);
                gradients.push(from_features.gradient(features, &delta, length));
                if self.backbone == BackboneTraining::Trained {
                    let mut by_features = vec![0.0; features.len()];
                    from_features.backward(&delta, length, &mut by_features);
                    feature.backward(&activations, by_features, length, &mut gradients);
                }
                if let (Some((branches, own_feature, _)), Some((outputs, of_own))) = (&mdn, &own) {
                    let deltas = mixture.deltas(&outcome, count, length);
                    let shared = of_own.as_ref().map_or(features, |of_own| of_own.last().expect("the input at least"));
                    let by_features = branches.backward(shared, outputs, deltas, length, &mut gradients);
                    if let (Some(own), Some(of_own), BackboneTraining::Trained) = (own_feature, of_own, self.backbone) {
                        own.backward(of_own, by_features, length, &mut gradients);
                    }
                }
            },
        );
        let losses = outcome.losses;
        let mut total = losses.energy;
        if let Some((_, _, factors)) = &mdn {
            total += factors.of(&losses);
        }
        let device = batch.input.device().inner();
        let gradients = register(gradients, self.energy, &outcome.parameters, &device);
        sweep(&device);
        Some(WholeOutcome { total, losses, gradients })
    }
}

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Has Burn free the graphs of parameters that were updated. It does so whenever something is differentiated, which
/// these steps never are: a network of 75 epochs would hold 150 MB of them.
fn sweep(device: &Device) {
    const EVERY: usize = 32;
    let steps = STEPS.get() + 1;
    STEPS.set(steps % EVERY);
    if steps == EVERY {
        drop(Tensor::<1>::zeros([1], &device.clone().autodiff()).require_grad().backward());
    }
}

/// The layers of a backbone, a ReLU after each.
struct Stack<'a>(Vec<Layer<'a>>);

impl<'a> Stack<'a> {
    fn of(backbone: &'a Backbone) -> Option<Self> {
        let Backbone::Mlp(Mlp { layers }) = backbone else { return None };
        Some(Self(layers.iter().map(Layer::of).collect()))
    }

    /// The input and the output of every layer.
    #[inline(always)]
    fn forward(&self, input: Vec<f32>, length: usize) -> Vec<Vec<f32>> {
        let mut activations = vec![input];
        for layer in &self.0 {
            let next = layer.forward(activations.last().expect("the input at least"), length, true);
            activations.push(next);
        }
        activations
    }

    /// Adds the gradients of the layers, from that of the last output.
    #[inline(always)]
    fn backward(
        &self,
        activations: &[Vec<f32>],
        mut delta: Vec<f32>,
        length: usize,
        gradients: &mut Vec<LayerGradient<'a>>,
    ) {
        for (index, layer) in self.0.iter().enumerate().rev() {
            let input = &activations[index];
            rectify(&mut delta, &activations[index + 1]);
            gradients.push(layer.gradient(input, &delta, length));
            if index > 0 {
                let mut by_input = vec![0.0; input.len()];
                layer.backward(&delta, length, &mut by_input);
                delta = by_input;
            }
        }
    }
}

/// The branches of a mixture density network: means, log-variances, logits.
struct Branches<'a>([[Layer<'a>; 2]; 3]);

impl<'a> Branches<'a> {
    fn of(mdn: &'a Mdn) -> Self {
        Self(mdn.branches().map(|branch| branch.map(Layer::of)))
    }

    /// The outputs of both layers of each branch.
    #[inline(always)]
    fn forward(&self, features: &[f32], length: usize) -> [[Vec<f32>; 2]; 3] {
        self.0.each_ref().map(
            #[inline(always)]
            |[hidden, last]| {
                let units = hidden.forward(features, length, true);
                let output = last.forward(&units, length, false);
                [units, output]
            },
        )
    }

    /// Adds the gradients of the layers, from those of the outputs; returns that of the features.
    #[inline(always)]
    fn backward(
        &self,
        features: &[f32],
        outputs: &[[Vec<f32>; 2]; 3],
        deltas: [Vec<f32>; 3],
        length: usize,
        gradients: &mut Vec<LayerGradient<'a>>,
    ) -> Vec<f32> {
        let mut by_features = vec![0.0; features.len()];
        for (([hidden, last], [units, _]), delta) in self.0.iter().zip(outputs).zip(deltas) {
            gradients.push(last.gradient(units, &delta, length));
            let mut by_units = vec![0.0; units.len()];
            last.backward(&delta, length, &mut by_units);
            rectify(&mut by_units, units);
            gradients.push(hidden.gradient(features, &by_units, length));
            hidden.backward(&by_units, length, &mut by_features);
        }
        by_features
    }
}

/// A mixture an example, `[batch, components]` row by row.
struct Mixtures {
    log_weights: Vec<f32>,
    means: Vec<f32>,
    log_scales: Vec<f32>,
    /// Whether a log-scale is within its limits, so that its gradient passes.
    free: Vec<bool>,
}

impl Mixtures {
    /// From means, log-variances and logits, units by examples: [`Mdn::forward`] and [`crate::density::GaussianMixture::new`].
    fn of([means, log_variances, logits]: [&[f32]; 3], count: usize, length: usize) -> Self {
        let limit = LOG_SCALE_LIMIT as f32;
        let mut log_scales = to_rows(log_variances, count, length);
        log_scales.iter_mut().for_each(|log_scale| *log_scale *= 0.5);
        let free = log_scales.iter().map(|log_scale| (-limit..=limit).contains(log_scale)).collect();
        log_scales.iter_mut().for_each(|log_scale| *log_scale = log_scale.clamp(-limit, limit));
        let mut log_weights = to_rows(logits, count, length);
        for row in log_weights.chunks_exact_mut(logits.len() / length) {
            let largest = row.iter().copied().fold(f32::MIN, f32::max);
            let sum: f32 = row.iter().map(|logit| (logit - largest).exp()).sum();
            row.iter_mut().for_each(|logit| *logit = *logit - largest - sum.ln());
        }
        Self { log_weights, means: to_rows(means, count, length), log_scales, free }
    }

    /// [`crate::density::GaussianMixture::centred`].
    fn centred(targets: &[f32], sigmas: &[f64]) -> Self {
        let components = sigmas.len();
        let log_sigmas: Vec<f32> = sigmas.iter().map(|sigma| sigma.ln() as f32).collect();
        Self {
            log_weights: vec![-(components as f64).ln() as f32; targets.len() * components],
            means: targets.iter().flat_map(|&target| std::iter::repeat_n(target, components)).collect(),
            log_scales: log_sigmas.repeat(targets.len()),
            free: Vec::new(),
        }
    }

    /// The gradient by means, log-variances and logits, units by examples.
    fn deltas(&self, outcome: &Outcome, count: usize, length: usize) -> [Vec<f32>; 3] {
        let components = self.means.len() / count;
        let slopes = outcome.log_scales.iter().zip(&self.free);
        let by_log_variances: Vec<f32> = slopes.map(|(slope, &free)| if free { 0.5 * slope } else { 0.0 }).collect();
        let mut by_logits = outcome.log_weights.clone();
        for (row, log_weights) in by_logits.chunks_exact_mut(components).zip(self.log_weights.chunks_exact(components))
        {
            let sum: f32 = row.iter().sum();
            row.iter_mut().zip(log_weights).for_each(|(slope, log_weight)| *slope -= log_weight.exp() * sum);
        }
        [&outcome.means, &by_log_variances, &by_logits].map(|rows| to_units(rows, count, length))
    }
}

/// `[count, units]` row by row → a row of `length` a unit, 0 beyond the examples.
fn to_units(rows: &[f32], count: usize, length: usize) -> Vec<f32> {
    let width = rows.len() / count;
    let mut units = vec![0.0; width * length];
    for (example, row) in rows.chunks_exact(width).enumerate() {
        row.iter().enumerate().for_each(|(unit, &value)| units[unit * length + example] = value);
    }
    units
}

/// The opposite of [`to_units`].
fn to_rows(units: &[f32], count: usize, length: usize) -> Vec<f32> {
    (0..count).flat_map(|example| units.chunks_exact(length).map(move |unit| unit[example])).collect()
}

/// Gradients under the names of the parameters they belong to: of these layers, and of the layers that candidates pass.
fn register(gradients: Vec<LayerGradient<'_>>, energy: &EnergyNet, head: &[f32], device: &Device) -> GradientsParams {
    let mut registered = GradientsParams::new();
    for LayerGradient { linear, weights, bias } in gradients {
        register_layer(&mut registered, linear, weights, bias, device);
    }
    let mut rest = head;
    for layer in layers_of(energy) {
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
