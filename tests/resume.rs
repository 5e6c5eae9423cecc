//! A run that is stopped at any step, saved, loaded and resumed gives the same bytes as an uninterrupted run.

use burn::tensor::Device;
use ebm_core::checkpoint;
use ebm_core::network::backbone::BackboneConfig;
use ebm_core::{
    Dataset as _, Examples, Flow, Kernels, Method, Model, ModelConfig, NetworkConfig, Objective, Observer, Position,
    Selection, TrainState, TrainingConfig, Validation, ValidationReport, fit, fit_validated,
};
use proptest::prelude::*;
use safetensors::SafeTensors;

/// 50 examples in batches of 16: three whole batches and one of 2.
fn examples() -> Examples {
    let x: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.1 - 2.5).collect();
    let y: Vec<f64> = x.iter().map(|x| x.sin() + 0.1 * (x * 37.0).cos()).collect();
    Examples::from_pairs(&x, &y)
}

const TRAINING: TrainingConfig = TrainingConfig {
    epochs: 3,
    batch_size: 16,
    learning_rate: 1e-2,
    m: 24,
    frozen_epochs: 1,
    likelihood_epochs: 1,
    kernels: Kernels::Fused,
    weight_decay: 0.0,
    selection: None,
};
const STEPS: usize = 3 * 4;

struct StopAt(Position);

impl Observer<Model> for StopAt {
    fn step(&mut self, state: &TrainState<Model>) -> Flow {
        if state.position() >= self.0 { Flow::Stop } else { Flow::Continue }
    }
}

fn weights(model: &Model) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    checkpoint::save_weights(&path, model).unwrap();
    std::fs::read(path).unwrap()
}

fn fresh(method: &Method, seed: u64) -> Model {
    ModelConfig::scalar(method.clone()).init(seed, &Device::flex().autodiff())
}

/// Trains, and stops, saves and loads before each of the given steps.
fn interrupted(method: &Method, stops: &[usize]) -> Model {
    let folder = tempfile::tempdir().unwrap();
    let mut state = TrainState::new(fresh(method, 4), 9);
    for stop in stops {
        let at = Position { epoch: stop / 4, step: stop % 4 };
        if state.position() >= at {
            continue;
        }
        state = fit(state, &examples(), &TRAINING, &mut StopAt(at)).unwrap();
        assert_eq!(state.position(), at);
        checkpoint::save(folder.path(), &state).unwrap();
        // Another process starts with different weights; all of them must be replaced from the file.
        state = checkpoint::load(folder.path(), fresh(method, 777)).unwrap();
    }
    fit(state, &examples(), &TRAINING, &mut ()).unwrap().model
}

#[test]
fn every_method_resumes_to_the_same_bytes() {
    for method in [
        Method::Mdn { components: 2 },
        Method::EbmFixed { sigmas: vec![0.1, 0.8], objective: Objective::Nce },
        Method::Ebm { components: 2, objective: Objective::Importance },
        Method::MdnTeacher { components: 2, objective: Objective::Nce },
    ] {
        let whole = weights(&interrupted(&method, &[]));
        assert_ne!(whole, weights(&fresh(&method, 4)));
        assert!(whole == weights(&interrupted(&method, &[1, 4, 7, 11])), "{method:?}");
    }
}

/// A narrow ResNet18 on five random images in batches of 2: each epoch has two whole batches and one of 1.
#[test]
fn batch_statistics_resume_to_the_same_bytes() {
    let width = 3 * 64 * 64;
    let pixels = (0..5 * width).map(|i| (i as f32 * 0.37).sin() * (i as f32 * 0.011).cos()).collect();
    let images = Examples::new(pixels, width, vec![0.1, 0.4, -0.2, 0.9, -0.7], 1);
    let backbone = BackboneConfig::Resnet18 { width: 2 };
    let network = NetworkConfig { backbone, target_widths: vec![4], hidden: 8, residual: false };
    let config = ModelConfig { input: width, target: 1, method: Method::ebm(2), network, axes: Vec::new() };
    let fresh = |seed| config.init(seed, &Device::flex().autodiff());
    let training = TrainingConfig { batch_size: 2, m: 8, ..TRAINING };

    let initial = weights(&fresh(4));
    let whole = weights(&fit(TrainState::new(fresh(4), 9), &images, &training, &mut ()).unwrap().model);
    let folder = tempfile::tempdir().unwrap();
    let mut state = TrainState::new(fresh(4), 9);
    for stop in [1, 3, 5, 7] {
        let at = Position { epoch: stop / 3, step: stop % 3 };
        state = fit(state, &images, &training, &mut StopAt(at)).unwrap();
        checkpoint::save(folder.path(), &state).unwrap();
        state = checkpoint::load(folder.path(), fresh(777)).unwrap();
    }
    let resumed = weights(&fit(state, &images, &training, &mut ()).unwrap().model);
    assert!(whole == resumed && whole != initial);

    // The running statistics are among those bytes, and all of them have changed.
    let [trained, initial] = [&whole, &initial].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
    let statistics: Vec<_> = trained.names().into_iter().filter(|name| name.contains("running_")).collect();
    assert_eq!(statistics.len(), 2 * 20);
    for name in statistics {
        assert_ne!(trained.tensor(name).unwrap().data(), initial.tensor(name).unwrap().data(), "{name}");
    }
}

