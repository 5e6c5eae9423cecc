//! Networks trained in a stack are equal, bit by bit on the CPU, to networks trained alone.

use burn::tensor::Device;

use super::*;
use crate::data::examples::Examples;
use crate::kernel::Kernels;
use crate::loss::Objective;
use crate::method::config::{Method, ModelConfig};
use crate::method::model::Model;
use crate::train::{EpochReport, Flow, Observer, TrainError, TrainState, TrainingConfig, fit};

const SEEDS: [u64; 3] = [4, 0, 11];
/// Batch sizes and numbers of candidates.
const SIZES: [[usize; 2]; 4] = [[4, 9], [1, 1], [11, 4], [8, 70]];

fn methods() -> Vec<Method> {
    let mut methods = vec![Method::Mdn { components: 3 }];
    for objective in [Objective::Nce, Objective::Importance] {
        methods.push(Method::EbmFixed { sigmas: vec![0.1, 0.8], objective });
        methods.push(Method::Ebm { components: 3, objective });
        methods.push(Method::Ebm { components: 1, objective });
        methods.push(Method::MdnTeacher { components: 3, objective });
        methods.push(Method::Residual { components: 3, objective });
    }
    methods
}

fn examples() -> Examples {
    let x: Vec<f64> = (0..11).map(|i| f64::from(i) * 0.5 - 2.5).collect();
    let y: Vec<f64> = x.iter().map(|x| x.sin()).collect();
    Examples::from_pairs(&x, &y)
}

/// Three steps in an epoch, the last one smaller; the first epoch trains the likelihood alone.
fn config() -> TrainingConfig {
    let epochs = 4;
    TrainingConfig {
        epochs,
        batch_size: 4,
        m: 9,
        likelihood_epochs: 1,
        kernels: Kernels::Plain,
        ..TrainingConfig::default()
    }
}

fn fresh(method: &Method, seed: u64) -> TrainState<Model> {
    let config = ModelConfig::scalar(method.clone());
    assert!(config.is_stackable());
    TrainState::new(config.init(seed, &Device::flex().autodiff()), seed)
}

fn stacked(method: &Method) -> TrainState<Model> {
    TrainState::stack(SEEDS.map(|seed| fresh(method, seed)).into())
}

/// Records all reports, and stops after a number of steps.
#[derive(Default)]
struct Diary {
    reports: Vec<EpochReport>,
    steps: usize,
    stop_after: Option<usize>,
}

impl Observer<Model> for Diary {
    fn step(&mut self, _: &TrainState<Model>) -> Flow {
        self.steps += 1;
        if self.stop_after == Some(self.steps) { Flow::Stop } else { Flow::Continue }
    }

    fn epoch(&mut self, _: &TrainState<Model>, report: &EpochReport) {
        self.reports.push(report.clone());
    }
}

/// Asserts that everything the next step depends on is equal, bit by bit.
fn assert_same(a: &TrainState<Model>, b: &TrainState<Model>, what: &str) {
    assert_eq!((a.position(), a.seed()), (b.position(), b.seed()), "{what}");
    let [weights, expected] = [a, b].map(|state| tensors::collect(&state.model));
    let differs = |(name, data): &(&String, &TensorData)| expected[*name] != **data;
    let differ: Vec<_> = weights.iter().filter(differs).map(|(name, _)| name).collect();
    assert!(differ.is_empty(), "{what}: {differ:?}");
    let (a, b) = (a.adam.to_host(), b.adam.to_host());
    assert!(a.keys().eq(b.keys()), "{what}: moments");
    for (a, b) in a.values().zip(b.values()) {
        // Compared as numbers: the zero of a sum over one row may have another sign, which has no effect.
        let same = |a: &TensorData, b: &TensorData| a.iter::<f32>().eq(b.iter::<f32>());
        assert!(a.time == b.time && same(&a.first, &b.first) && same(&a.second, &b.second), "{what}: moments");
    }
}

#[test]
fn every_network_of_a_stack_is_what_it_is_alone() {
    for (method, [batch_size, m]) in methods().into_iter().flat_map(|method| SIZES.map(|size| (method.clone(), size))) {
        let config = TrainingConfig { batch_size, m, ..config() };
        let mut diary = Diary::default();
        let together = fit(stacked(&method), &examples(), &config, &mut diary).unwrap();
        assert_eq!(together.networks(), SEEDS.len());
        for (network, seed) in SEEDS.into_iter().enumerate() {
            let mut own = Diary::default();
            let alone = fit(fresh(&method, seed), &examples(), &config, &mut own).unwrap();
            assert_same(&together.network(network), &alone, &format!("{method:?}, {batch_size}, {m}, seed {seed}"));
            let of_it = diary.reports.iter().filter(|report| report.network == network);
            assert!(of_it.map(|report| &report.losses).eq(own.reports.iter().map(|report| &report.losses)));
        }
    }
}

#[test]
fn a_stack_taken_apart_at_any_step_and_put_together_again_goes_on_as_it_was() {
    let method = Method::ebm(3);
    let whole = fit(stacked(&method), &examples(), &config(), &mut ()).unwrap();
    for stop_after in 1..12 {
        let mut diary = Diary { stop_after: Some(stop_after), ..Diary::default() };
        let stopped = fit(stacked(&method), &examples(), &config(), &mut diary).unwrap();
        // Saved and loaded, each in its own folder.
        let parts = (0..SEEDS.len()).map(|network| {
            let folder = tempfile::tempdir().unwrap();
            crate::train::checkpoint::save(folder.path(), &stopped.network(network)).unwrap();
            crate::train::checkpoint::load(folder.path(), fresh(&method, 99).model).unwrap()
        });
        let again = fit(TrainState::stack(parts.collect()), &examples(), &config(), &mut ()).unwrap();
        for network in 0..SEEDS.len() {
            assert_same(&again.network(network), &whole.network(network), &format!("after {stop_after}"));
        }
    }
}

#[test]
fn a_network_that_is_lost_takes_no_other_with_it() {
    let method = Method::ebm(3);
    let lost = |mut state: TrainState<Model>| {
        let nan = |(path, data): (String, TensorData)| {
            let values = vec![f32::NAN; data.num_elements()];
            (path, TensorData::new(values, data.shape().to_vec()))
        };
        let named = tensors::collect(&state.model).into_iter().map(nan).collect();
        state.model = replace(state.model, named);
        state
    };
    let states = vec![fresh(&method, SEEDS[0]), lost(fresh(&method, SEEDS[1])), fresh(&method, SEEDS[2])];
    struct Keep(Option<TrainState<Model>>);
    impl Observer<Model> for Keep {
        fn failed(&mut self, state: &TrainState<Model>, _: &TrainError) {
            self.0 = Some(state.clone());
        }
    }
    let mut keep = Keep(None);
    let error = fit(TrainState::stack(states), &examples(), &config(), &mut keep).map(|_| ()).unwrap_err();
    assert!(matches!(error, TrainError::NonFinite { network: 1, steps: 9, .. }), "{error}");
    let state = keep.0.unwrap();
    let others = TrainState::stack([0, 2].map(|network| state.network(network)).into());
    let others = fit(others, &examples(), &config(), &mut ()).unwrap();
    for (network, seed) in [SEEDS[0], SEEDS[2]].into_iter().enumerate() {
        let alone = fit(fresh(&method, seed), &examples(), &config(), &mut ()).unwrap();
        assert_same(&others.network(network), &alone, &format!("seed {seed}"));
    }
}
