//! With the same random numbers and weights, every device gives the same scores, densities, losses and gradients.
//!
//! Compares every compiled backend (for example with `--features ndarray,wgpu`) with the CPU. The test fails if a
//! compiled backend has no device. Without another backend there is no test.

#![cfg(any(feature = "ndarray", feature = "wgpu", feature = "cuda"))]

use std::collections::BTreeMap;

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use ebm_cli::device::{DeviceName, list};
use ebm_core::method::regressor::Regressor;
use ebm_core::{
    Dataset as _, Examples, Grid, Kernels, Method, MixtureLoss, Model, ModelConfig, NetworkConfig, Noise, Objective,
    Phase, Purpose, TrainState, evaluate::log_prob_on_grid,
};

/// Rounding of `f32` sums over 64 candidates in another order: a few units in the sixth digit, amplified by the
/// exponentials of importance weights.
const TOLERANCE: f64 = 2e-4;

fn methods() -> Vec<Method> {
    let mut methods = vec![Method::Mdn { components: 3 }];
    for objective in [Objective::Nce, Objective::Importance] {
        methods.push(Method::EbmFixed { sigmas: vec![0.1, 0.8], objective });
        methods.push(Method::Ebm { components: 3, objective });
        methods.push(Method::MdnTeacher { components: 3, objective });
        methods.push(Method::Residual { components: 3, objective });
    }
    methods
}

fn examples() -> Examples {
    let x: Vec<f64> = (0..8).map(|i| f64::from(i) * 0.7 - 2.5).collect();
    let y: Vec<f64> = x.iter().map(|x| x.sin()).collect();
    Examples::from_pairs(&x, &y)
}

/// Seeds of the networks, for weights and candidates.
const SEEDS: [u64; 3] = [3, 0, 8];

/// All results of a step, by name.
type Numbers = BTreeMap<String, Vec<f64>>;

fn numbers(method: &Method, device: &Device) -> Numbers {
    let model = ModelConfig::scalar(method.clone()).init(SEEDS[0], &device.clone().autodiff());
    let mut numbers = step(&model, &SEEDS[..1], device);
    let grid = Grid::line(-2.5, 2.4, 50);
    let log_prob = log_prob_on_grid(&model.valid(), &examples(), &grid);
    numbers.insert("log_prob on a grid".to_owned(), log_prob.into_iter().map(f64::from).collect());
    numbers
}

/// The losses and gradients of one step of a network or a stack, one network after another.
fn step(model: &Model, seeds: &[u64], device: &Device) -> Numbers {
    step_of(model, seeds, Phase::method(64), device)
}

fn step_of(model: &Model, seeds: &[u64], phase: Phase, device: &Device) -> Numbers {
    let rows: Vec<usize> = seeds.iter().flat_map(|_| 0..8).collect();
    let batch = examples().batch(&rows, device);
    let noise = &mut Noise::stacked(seeds, Purpose::Candidates, 0, 0);
    let mut losses = model.losses(&batch, phase, noise);
    let mut numbers = Numbers::new();
    for (name, part) in &losses.parts {
        numbers.insert(format!("loss {name}"), host(part.clone()));
    }
    let gradients = losses.gradients(model);
    model.visit(&mut CollectGradients { gradients: &gradients, path: Vec::new(), numbers: &mut numbers });
    numbers
}

fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f32>().map(f64::from).collect()
}

struct CollectGradients<'a> {
    gradients: &'a GradientsParams,
    path: Vec<String>,
    numbers: &'a mut Numbers,
}

impl ModuleVisitor for CollectGradients<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        // Some parameters are not trained in every phase.
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.numbers.insert(format!("gradient {}", self.path.join(".")), host(gradient));
        }
    }
}

/// All devices of this build except the CPU.
fn others() -> Vec<(String, Device)> {
    let compiled = list().into_iter().filter(|device| device.compiled_in && device.name != "cpu");
    compiled.map(|device| (device.name.clone(), device.name.parse::<DeviceName>().unwrap().open().unwrap())).collect()
}

#[test]
fn every_device_agrees_with_the_cpu_on_losses_gradients_and_densities() {
    let cpu = Device::flex();
    for (name, device) in others() {
        let mut worst: f64 = 0.0;
        for method in methods() {
            let (expected, found) = (numbers(&method, &cpu), numbers(&method, &device));
            worst = worst.max(difference(&expected, &found, &format!("{name}, {method:?}")));
        }
        println!("{name}: largest difference {worst:.1e}");
    }
}

/// The largest relative difference; all must be within the tolerance.
fn difference(expected: &Numbers, found: &Numbers, case: &str) -> f64 {
    assert!(expected.keys().eq(found.keys()), "{case}");
    let mut worst: f64 = 0.0;
    for (what, expected) in expected {
        assert_eq!(expected.len(), found[what].len(), "{case}, {what}");
        for (a, b) in expected.iter().zip(&found[what]) {
            let difference = (a - b).abs() / (1.0 + a.abs());
            assert!(difference < TOLERANCE, "{case}, {what}: {b}, on the CPU {a}");
            worst = worst.max(difference);
        }
    }
    worst
}