/// Stops at a step, and records every validation.
struct Watch {
    stop: Option<Position>,
    validations: Vec<ValidationReport>,
}

impl Observer<Model> for Watch {
    fn step(&mut self, state: &TrainState<Model>) -> Flow {
        if self.stop.is_some_and(|stop| state.position() >= stop) { Flow::Stop } else { Flow::Continue }
    }

    fn validated(&mut self, _: &TrainState<Model>, report: &ValidationReport) {
        self.validations.push(*report);
    }
}

/// Trains a tabular network with a selection; stops, saves and loads before each of the given steps. Returns the bytes
/// of the model and all validations.
fn selected(method: &Method, stops: &[usize]) -> (Vec<u8>, Vec<ValidationReport>) {
    let fresh = |seed| {
        let network = NetworkConfig { hidden: 8, ..NetworkConfig::tabular() };
        ModelConfig { network, ..ModelConfig::scalar(method.clone()) }.init(seed, &Device::flex().autodiff())
    };
    let rule = Selection { patience: 1, every: 3, epochs: 2, m: 16, decay: 0.5, decays: 2, average: 0.8 };
    let training = TrainingConfig {
        epochs: 6,
        frozen_epochs: 0,
        learning_rate: 0.03,
        weight_decay: 0.01,
        selection: Some(rule),
        ..TRAINING
    };
    let held_out = Examples::from_pairs(&[-2.0, -0.4, 0.3, 1.9], &[-0.8, -0.5, 0.4, 0.9]);
    let (train, validation) = (examples(), Validation::new(&held_out, &Device::flex()));
    let folder = tempfile::tempdir().unwrap();
    let mut watch = Watch { stop: None, validations: Vec::new() };
    let mut state = TrainState::new(fresh(4), 9);
    for stop in stops {
        watch.stop = Some(Position { epoch: stop / 4, step: stop % 4 });
        state = fit_validated(state, &train, &validation, &training, &mut watch).unwrap();
        checkpoint::save(folder.path(), &state).unwrap();
        state = checkpoint::load(folder.path(), fresh(777)).unwrap();
    }
    watch.stop = None;
    let state = fit_validated(state, &train, &validation, &training, &mut watch).unwrap();
    assert!(state.is_finished(&training));
    (weights(&state.model), watch.validations)
}

#[test]
fn a_selection_resumes_to_the_same_model_whatever_the_step() {
    for method in [Method::Mdn { components: 2 }, Method::ebm(2)] {
        let whole = selected(&method, &[]);
        // The selection had an effect: the best model is not the last, and the learning rate was lowered.
        assert!(whole.1.iter().any(|report| !report.best) && whole.1.last().unwrap().learning_rate < 0.03);
        for stop in 1..6 * 4 {
            assert!(whole == selected(&method, &[stop]), "{method:?}, stopped at {stop}");
        }
        assert!(whole == selected(&method, &[1, 3, 4, 7, 8, 9, 13]), "{method:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn any_stops_give_the_same_bytes(mut stops in prop::collection::vec(1..STEPS, 1..4)) {
        stops.sort_unstable();
        let method = Method::ebm(3);
        prop_assert!(weights(&interrupted(&method, &stops)) == weights(&interrupted(&method, &[])));
    }
}

#[test]
fn training_never_changes_the_examples() {
    let examples = examples();
    let before = examples.fingerprint();
    let training = TrainingConfig { epochs: 1, ..TRAINING };
    fit(TrainState::new(fresh(&Method::ebm(2), 0), 0), &examples, &training, &mut ()).unwrap();
    assert_eq!(before, examples.fingerprint());
}

#[test]
fn a_diverging_run_stops_with_an_error_that_says_where() {
    let training = TrainingConfig { learning_rate: 1e30, ..TRAINING };
    let state = TrainState::new(fresh(&Method::ebm(2), 0), 0);
    let Err(error) = fit(state, &examples(), &training, &mut ()) else { panic!("it cannot have converged") };
    assert!(error.to_string().contains("epoch"), "{error}");
}
