//! Laws of the training loop: selection, early stopping, skipped steps, and unusual sizes.

mod selection;

use burn::tensor::{Device, Tensor};

use super::*;
use crate::data::dataset::Batch;
use crate::data::examples::Examples;
use crate::evaluate::nll_on_grid;
use crate::io::tensors::{self, Named};
use crate::loss::Objective;
use crate::math::grid::Grid;
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::method::phase::Phase;

fn methods() -> [Method; 4] {
    [
        Method::Mdn { components: 2 },
        Method::EbmFixed { sigmas: vec![0.1, 0.8], objective: Objective::Nce },
        Method::ebm(2),
        Method::MdnTeacher { components: 2, objective: Objective::Nce },
    ]
}

fn model(method: Method) -> Model {
    let network = NetworkConfig { hidden: 8, ..NetworkConfig::tabular() };
    ModelConfig { network, ..ModelConfig::scalar(method) }.init(1, &Device::flex().autodiff())
}

/// `y = sin(x) + 0.3 z`, with `z` normal.
fn examples(count: usize, seed: u64) -> Examples {
    let mut noise = Noise::new(seed, Purpose::Split, 0, 0);
    let pairs: Vec<[f64; 2]> = (0..count)
        .map(|_| {
            let x = 3.0 * noise.gauss();
            [x, x.sin() + 0.3 * noise.gauss()]
        })
        .collect();
    let column = |i: usize| pairs.iter().map(|pair| pair[i]).collect::<Vec<_>>();
    Examples::from_pairs(&column(0), &column(1))
}

fn rule() -> Selection {
    Selection { patience: 2, every: 0, epochs: 1, m: 32, decay: 0.5, decays: 1, average: 0.0 }
}

fn config() -> TrainingConfig {
    TrainingConfig { epochs: 12, batch_size: 8, learning_rate: 0.02, m: 16, ..TrainingConfig::default() }
}

/// Records every validation with its weights, and every epoch.
#[derive(Default)]
struct Diary {
    validations: Vec<(ValidationReport, Named)>,
    epochs: Vec<EpochReport>,
    failed: Option<(String, Named)>,
}

impl Observer<Model> for Diary {
    fn validated(&mut self, state: &TrainState<Model>, report: &ValidationReport) {
        self.validations.push((*report, tensors::collect(&state.model)));
    }

    fn epoch(&mut self, _: &TrainState<Model>, report: &EpochReport) {
        self.epochs.push(report.clone());
    }

    fn failed(&mut self, state: &TrainState<Model>, error: &TrainError) {
        self.failed = Some((error.to_string(), tensors::collect(&state.model)));
    }
}

#[test]
fn a_finished_run_has_the_weights_with_the_least_validation_loss() {
    let (train, held_out) = (examples(24, 0), examples(40, 1));
    let validation = Validation::new(&held_out, &Device::flex());
    for method in methods() {
        let config = TrainingConfig { selection: Some(rule()), ..config() };
        let mut diary = Diary::default();
        let state = TrainState::new(model(method.clone()), 3);
        let state = fit_validated(state, &train, &validation, &config, &mut diary).unwrap();
        assert!(state.is_finished(&config));
        let least = diary.validations.iter().min_by(|(a, _), (b, _)| a.nll.total_cmp(&b.nll)).unwrap();
        assert!(least.0.best && state.best_validation_nll() == Some(least.0.nll));
        assert!(tensors::collect(&state.model) == least.1, "{method:?}");
        assert!(diary.epochs.iter().all(|epoch| epoch.validation.is_some()));
        assert_eq!(diary.epochs.len(), diary.validations.len());
    }
}

#[test]
fn the_weights_that_were_kept_give_the_loss_that_they_were_kept_for() {
    let (train, held_out) = (examples(24, 0), examples(40, 1));
    let validation = Validation::new(&held_out, &Device::flex());
    let [plain, averaged] = [0.0, 0.9].map(|average| {
        let config = TrainingConfig { selection: Some(Selection { average, ..rule() }), ..config() };
        let state = TrainState::new(model(Method::ebm(2)), 3);
        let state = fit_validated(state, &train, &validation, &config, &mut ()).unwrap();
        let best = state.best_validation_nll().unwrap();
        assert_eq!(validation.nll(&state.model, rule().m, 3), best);
        best
    });
    assert_ne!(plain, averaged);
}

