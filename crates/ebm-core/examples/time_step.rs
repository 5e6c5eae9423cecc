//! Times training steps of 1D energy-based models with their proposals, and prints the result as JSON for
//! `cargo xtask bench`. `bench/peers/` does the same in PyTorch.
//!
//! `time_step fused 4 200` runs 200 steps with 4 components by the fused kernel on the CPU.
//! `time_step fused 4 200 cuda 20` does so for a stack of 20 networks on a GPU, in a build with that feature.

use std::time::Instant;

use burn::tensor::Device;
use ebm_core::{Adam, Dataset, Examples, Kernels, Method, ModelConfig, Noise, Phase, Purpose, Regressor, TrainState};

const BATCH: usize = 32;
const M: usize = 1024;
const WARM_UP: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (kernels, components, steps, device, networks) = match arguments[..] {
        [kernels, components, steps] => (kernels, components, steps, "cpu", "1"),
        [kernels, components, steps, device, networks] => (kernels, components, steps, device, networks),
        _ => panic!("usage: time_step fused|plain COMPONENTS STEPS [cpu|wgpu|cuda NETWORKS]"),
    };
    let kernels = match kernels {
        "fused" => Kernels::Fused,
        "plain" => Kernels::Plain,
        other => panic!("unknown kernels {other}; use fused or plain"),
    };
    let components = components.parse().expect("a number of components");
    let steps: usize = steps.parse().expect("a number of steps");
    let networks = networks.parse().expect("a number of networks");
    let device = device_of(device);

    let x: Vec<f64> = (0..BATCH).map(|i| i as f64 * 0.2 - 3.0).collect();
    let y: Vec<f64> = x.iter().map(|x| x.sin()).collect();
    let seeds: Vec<u64> = (0..networks).collect();
    let rows: Vec<usize> = seeds.iter().flat_map(|_| 0..BATCH).collect();
    let batch = Examples::from_pairs(&x, &y).batch(&rows, &device);
    let config = ModelConfig::scalar(Method::ebm(components));
    let fresh = |&seed: &u64| TrainState::new(config.init(seed, &device.clone().autodiff()), seed);
    let mut model = TrainState::stack(seeds.iter().map(fresh).collect()).model;
    let phase = Phase { kernels, ..Phase::method(M) };
    let mut adam = Adam::default();
    let mut milliseconds = Vec::new();
    for step in 0..WARM_UP + steps {
        let start = Instant::now();
        let mut losses = model.losses(&batch, phase, &mut Noise::stacked(&seeds, Purpose::Candidates, 0, step));
        let gradients = losses.gradients(&model);
        model = adam.step(1e-3, model, gradients);
        device.sync().expect("the step is computed");
        milliseconds.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let mut measured = milliseconds.split_off(WARM_UP);
    measured.sort_by(f64::total_cmp);
    let (median, fastest) = (measured[steps / 2], measured[0]);
    let version = format!("ebm-core {}, Burn 0.22.1{}", env!("CARGO_PKG_VERSION"), on(&device));
    println!(
        "{}",
        serde_json::json!({ "median_ms": median, "fastest_ms": fastest, "steps": steps, "version": version })
    );
}

/// The name of the device, if it is a GPU.
#[cfg(any(feature = "wgpu", feature = "cuda"))]
fn on(device: &Device) -> String {
    device.identity().map_or_else(String::new, |gpu| format!(" on {}", gpu.name))
}

#[cfg(not(any(feature = "wgpu", feature = "cuda")))]
fn on(_: &Device) -> String {
    String::new()
}

fn device_of(name: &str) -> Device {
    match name {
        "cpu" => Device::flex(),
        #[cfg(feature = "wgpu")]
        "wgpu" => Device::wgpu(burn::tensor::DeviceKind::DefaultDevice),
        #[cfg(feature = "cuda")]
        "cuda" => Device::cuda(0),
        other => panic!("this build has no device {other}"),
    }
}