#[test]
fn a_stack_on_every_device_takes_the_steps_of_its_networks_alone_on_the_cpu() {
    for (name, device) in others() {
        let mut worst: f64 = 0.0;
        for method in methods() {
            let config = ModelConfig::scalar(method.clone());
            let fresh =
                |seed: u64, device: &Device| TrainState::new(config.init(seed, &device.clone().autodiff()), seed);
            let stack = TrainState::stack(SEEDS.map(|seed| fresh(seed, &device)).into());
            let found = step(&stack.model, &SEEDS, &device);
            for (network, seed) in SEEDS.into_iter().enumerate() {
                let cpu = Device::flex();
                let alone = step(&fresh(seed, &cpu).model, &[seed], &cpu);
                let share = |(what, all): (&String, &Vec<f64>)| {
                    let count = all.len() / SEEDS.len();
                    (what.clone(), all[network * count..(network + 1) * count].to_vec())
                };
                let own: Numbers = found.iter().map(share).collect();
                worst = worst.max(difference(&alone, &own, &format!("{name}, {method:?}, seed {seed}")));
            }
        }
        println!("{name}: largest difference of a stack {worst:.1e}");
    }
}

#[test]
fn the_kernel_of_every_device_is_its_tensor_operations() {
    let layers = |target_widths: &[usize], hidden, residual| NetworkConfig {
        target_widths: target_widths.to_vec(),
        hidden,
        residual,
        ..NetworkConfig::default()
    };
    let teacher = |components| Method::MdnTeacher { components, objective: Objective::Importance };
    let cases = [
        (Method::ebm(1), NetworkConfig::default(), 1),
        (Method::ebm(8), NetworkConfig::default(), 200),
        (Method::EbmFixed { sigmas: vec![0.2], objective: Objective::Importance }, layers(&[], 5, false), 63),
        (teacher(2), layers(&[7], 3, true), 64),
        (Method::ebm(3), layers(&[4, 6, 5], 12, false), 65),
    ];
    for (name, device) in others() {
        let mut worst: f64 = 0.0;
        for (method, network, m) in &cases {
            let config = ModelConfig { network: network.clone(), ..ModelConfig::scalar(method.clone()) };
            let stack = SEEDS.map(|seed| TrainState::new(config.init(seed, &device.clone().autodiff()), seed));
            let model = TrainState::stack(stack.into()).model;
            for mixture in [MixtureLoss::Method, MixtureLoss::Likelihood] {
                let [fused, plain] = [Kernels::Fused, Kernels::Plain].map(|kernels| {
                    let phase = Phase { kernels, mixture, ..Phase::method(*m) };
                    step_of(&model, &SEEDS, phase, &device)
                });
                worst = worst.max(difference(&plain, &fused, &format!("{name}, {method:?}, {network:?}, {m}")));
            }
        }
        // If no kernel had run on the GPU, the results would be equal bit by bit.
        assert_eq!(worst > 0.0, name != "ndarray", "{name}");
        println!("{name}: largest difference of the kernel {worst:.1e}");
    }
}

#[test]
fn every_device_draws_the_same_candidates() {
    let draw = |device: &Device| {
        let weights = Tensor::<2>::from_floats([[0.2, 0.5, 0.3]], device).log();
        let means = Tensor::<3>::from_floats([[[-1.0, 0.5, 2.0]]], device);
        let scales = Tensor::<3>::from_floats([[[0.3, 0.1, 0.8]]], device).log();
        let mixture = ebm_core::GaussianMixture::new(weights, means, scales);
        host(mixture.sample(500, &mut Noise::new(1, Purpose::Candidates, 0, 0)))
    };
    let expected = draw(&Device::flex());
    for (name, device) in others() {
        for (a, b) in expected.iter().zip(draw(&device)) {
            assert!((a - b).abs() < 1e-5, "{name}: {b}, on the CPU {a}");
        }
    }
}

#[test]
fn every_device_draws_the_same_numbers() {
    let cpu = Device::flex();
    for (name, device) in others() {
        for (seeds, counts) in [(&SEEDS[..1], [1, 255, 257, 5000]), (&SEEDS[..], [3, 1536, 1539, 6000])] {
            let [mut here, mut there] = [(); 2].map(|()| Noise::stacked(seeds, Purpose::Candidates, 5, 6));
            for count in counts {
                let [a, b] = [(&mut here, &cpu), (&mut there, &device)]
                    .map(|(noise, device)| [host(noise.uniform([count], device)), host(noise.normal([count], device))]);
                assert_eq!(a[0], b[0], "{name}: uniform numbers are the same, bit for bit");
                for (a, b) in a[1].iter().zip(&b[1]) {
                    assert!((a - b).abs() < 2e-6 * (1.0 + a.abs()), "{name}: {b}, on the CPU {a}");
                }
            }
        }
    }
}
