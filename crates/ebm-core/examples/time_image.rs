//! Times the image networks and prints the result as JSON for `cargo xtask bench`. `bench/peers/` does the same in
//! PyTorch.
//!
//! `time_image head 20` runs 20 steps of the energy head and its losses on given features. `resnet` runs the backbone
//! forward and backward. `step` and `step-frozen` run whole training steps of an energy-based model with its proposal,
//! including Adam, with a trained and a frozen backbone. Batch 32, 1024 candidates, scalar targets, one component.
//! `plain` after the number of steps uses tensor operations instead of the kernel of the energy head.

use std::hint::black_box;
use std::time::Instant;

use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use ebm_core::Features;
use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{
    Adam, BackboneTraining, Batch, Kernels, Method, Model, ModelConfig, NetworkConfig, Noise, Phase, Purpose, Regressor,
};

const BATCH: usize = 32;
const M: usize = 1024;
const FEATURES: usize = 512;
const PIXELS: usize = 3 * 64 * 64;
const WARM_UP: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (work, steps, kernels) = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [work, steps] => (*work, *steps, Kernels::Fused),
        [work, steps, "plain"] => (*work, *steps, Kernels::Plain),
        _ => panic!("usage: time_image head|resnet|step-frozen|step STEPS [plain]"),
    };
    let steps = steps.parse().expect("a number of steps");
    let milliseconds = match work {
        "head" => head(steps, kernels),
        "resnet" => resnet(steps),
        "step-frozen" => step(steps, BackboneTraining::Frozen, kernels),
        "step" => step(steps, BackboneTraining::Trained, kernels),
        other => panic!("unknown work {other}; use head, resnet, step-frozen or step"),
    };
    let mut measured = milliseconds[WARM_UP..].to_vec();
    measured.sort_by(f64::total_cmp);
    let (median, fastest) = (measured[steps / 2], measured[0]);
    let version = format!("ebm-core {}, Burn 0.22.1", env!("CARGO_PKG_VERSION"));
    println!(
        "{}",
        serde_json::json!({ "median_ms": median, "fastest_ms": fastest, "steps": steps, "version": version })
    );
}

/// Milliseconds of every step.
fn time(steps: usize, mut step: impl FnMut(usize)) -> Vec<f64> {
    let timed = |index| {
        let start = Instant::now();
        step(index);
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..WARM_UP + steps).map(timed).collect()
}

fn model(network: NetworkConfig, input: usize) -> Model {
    ModelConfig { input, target: 1, method: Method::ebm(1), network, axes: Vec::new() }
        .init(0, &Device::flex().autodiff())
}

fn batch(input: usize) -> Batch {
    let mut noise = Noise::new(0, Purpose::Prediction, 0, 0);
    let device = Device::flex();
    Batch { input: noise.normal([BATCH, input], &device), target: noise.normal([BATCH, 1], &device) }
}

/// The losses of the energy and its proposal, and their gradient with respect to all weights and the features.
fn head(steps: usize, kernels: Kernels) -> Vec<f64> {
    let backbone = BackboneConfig::Mlp { widths: vec![FEATURES] };
    let model = model(NetworkConfig { backbone, ..NetworkConfig::image() }, 1);
    let batch = batch(1);
    time(steps, |step| {
        let phase = Phase { kernels, ..Phase::method(M) };
        let losses = model.losses(&batch, phase, &mut Noise::new(0, Purpose::Candidates, 0, step));
        black_box(losses.total.backward());
    })
}

fn resnet(steps: usize) -> Vec<f64> {
    let noise = &mut Noise::new(0, Purpose::Weights, 0, 0);
    let network = BackboneConfig::Resnet18 { width: 64 }.init(PIXELS, noise, &Device::flex().autodiff());
    let images = batch(PIXELS).input;
    let slopes: Tensor<2> = noise.normal([BATCH, FEATURES], &Device::flex());
    time(steps, |_| {
        let features = network.forward(images.clone().autodiff());
        black_box((features * slopes.clone().autodiff()).sum().backward());
    })
}

fn step(steps: usize, backbone: BackboneTraining, kernels: Kernels) -> Vec<f64> {
    let mut model = Some(model(NetworkConfig::image(), PIXELS));
    let (batch, mut adam) = (batch(PIXELS), Adam::default());
    time(steps, |step| {
        let own = model.take().expect("put back below");
        let phase = Phase { backbone, kernels, ..Phase::method(M) };
        let losses = own.losses(&batch, phase, &mut Noise::new(0, Purpose::Candidates, 0, step));
        let gradients = GradientsParams::from_grads(losses.total.backward(), &own);
        model = Some(adam.step(1e-3, own, gradients));
    })
}
