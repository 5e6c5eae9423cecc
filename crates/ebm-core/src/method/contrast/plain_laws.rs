//! The kernels agree with the tensor operations, for every method, phase and size.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};

use crate::data::dataset::{Batch, Dataset};
use crate::data::examples::Examples;
use crate::io::tensors;
use crate::kernel::Kernels;
use crate::loss::Objective;
use crate::math::noise::{Noise, Purpose};
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::method::model::Model;
use crate::method::phase::{BackboneTraining, MixtureLoss, Phase};
use crate::method::regressor::Regressor;
use crate::network::backbone::BackboneConfig;
use crate::network::features::Features;
use crate::network::piecewise::Piecewise;

const OBJECTIVES: [Objective; 2] = [Objective::Nce, Objective::Importance];

/// Named numbers.
type Numbers = BTreeMap<String, Vec<f32>>;

struct Collect<'a> {
    gradients: &'a GradientsParams,
    path: Vec<String>,
    numbers: Numbers,
}

impl ModuleVisitor for Collect<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.numbers.insert(self.path.join("."), gradient.into_data().try_to_vec().unwrap());
        }
    }
}

/// Some examples: `[rows, columns]` numbers on [−2.5, 2.3] and `[rows, target]` functions of the first.
fn batch(rows: usize, columns: usize, target: usize) -> Batch {
    let x: Vec<f32> = (0..rows * columns).map(|i| (i % 7) as f32 * 0.8 - 2.5 + (i / 7) as f32 * 1e-3).collect();
    let y = x.chunks(columns).flat_map(|x| (0..target).map(move |d| (x[0] + d as f32).sin())).collect();
    Examples::new(x.clone(), columns, y, target).batch(&(0..rows).collect::<Vec<_>>(), &Device::flex())
}

/// The total, its parts, and every gradient of a step.
fn step_of(model: &Model, batch: &Batch, phase: Phase) -> (Numbers, Numbers) {
    let mut losses = model.losses(batch, phase, &mut Noise::new(1, Purpose::Candidates, 0, 0));
    let value = |tensor: &Tensor<1>| vec![tensor.clone().into_scalar::<f32>()];
    let mut values: Numbers = losses.parts.iter().map(|(name, part)| ((*name).to_owned(), value(part))).collect();
    values.insert("total".to_owned(), value(&losses.total));
    let gradients = losses.gradients(model);
    let mut collect = Collect { gradients: &gradients, path: Vec::new(), numbers: Numbers::new() };
    model.visit(&mut collect);
    (values, collect.numbers)
}

/// Checks differences relative to the largest number of a tensor, or to a hundredth where its terms of order 1 cancel. `more`
/// is a further difference that is allowed for each tensor.
fn assert_close(fused: &Numbers, plain: &Numbers, tolerance: f32, more: &BTreeMap<String, f32>, case: &str) {
    assert!(fused.keys().eq(plain.keys()), "{case}: {:?} against {:?}", fused.keys(), plain.keys());
    for (name, plain) in plain {
        let scale = plain.iter().fold(1e-2f32, |scale, value| scale.max(value.abs()));
        let allowed = tolerance * scale + more.get(name).copied().unwrap_or_default();
        for (fused, plain) in fused[name].iter().zip(plain) {
            assert!((fused - plain).abs() <= allowed, "{case}, {name}: {fused} against {plain} of {scale}, {allowed}");
        }
    }
}

/// Rounding of sums that cancel, by tensor: 2e-6 of the largest entry of `∂f(y)/∂θ`, the gradient of the scores of the labels.
///
/// The energy's gradient is `Σ w_m ∂f(y_m)/∂θ`, of weights that sum to 0 up to the rounding of up to 200 of them. Where the
/// terms are alike, as those of features that switch no unit, nothing else is left.
fn rounding_of_terms(model: &Model, batch: &Batch) -> BTreeMap<String, f32> {
    let [rows, target] = batch.target.dims();
    let y = batch.target.clone().reshape([rows, 1, target]);
    let scores = match model {
        Model::Mdn(_) => return BTreeMap::new(),
        Model::EbmFixed(of) => of.energy.score(of.feature.forward(batch.input.clone()), y),
        Model::Ebm(of) => of.energy.score(of.feature.forward(batch.input.clone()), y),
        Model::MdnTeacher(of) => of.teacher.score(of.teacher_feature.forward(batch.input.clone()), y),
    };
    let gradients = GradientsParams::from_grads(scores.mean().backward(), model);
    let mut collect = Collect { gradients: &gradients, path: Vec::new(), numbers: Numbers::new() };
    model.visit(&mut collect);
    let largest = |numbers: Vec<f32>| 2e-6 * numbers.into_iter().map(f32::abs).fold(0.0, f32::max);
    collect.numbers.into_iter().map(|(name, numbers)| (name, largest(numbers))).collect()
}

