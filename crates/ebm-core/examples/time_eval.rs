//! Times evaluation and prediction and prints the result as JSON for `cargo xtask bench`. `bench/peers/nll.py` and
//! `bench/peers/predict.py` do the same in PyTorch.
//!
//! `time_eval nll-steering 5` evaluates the likelihood of 64 images five times on the grid of the steering task, given
//! their features; `nll-head-pose` does so for the head-pose task. `predict` computes means with standard errors at 256
//! inputs of a 1D network, by importance sampling with 1024 candidates.

use std::time::Instant;

use burn::tensor::Device;
use ebm_core::evaluate::nll_on_grid;
use ebm_core::network::backbone::BackboneConfig;
use ebm_core::predict::importance;
use ebm_core::{Dataset, Examples, Grid, Method, Model, ModelConfig, NetworkConfig, Noise, Purpose, linspace};

const IMAGES: usize = 64;
const INPUTS: usize = 256;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [work, turns] = &arguments[..] else { panic!("usage: time_eval nll-steering|nll-head-pose|predict TURNS") };
    let turns: usize = turns.parse().expect("a number of turns");
    let milliseconds = match work.as_str() {
        "nll-steering" => nll(&Grid::line(-100.0, 100.0, 20_000), turns),
        "nll-head-pose" => nll(&Grid::cube(-80.0, 80.0, 30, 3), turns),
        "predict" => means(turns),
        other => panic!("unknown work {other}; use nll-steering, nll-head-pose or predict"),
    };
    let version = format!("ebm-core {}, Burn 0.22.1", env!("CARGO_PKG_VERSION"));
    println!("{}", serde_json::json!({ "median_ms": milliseconds, "turns": turns, "version": version }));
}

/// Milliseconds for each image. One layer on random inputs takes the place of the backbone.
fn nll(grid: &Grid, turns: usize) -> f64 {
    let backbone = BackboneConfig::Mlp { widths: vec![512] };
    let network = NetworkConfig { backbone, ..NetworkConfig::image() };
    let method = Method::ebm(4);
    let model = ModelConfig { input: 512, target: grid.dimensions(), method, network, axes: Vec::new() }
        .init(0, &Device::flex());
    let noise = &mut Noise::new(0, Purpose::Prediction, 0, 0);
    let mut draw = |count: usize| (0..count).map(|_| noise.gauss() as f32).collect();
    let examples = Examples::new(draw(IMAGES * 512), 512, draw(IMAGES * grid.dimensions()), grid.dimensions());
    median(turns, IMAGES, || {
        let nll = nll_on_grid(&model, &examples, grid, &mut |_| ());
        assert!(nll.iter().all(|nll| nll.is_finite()));
    })
}

/// Milliseconds for each input.
fn means(turns: usize) -> f64 {
    let device = Device::flex();
    let model: Model = ModelConfig::scalar(Method::ebm(4)).init(0, &device);
    let x = linspace(-3.0, 3.0, INPUTS);
    let examples = Examples::from_pairs(&x, &vec![0.0; INPUTS]);
    let batch = examples.batch(&(0..INPUTS).collect::<Vec<_>>(), &device);
    let mut turn = 0;
    median(turns, INPUTS, || {
        turn += 1;
        let noise = &mut Noise::new(0, Purpose::Prediction, 0, turn);
        let draws = importance(&model.conditional(batch.input.clone()), 1024, noise).expect("the model has a proposal");
        assert!(draws.iter().map(|draws| draws.mean()).all(|mean| mean.value.is_finite() && mean.standard_error > 0.0));
    })
}

/// Median time of a turn divided by `count`, in milliseconds, after one warm-up turn.
fn median(turns: usize, count: usize, mut work: impl FnMut()) -> f64 {
    work();
    let mut times: Vec<f64> = (0..turns)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3 / count as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[turns / 2]
}
