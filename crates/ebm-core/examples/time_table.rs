//! Times the training loop on a table with the default network and settings, and prints the result as JSON.
//!
//! `time_table ebm 4 3000` takes 3000 steps of an energy-based model with its proposal on 4 columns, `mdn` those of a
//! mixture density network. `plain` after the number of steps uses tensor operations. The times are those of the whole
//! loop from one step to the next, so the batch, Adam and the running mean of the weights are included; validation is
//! reported apart, as the mean time of one. `RAYON_NUM_THREADS=1` measures one thread.

use std::time::Instant;

use burn::tensor::Device;
use ebm_core::{
    Examples, Flow, Kernels, Method, Model, ModelConfig, NetworkConfig, Noise, Observer, Purpose, TrainState,
    TrainingConfig, Validation, ValidationReport, fit_validated,
};

const ROWS: usize = 8192;
const HELD_OUT: usize = 512;
const COMPONENTS: usize = 4;
const WARM_UP: usize = 50;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (method, columns, steps, kernels) = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [method, columns, steps] => (*method, *columns, *steps, Kernels::Fused),
        [method, columns, steps, "plain"] => (*method, *columns, *steps, Kernels::Plain),
        _ => panic!("usage: time_table ebm|mdn COLUMNS STEPS [plain]"),
    };
    let method = match method {
        "ebm" => Method::ebm(COMPONENTS),
        "mdn" => Method::Mdn { components: COMPONENTS },
        other => panic!("unknown method {other}; use ebm or mdn"),
    };
    let columns = columns.parse().expect("a number of columns");
    let steps: usize = steps.parse().expect("a number of steps");

    let network = NetworkConfig::tabular();
    let config = ModelConfig { input: columns, target: 1, method, network, axes: Vec::new() };
    let training = TrainingConfig { kernels, epochs: usize::MAX, ..TrainingConfig::tabular(ROWS, &config.method) };
    let device = Device::flex();
    let held_out = rows(HELD_OUT, columns, 1);
    let validation = Validation::new(&held_out, &device);
    let state = TrainState::new(config.init(0, &device.autodiff()), 0);
    let now = Instant::now();
    let mut clock = Clock { wanted: WARM_UP + steps, last: now, steps: Vec::new(), validations: Vec::new() };
    fit_validated(state, &rows(ROWS, columns, 0), &validation, &training, &mut clock).expect("the losses are finite");
    let mut measured = clock.steps.split_off(WARM_UP);
    measured.sort_by(f64::total_cmp);
    let (median, fastest) = (measured[steps / 2], measured[0]);
    let validation = clock.validations.iter().sum::<f64>() / clock.validations.len() as f64;
    let version = format!("ebm-core {}, Burn 0.22.1", env!("CARGO_PKG_VERSION"));
    println!(
        "{}",
        serde_json::json!({
            "median_ms": median, "fastest_ms": fastest, "validation_ms": validation, "steps": steps, "version": version
        })
    );
}

/// Random rows whose target depends on the first column.
fn rows(count: usize, columns: usize, stream: usize) -> Examples {
    let mut noise = Noise::new(0, Purpose::Prediction, stream, 0);
    let x: Vec<f32> = noise.normal([count, columns], &Device::flex()).into_data().try_to_vec().expect("f32");
    let errors: Vec<f32> = noise.normal([count], &Device::flex()).into_data().try_to_vec().expect("f32");
    let y = x.chunks_exact(columns).zip(errors).map(|(x, error)| x[0].sin() + 0.3 * error).collect();
    Examples::new(x, columns, y, 1)
}

/// Milliseconds from step to step, and of the steps that end with a validation.
struct Clock {
    wanted: usize,
    last: Instant,
    steps: Vec<f64>,
    validations: Vec<f64>,
}

impl Observer<Model> for Clock {
    fn step(&mut self, _: &TrainState<Model>) -> Flow {
        self.steps.push(self.last.elapsed().as_secs_f64() * 1e3);
        self.last = Instant::now();
        if self.steps.len() < self.wanted { Flow::Continue } else { Flow::Stop }
    }

    fn validated(&mut self, _: &TrainState<Model>, _: &ValidationReport) {
        self.validations.push(self.last.elapsed().as_secs_f64() * 1e3);
    }
}
