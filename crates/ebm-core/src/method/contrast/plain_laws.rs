//! The kernels agree with the tensor operations, for every method, phase and size.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};

use crate::data::dataset::Dataset;
use crate::data::examples::Examples;
use crate::kernel::Kernels;
use crate::loss::Objective;
use crate::math::noise::{Noise, Purpose};
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::method::laws::named;
use crate::method::model::Model;
use crate::method::phase::{BackboneTraining, MixtureLoss, Phase};
use crate::method::regressor::Regressor;
use crate::method::residual::laws::trained;

const OBJECTIVES: [Objective; 2] = [Objective::Nce, Objective::Importance];

/// Named numbers.
type Numbers = BTreeMap<String, Vec<f32>>;

/// The total, its parts, and every gradient of a step.
fn step_of(model: &Model, target: usize, phase: Phase) -> (Numbers, Numbers) {
    let x: Vec<f32> = (0..7).map(|i| i as f32 * 0.8 - 2.5).collect();
    let y = x.iter().flat_map(|x| (0..target).map(move |d| (x + d as f32).sin())).collect();
    let batch = Examples::new(x.clone(), 1, y, target).batch(&[0, 1, 2, 3, 4, 5, 6], &Device::flex());
    let mut losses = model.losses(&batch, phase, &mut Noise::new(1, Purpose::Candidates, 0, 0));
    let value = |tensor: &Tensor<1>| vec![tensor.clone().into_scalar::<f32>()];
    let mut values: Numbers = losses.parts.iter().map(|(name, part)| ((*name).to_owned(), value(part))).collect();
    values.insert("total".to_owned(), value(&losses.total));
    let gradients = losses.gradients(model);
    (values, named(model, &gradients))
}

/// Checks differences relative to the largest number of a tensor, or to a hundredth where its terms of order 1 cancel.
fn assert_close(fused: &Numbers, plain: &Numbers, tolerance: f32, case: &str) {
    assert!(fused.keys().eq(plain.keys()), "{case}: {:?} against {:?}", fused.keys(), plain.keys());
    for (name, plain) in plain {
        let scale = plain.iter().fold(1e-2f32, |scale, value| scale.max(value.abs()));
        for (fused, plain) in fused[name].iter().zip(plain) {
            assert!((fused - plain).abs() <= tolerance * scale, "{case}, {name}: {fused} against {plain} of {scale}");
        }
    }
}

fn methods(components: usize, objective: Objective) -> [Method; 4] {
    let sigmas = (0..components).map(|k| 0.1 * 1.3f64.powi(k as i32)).collect();
    [
        Method::EbmFixed { sigmas, objective },
        Method::Ebm { components, objective },
        Method::MdnTeacher { components, objective },
        Method::Residual { components, objective },
    ]
}

fn compare(method: &Method, network: NetworkConfig, phase: Phase) {
    compare_for(1, method, network, phase);
}

fn compare_for(target: usize, method: &Method, network: NetworkConfig, phase: Phase) {
    let case = format!("{target}, {method:?}, {network:?}, {phase:?}");
    let config = ModelConfig { input: 1, target, method: method.clone(), network, axes: Vec::new() };
    let device = Device::flex().autodiff();
    // The energy of a new residual model is 0, and so are most of its gradients.
    let is_residual = matches!(method, Method::Residual { .. });
    let model = if is_residual { trained(&config, &device) } else { config.init(5, &device) };
    let (fused_values, fused_gradients) = step_of(&model, target, Phase { kernels: Kernels::Fused, ..phase });
    let (plain_values, plain_gradients) = step_of(&model, target, Phase { kernels: Kernels::Plain, ..phase });
    assert_close(&fused_values, &plain_values, 1e-5, &case);
    assert_close(&fused_gradients, &plain_gradients, 1e-4, &case);
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