#[test]
fn training_stops_when_the_validation_loss_has_stalled_often_enough() {
    // Held-out labels contradict the training set, so the validation loss rises from the start.
    let train = Examples::from_pairs(&[0.0; 16], &[1.0; 16]);
    let held_out = Examples::from_pairs(&[0.0; 16], &[-9.0; 16]);
    let config = TrainingConfig { epochs: 500, selection: Some(rule()), ..config() };
    let mut diary = Diary::default();
    let state = TrainState::new(model(Method::Mdn { components: 1 }), 0);
    let state =
        fit_validated(state, &train, &Validation::new(&held_out, &Device::flex()), &config, &mut diary).unwrap();
    assert!(state.position().epoch < 100 && state.is_finished(&config));
    let last = diary.validations.last().unwrap().0;
    assert!(last.stopped && last.learning_rate == 0.01);
    assert!(diary.validations.iter().rev().skip(1).all(|(report, _)| !report.stopped));
}

#[test]
fn nothing_is_selected_before_the_energy_is_trained() {
    let (train, held_out) = (examples(16, 0), examples(10, 1));
    let config = TrainingConfig { epochs: 4, likelihood_epochs: 3, selection: Some(rule()), ..config() };
    let mut diary = Diary::default();
    fit_validated(
        TrainState::new(model(Method::ebm(2)), 0),
        &train,
        &Validation::new(&held_out, &Device::flex()),
        &config,
        &mut diary,
    )
    .unwrap();
    assert_eq!(diary.validations.len(), 1);
}

#[test]
fn the_validation_changes_no_step() {
    let (train, held_out) = (examples(24, 0), examples(10, 1));
    let rule = Selection { patience: 99, ..rule() };
    let validated = TrainingConfig { epochs: 3, selection: Some(rule), ..config() };
    let mut diary = Diary::default();
    let start = || TrainState::new(model(Method::ebm(2)), 5);
    fit_validated(start(), &train, &Validation::new(&held_out, &Device::flex()), &validated, &mut diary).unwrap();
    let plain = fit(start(), &train, &TrainingConfig { epochs: 3, ..config() }, &mut ()).unwrap();
    assert!(diary.validations.last().unwrap().1 == tensors::collect(&plain.model));
}

#[test]
fn the_sampled_validation_loss_is_that_by_quadrature() {
    let held_out = examples(300, 1);
    let validation = Validation::new(&held_out, &Device::flex());
    let train = examples(200, 0);
    let trained = fit(TrainState::new(model(Method::ebm(2)), 0), &train, &config(), &mut ()).unwrap().model;
    let wide = Grid::fine(-12.0, 12.0, 8000, 1);
    let exact = nll_on_grid(&trained, &held_out, &wide, &mut |_| ());
    let exact = exact.iter().sum::<f64>() / exact.len() as f64;
    // The sd of the weights is about their mean: the error of the mean is about 1/√(300 · 1000), its bias about 1/1000.
    let sampled = validation.nll(&trained, 1000, 0);
    assert!((sampled - exact).abs() < 0.01, "{sampled} {exact}");
}

#[test]
fn one_row_batches_of_one_and_one_candidate_train() {
    for method in methods() {
        for rows in [1, 9] {
            // 9 rows in batches of 8 leave one row; 1 row is less than a batch and than the components.
            let (train, held_out) = (examples(rows, 0), examples(1, 1));
            let config = TrainingConfig { m: 1, epochs: 3, selection: Some(Selection { m: 1, ..rule() }), ..config() };
            let state = TrainState::new(model(method.clone()), 0);
            let state =
                fit_validated(state, &train, &Validation::new(&held_out, &Device::flex()), &config, &mut ()).unwrap();
            assert!(state.best_validation_nll().is_some(), "{method:?}, {rows}");
        }
    }
}

/// Examples of which some batches have a NaN input.
struct Poisoned {
    examples: Examples,
    /// Which calls return such a batch, by their index.
    at: fn(usize) -> bool,
    calls: std::cell::Cell<usize>,
}

impl Dataset for Poisoned {
    fn len(&self) -> usize {
        self.examples.len()
    }

    fn input_width(&self) -> usize {
        1
    }

    fn target_width(&self) -> usize {
        1
    }

