//! Networks made in PyTorch give here what they gave there. The files come from `tests/fixtures/make.py`.

mod full_width;
mod hostile;
mod imported;
mod resnet18;

use std::path::PathBuf;

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// What PyTorch computed.
fn expected() -> Value {
    serde_json::from_slice(&std::fs::read(fixture("expected.json")).unwrap()).unwrap()
}

/// The numbers `make.py` calls waves.
fn waves<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    let wave = |i: f64| ((0.37 * i).sin() * (0.011 * i).cos()) as f32;
    let values: Vec<f32> = (0..shape.iter().product::<usize>()).map(|i| wave(i as f64)).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

/// Three images.
fn images() -> Tensor<2> {
    waves([3, 3 * 64 * 64])
}

/// Largest difference between a tensor and a list of numbers.
fn difference(found: TensorData, expected: &Value) -> f64 {
    let expected: Vec<f64> = expected.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect();
    let found: Vec<f32> = found.iter().collect();
    assert_eq!(found.len(), expected.len());
    found.into_iter().zip(expected).map(|(a, b)| (f64::from(a) - b).abs()).fold(0.0, f64::max)
}

/// Fails unless they agree to 1e-5: rounding of `f32` through 18 layers, in another order of summation.
#[track_caller]
fn assert_close<const D: usize>(found: Tensor<D>, expected: &Value) {
    let difference = difference(found.into_data(), expected);
    assert!(difference < 1e-5, "{difference:e}");
}