fn methods(components: usize, objective: Objective) -> [Method; 3] {
    let sigmas = (0..components).map(|k| 0.1 * 1.3f64.powi(k as i32)).collect();
    [
        Method::EbmFixed { sigmas, objective },
        Method::Ebm { components, objective },
        Method::MdnTeacher { components, objective },
    ]
}

fn compare(method: &Method, network: NetworkConfig, phase: Phase) {
    compare_for(1, method, network, phase);
}

fn compare_for(target: usize, method: &Method, network: NetworkConfig, phase: Phase) {
    let case = format!("{target}, {method:?}, {network:?}, {phase:?}");
    let config = ModelConfig { input: 1, target, method: method.clone(), network, axes: Vec::new() };
    let model = config.init(5, &Device::flex().autodiff());
    compare_model(&model, &batch(7, 1, target), phase, &BTreeMap::new(), &case);
}

fn compare_model(model: &Model, batch: &Batch, phase: Phase, more: &BTreeMap<String, f32>, case: &str) {
    let (fused_values, fused_gradients) = step_of(model, batch, Phase { kernels: Kernels::Fused, ..phase });
    let (plain_values, plain_gradients) = step_of(model, batch, Phase { kernels: Kernels::Plain, ..phase });
    assert_close(&fused_values, &plain_values, 1e-5, &BTreeMap::new(), case);
    assert_close(&fused_gradients, &plain_gradients, 1e-4, more, case);
}

#[test]
fn the_kernel_is_the_plain_step_for_every_method_loss_and_size() {
    for components in [1, 4, 16] {
        for objective in OBJECTIVES {
            for (method, residual) in methods(components, objective).iter().flat_map(|m| [(m, true), (m, false)]) {
                // Less than a vector, incomplete vectors, one tile with and without the observed target, several tiles.
                // From 384 on, the kernel works by segments.
                for m in [1, 37, 127, 128, 300, 384, 512] {
                    compare(method, NetworkConfig { residual, ..NetworkConfig::default() }, Phase::method(m));
                }
            }
        }
    }
}

#[test]
fn the_kernel_is_the_plain_step_for_layers_of_any_width_and_number() {
    for target_widths in [vec![], vec![3], vec![16, 7, 1], vec![64, 64]] {
        for hidden in [1, 5, 33] {
            let network = NetworkConfig { target_widths: target_widths.clone(), hidden, ..NetworkConfig::default() };
            compare(&Method::ebm(3), network.clone(), Phase::method(70));
            compare(&Method::ebm(3), network, Phase::method(416));
        }
    }
}

#[test]
fn the_kernel_is_the_plain_step_for_targets_of_any_dimension_and_wide_layers() {
    // One candidate, less than a tile, a tile, several tiles and blocks. A ReLU input within rounding of 0 could be on
    // in one implementation and off in the other; these numbers avoid that.
    for (target, target_widths, hidden, sizes) in [
        (1, vec![16, 32, 64, 128], 200, &[1, 63, 64, 300][..]),
        (3, vec![16, 40], 90, &[1, 300]),
        (3, vec![4, 7], 10, &[1, 63, 64, 300]),
        (2, vec![], 65, &[1, 63, 64, 300]),
        (1, vec![], 80, &[1, 63, 64, 300]),
    ] {
        for (components, objective) in [(1, Objective::Nce), (4, Objective::Nce), (3, Objective::Importance)] {
            for (method, residual) in methods(components, objective).iter().flat_map(|m| [(m, true), (m, false)]) {
                for &m in sizes {
                    let network = NetworkConfig {
                        target_widths: target_widths.clone(),
                        hidden,
                        residual,
                        ..NetworkConfig::default()
                    };
                    compare_for(target, method, network, Phase::method(m));
                }
            }
        }
    }
}

#[test]
fn the_kernel_is_the_plain_step_in_every_phase() {
    for backbone in [BackboneTraining::Trained, BackboneTraining::Frozen] {
        for mixture in [MixtureLoss::Method, MixtureLoss::Likelihood] {
            for method in &methods(4, Objective::Nce) {
                compare(method, NetworkConfig::default(), Phase { backbone, mixture, ..Phase::method(50) });
            }
        }
    }
}