    fn batch(&self, rows: &[usize], device: &Device) -> Batch {
        let call = self.calls.replace(self.calls.get() + 1);
        let batch = self.examples.batch(rows, device);
        if (self.at)(call) { Batch { input: batch.input * f32::NAN, ..batch } } else { batch }
    }

    fn fingerprint(&self) -> String {
        self.examples.fingerprint()
    }
}

fn poisoned(at: fn(usize) -> bool) -> Poisoned {
    Poisoned { examples: examples(40, 0), at, calls: 0.into() }
}

#[test]
fn a_bad_step_is_not_taken_and_counted() {
    // Five steps in an epoch; the last two of the first epoch are bad.
    for method in methods() {
        let mut diary = Diary::default();
        let training = TrainingConfig { epochs: 1, ..config() };
        let start = || TrainState::new(model(method.clone()), 0);
        let state = fit(start(), &poisoned(|call| call >= 3), &training, &mut diary).unwrap();
        assert_eq!(diary.epochs[0].skipped, 2);
        assert!(diary.epochs[0].losses.iter().all(|(_, value)| value.is_finite()));

        struct StopAt3;
        impl Observer<Model> for StopAt3 {
            fn step(&mut self, state: &TrainState<Model>) -> Flow {
                if state.position().step == 3 { Flow::Stop } else { Flow::Continue }
            }
        }
        let three = fit(start(), &poisoned(|_| false), &training, &mut StopAt3).unwrap();
        assert!(tensors::collect(&state.model) == tensors::collect(&three.model));
    }
}

#[test]
fn training_gives_up_after_bad_steps_in_a_row_with_the_last_good_weights() {
    let mut diary = Diary::default();
    let training = TrainingConfig { epochs: 9, ..config() };
    let start = || TrainState::new(model(Method::ebm(2)), 0);
    let Err(error) = fit(start(), &poisoned(|call| call >= 4), &training, &mut diary) else {
        panic!("it cannot go on")
    };
    // Checked at the end of each epoch of 5 steps: the third is the first with at least 8 bad steps.
    assert!(matches!(error, TrainError::NonFinite { network: 0, steps: 11, epoch: 2, step: 4 }), "{error}");
    let (message, weights) = diary.failed.unwrap();
    assert_eq!(
        message,
        "the loss or its gradient was not finite in 11 steps in a row, the last of them epoch 3, step 5"
    );
    assert!(weights.values().all(|data| data.iter::<f32>().all(f32::is_finite)));
    // Seven consecutive bad steps are tolerated.
    fit(start(), &poisoned(|call| (4..11).contains(&call)), &training, &mut ()).unwrap();
}

#[test]
fn a_deferred_verdict_is_the_one_that_is_known() {
    use crate::train::adam::Adam;
    let device = Device::flex();
    let batch = examples(8, 0).batch(&[0, 1, 2, 3], &device);
    for good in [true, false] {
        let step = |health: Health| {
            let model = model(Method::ebm(2));
            let (mut adam, mut tally) = (Adam::default(), Tally::default());
            let mut losses = model.losses(&batch, Phase::method(8), &mut Noise::new(0, Purpose::Candidates, 0, 0));
            let gradients = losses.gradients(&model);
            tally.add(&losses, &health);
            let rates = Rates { learning_rate: 0.1, weight_decay: 0.1 };
            let model = adam.step_if(&health, rates, model, gradients);
            (tensors::collect(&model), tally.counts(1))
        };
        let deferred =
            Health::Deferred(Tensor::<1>::from_floats([if good { 1.0 } else { f32::NAN }], &device).is_finite());
        assert!(step(Health::Known(good)) == step(deferred), "{good}");
    }
}

#[test]
fn a_gradient_that_is_not_finite_is_seen_though_the_loss_is() {
    let model = model(Method::ebm(1));
    let verdict = |input: f32| {
        let batch = Examples::new(vec![input], 1, vec![0.0], 1).batch(&[0], &Device::flex());
        let noise = &mut Noise::new(0, Purpose::Candidates, 0, 0);
        let gradients = model.losses(&batch, Phase::method(8), noise).gradients(&model);
        Health::of(&Tensor::<1>::zeros([1], &Device::flex()), &model, &gradients) // A finite total.
    };
    assert!(matches!([verdict(1.0), verdict(f32::INFINITY)], [Health::Known(true), Health::Known(false)]));
}
