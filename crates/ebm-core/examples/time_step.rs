//! Times training steps of a 1D energy-based model with its proposal, and prints them as JSON: what
//! `cargo xtask bench` reads. `bench/peers/` has the same in PyTorch.
//!
//! `time_step fused 4 200` takes 200 steps with 4 components by the fused kernel.

use std::time::Instant;

use burn::tensor::Device;
use ebm_core::{Adam, Dataset, Examples, Kernels, Method, ModelConfig, Noise, Phase, Purpose, Regressor};

const BATCH: usize = 32;
const M: usize = 1024;
const WARM_UP: usize = 20;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kernels, components, steps] = &arguments[..] else { panic!("usage: time_step fused|plain COMPONENTS STEPS") };
    let kernels = match kernels.as_str() {
        "fused" => Kernels::Fused,
        "plain" => Kernels::Plain,
        other => panic!("{other} is neither fused nor plain"),
    };
    let components = components.parse().expect("a number of components");
    let steps: usize = steps.parse().expect("a number of steps");

    let x: Vec<f64> = (0..BATCH).map(|i| i as f64 * 0.2 - 3.0).collect();
    let y: Vec<f64> = x.iter().map(|x| x.sin()).collect();
    let batch = Examples::from_pairs(&x, &y).batch(&(0..BATCH).collect::<Vec<_>>(), &Device::flex());
    let mut model = ModelConfig::scalar(Method::ebm(components)).init(0, &Device::flex().autodiff());
    let phase = Phase { kernels, ..Phase::method(M) };
    let mut adam = Adam::default();
    let mut milliseconds = Vec::new();
    for step in 0..WARM_UP + steps {
        let start = Instant::now();
        let mut losses = model.losses(&batch, phase, &mut Noise::new(0, Purpose::Candidates, 0, step));
        let gradients = losses.gradients(&model);
        model = adam.step(1e-3, model, gradients);
        milliseconds.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let mut measured = milliseconds.split_off(WARM_UP);
    measured.sort_by(f64::total_cmp);
    let (median, fastest) = (measured[steps / 2], measured[0]);
    let version = format!("ebm-core {}, Burn 0.22.1", env!("CARGO_PKG_VERSION"));
    println!(
        "{}",
        serde_json::json!({ "median_ms": median, "fastest_ms": fastest, "steps": steps, "version": version })
    );
}