#[test]
fn the_whole_step_is_the_plain_step_for_mdns_of_any_size_and_phase() {
    for components in [1, 4, 16, 20] {
        for (target, backbone) in
            [(1, BackboneTraining::Trained), (3, BackboneTraining::Trained), (2, BackboneTraining::Frozen)]
        {
            let network =
                NetworkConfig { backbone: BackboneConfig::Mlp { widths: vec![10, 33] }, ..NetworkConfig::default() };
            let phase = Phase { backbone, ..Phase::method(1) };
            compare_for(target, &Method::Mdn { components }, network, phase);
        }
    }
}

/// A model of a table, and the same with weights as they are after long training: larger, and scales that are not 1.
fn models_of_a_table(columns: usize, target: usize, method: Method, network: NetworkConfig) -> [Model; 2] {
    let config = ModelConfig { input: columns, target, method, network, axes: Vec::new() };
    let model = config.init(5, &Device::flex().autodiff());
    let mut noise = Noise::new(9, Purpose::Weights, 0, 0);
    let mut named = tensors::collect(&model);
    for data in named.values_mut() {
        let factors = noise.normals(data.num_elements());
        let moved = data.iter::<f32>().zip(factors).map(|(number, z)| 1.5 * number + 0.1 * z).collect::<Vec<_>>();
        *data = TensorData::new(moved, data.shape().to_vec());
    }
    let trained = tensors::replace(model.clone(), named);
    [model, trained]
}

#[test]
fn the_whole_step_is_the_plain_step_for_tables_of_any_size() {
    for (rows, columns, width, blocks, m) in [
        (1, 1, 5, 0, 1),
        (5, 3, 17, 1, 37),
        (32, 4, 64, 2, 128),
        (5, 300, 33, 2, 200),
        (32, 20, 130, 1, 64),
        (1, 7, 64, 2, 128),
        (40, 2, 16, 2, 3),
    ] {
        // Every third column is encoded.
        let knots = |column: usize| if column.is_multiple_of(3) { vec![-0.7, 0.1, 0.9] } else { vec![] };
        let encoding = Piecewise::Knots((0..columns).map(knots).collect());
        let backbone = BackboneConfig::Tabular { width, blocks, encoding };
        for objective in OBJECTIVES {
            for method in methods(3, objective).into_iter().chain([Method::Mdn { components: 3 }]) {
                for (target, hidden) in [(1, 32), (2, 16)] {
                    let case = format!("{rows}, {columns}, {width}, {blocks}, {m}, {method:?}, {target}");
                    let network = NetworkConfig { backbone: backbone.clone(), hidden, ..NetworkConfig::tabular() };
                    let batch = batch(rows, columns, target);
                    for model in models_of_a_table(columns, target, method.clone(), network) {
                        for training in [BackboneTraining::Trained, BackboneTraining::Frozen] {
                            let phase = Phase { backbone: training, ..Phase::method(m) };
                            let more = rounding_of_terms(&model, &batch);
                            compare_model(&model, &batch, phase, &more, &case);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn the_likelihood_phase_of_an_energy_is_the_plain_one() {
    let [_, model] = models_of_a_table(4, 1, Method::ebm(3), NetworkConfig::tabular());
    let phase = Phase { mixture: MixtureLoss::Likelihood, ..Phase::method(8) };
    compare_model(&model, &batch(32, 4, 1), phase, &BTreeMap::new(), "likelihood");
}

#[test]
fn a_flaw_of_a_parameter_or_a_target_is_a_loss_that_is_not_finite() {
    for method in [Method::ebm(3), Method::Mdn { components: 1 }, Method::Mdn { components: 3 }] {
        let [model, _] = models_of_a_table(4, 1, method, NetworkConfig::tabular());
        for flaw in [f32::NAN, f32::INFINITY] {
            let mut spoilt = batch(5, 4, 1);
            spoilt.target = spoilt.target * Tensor::from_floats([[1.0], [1.0], [flaw], [1.0], [1.0]], &Device::flex());
            let (values, _) = step_of(&model, &spoilt, Phase::method(8));
            assert!(!values["total"][0].is_finite(), "{values:?}");
            let mut named = tensors::collect(&model);
            let bias = named.iter_mut().find(|(name, _)| name.ends_with("mean.bias")).expect("an MDN").1;
            *bias = TensorData::new(bias.iter::<f32>().map(|_| flaw).collect::<Vec<_>>(), bias.shape().to_vec());
            let (values, gradients) =
                step_of(&tensors::replace(model.clone(), named), &batch(5, 4, 1), Phase::method(8));
            let sum: f32 = values.values().chain(gradients.values()).flatten().map(|number| number * 0.0).sum();
            assert!(!sum.is_finite(), "{values:?}");
        }
    }
}
