//! Laws of networks that this library does not ship: every method, exact resume, tokens, several inputs.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv1d, Conv1dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Embedding, EmbeddingConfig, Linear, LinearConfig, PaddingConfig1d};
use burn::tensor::activation::{relu, tanh};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::*;
use crate::data::examples::Examples;
use crate::data::space::{TargetKind, TargetSpace};
use crate::io::tensors;
use crate::kernel::Kernels;
use crate::loss::Objective;
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::method::heads::HeadConfig;
use crate::method::phase::{BackboneTraining, Phase};
use crate::network::backbone::BackboneConfig;
use crate::network::linear::linear;
use crate::network::mlp::Mlp;
use crate::predict::config::PredictionConfig;
use crate::predict::prediction::Prediction;
use crate::predict::predictor::Predictor;
use crate::train::checkpoint;

fn methods() -> [Method; 5] {
    [
        Method::Mdn { components: 3 },
        Method::EbmFixed { sigmas: vec![0.1, 0.8], objective: Objective::Importance },
        Method::ebm(3),
        Method::MdnTeacher { components: 3, objective: Objective::Nce },
        Method::Residual { components: 3, objective: Objective::Nce },
    ]
}

fn training() -> TrainingConfig {
    TrainingConfig { epochs: 3, batch_size: 8, learning_rate: 0.01, m: 16, ..TrainingConfig::default() }
}

/// The network of the 1D tasks, written as a user's own module.
#[derive(Module, Debug)]
struct Repeated {
    layers: Mlp,
}

impl Features for Repeated {
    type Input = Tensor<2>;

    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.layers.forward(input)
    }

    fn width(&self) -> usize {
        self.layers.width()
    }
}

/// The losses of a step, and the gradient of every parameter in order.
fn step<F: Features<Input = Tensor<2>>>(model: &Model<F>, phase: Phase) -> Vec<Vec<f32>> {
    struct Gradients<'a>(&'a burn::optim::GradientsParams, Vec<Vec<f32>>);
    impl burn::module::ModuleVisitor for Gradients<'_> {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id).map(|gradient| gradient.into_data().try_to_vec().unwrap());
            self.1.push(gradient.unwrap_or_default());
        }
    }
    let batch = Examples::from_pairs(&[-1.0, 0.5, 2.0], &[0.3, -0.1, 0.7]).batch(&[0, 1, 2], &Device::flex());
    let mut losses = model.losses(&batch, phase, &mut Noise::new(1, Purpose::Candidates, 0, 0));
    let parts = losses.parts.iter().map(|(_, part)| vec![part.clone().into_scalar::<f32>()]).collect();
    let gradients = losses.gradients(model);
    let mut found = Gradients(&gradients, parts);
    model.visit(&mut found);
    found.1
}

#[test]
fn a_network_that_repeats_one_of_ours_takes_the_same_steps() {
    let device = Device::flex().autodiff();
    for method in methods() {
        let config = ModelConfig::scalar(method.clone());
        let NetworkConfig { target_widths, hidden, residual, .. } = NetworkConfig::default();
        let heads = HeadConfig { target_widths, hidden, residual, ..HeadConfig::new(method, 1) };
        let ours = config.init(5, &device);
        let theirs = heads.init(5, &device, |noise| Repeated { layers: Mlp::init(&[1, 10, 10], noise, &device) });
        for backbone in [BackboneTraining::Trained, BackboneTraining::Frozen] {
            for kernels in [Kernels::Fused, Kernels::Plain] {
                let phase = Phase { backbone, kernels, ..Phase::method(64) };
                let [ours, theirs] = [step(&ours, phase), step(&theirs, phase)];
                assert_eq!(ours.len(), theirs.len());
                for (a, b) in ours.iter().zip(&theirs) {
                    assert_eq!(a.len(), b.len(), "{phase:?}");
                    // One is computed by one kernel, the other in parts: f32 sums in another order.
                    let largest = a.iter().fold(1.0_f32, |most, a| most.max(a.abs()));
                    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5 * largest), "{phase:?} {a:?} {b:?}");
                }
            }
        }
    }
}

/// A convolution over a sequence, with Burn's own batch normalisation.
#[derive(Module, Debug)]
struct Convolution {
    first: Conv1d,
    norm: BatchNorm,
    second: Linear,
}

impl Features for Convolution {
    type Input = Tensor<3>;

    fn forward(&self, input: Tensor<3>) -> Tensor<2> {
        let hidden = relu(self.norm.forward(self.first.forward(input)));
        tanh(self.second.forward(hidden.mean_dim(2).squeeze_dim(2)))
    }

    fn width(&self) -> usize {
        self.second.weight.dims()[1]
    }
}

impl Convolution {
    /// Burn draws weights from one global generator. They are replaced by weights that are a function of the seed.
    fn init(noise: &mut Noise, device: &Device) -> Self {
        let network = Self {
            first: Conv1dConfig::new(2, 4, 3).with_padding(PaddingConfig1d::Same).init(device),
            norm: BatchNormConfig::new(4).init(device),
            second: LinearConfig::new(4, 5).init(device),
        };
        let draw = |(name, data): (String, TensorData)| {
            let shape = data.shape().to_vec();
            let is_norm = name.starts_with("norm");
            let drawn = noise.normals(data.num_elements()).into_iter().map(|z| 0.5 * z).collect();
            (name, if is_norm { data } else { TensorData::new(drawn, shape) })
        };
        let drawn = tensors::collect(&network).into_iter().map(draw).collect();
        tensors::apply(network, drawn).unwrap()
    }
}

fn sequences(count: usize, seed: u64) -> Examples<Tensor<3>> {
    let device = Device::flex();
    let inputs = Noise::new(seed, Purpose::Split, 0, 0).normal([count, 2, 6], &device);
    let targets = inputs.clone().mean_dim(2).sum_dim(1).flatten::<2>(1, 2);
    Examples::of(&inputs, &targets)
}

fn convolutional(method: Method) -> Model<Convolution> {
    let device = Device::flex().autodiff();
    HeadConfig::new(method, 1).init(5, &device, |noise| Convolution::init(noise, &device))
}

struct StopAt(Position);

impl<R> Observer<R> for StopAt {
    fn step(&mut self, state: &TrainState<R>) -> Flow {
        if state.position == self.0 { Flow::Stop } else { Flow::Continue }
    }
}

#[test]
fn a_run_of_ones_own_network_goes_on_as_if_it_had_never_stopped() {
    let (train, held_out) = (sequences(20, 0), sequences(12, 1));
    let validation = Validation::new(&held_out, &Device::flex());
    let rule = Selection { patience: 2, every: 2, m: 16, ..Selection::default() };
    let config = TrainingConfig { selection: Some(rule), weight_decay: 0.01, ..training() };
    let folder = tempfile::tempdir().unwrap();
    for method in methods() {
        let start = || TrainState::new(convolutional(method.clone()), 3);
        let whole = fit_validated(start(), &train, &validation, &config, &mut ()).unwrap();
        for at in [Position { epoch: 0, step: 2 }, Position { epoch: 1, step: 1 }, Position { epoch: 2, step: 0 }] {
            let stopped = fit_validated(start(), &train, &validation, &config, &mut StopAt(at)).unwrap();
            checkpoint::save(folder.path(), &stopped).unwrap();
            let resumed = checkpoint::load(folder.path(), convolutional(method.clone())).unwrap();
            let resumed = fit_validated(resumed, &train, &validation, &config, &mut ()).unwrap();
            assert_eq!(resumed.best_validation_nll(), whole.best_validation_nll());
            assert!(tensors::collect(&resumed.model) == tensors::collect(&whole.model), "{method:?} {at:?}");
        }
    }
}

#[test]
fn selected_statistics_are_those_of_the_selected_weights() {
    let (train, held_out) = (sequences(20, 0), sequences(12, 1));
    let validation = Validation::new(&held_out, &Device::flex());
    let rule = Selection { patience: 2, every: 1, m: 16, average: 0.0, ..Selection::default() };
    let config = TrainingConfig { epochs: 20, learning_rate: 0.1, selection: Some(rule), ..training() };
    let state = TrainState::new(convolutional(Method::ebm(2)), 3);
    let state = fit_validated(state, &train, &validation, &config, &mut ()).unwrap();
    assert_eq!(validation.nll(&state.model, rule.m, 3), state.best_validation_nll().unwrap());
}

#[test]
fn a_frozen_network_of_ones_own_moves_its_statistics_alone() {
    let model = convolutional(Method::ebm(2));
    let before = tensors::collect(&model);
    let batch = sequences(8, 0).batch(&[0, 1, 2, 3], &Device::flex());
    let phase = Phase { backbone: BackboneTraining::Frozen, ..Phase::method(8) };
    let mut losses = model.losses(&batch, phase, &mut Noise::new(0, Purpose::Candidates, 0, 0));
    let model = adam::Adam::default().step(0.1, model.clone(), losses.gradients(&model));
    for (name, data) in tensors::collect(&model) {
        assert_eq!(before[&name] != data, !name.contains("feature.") || name.contains("running_"), "{name}");
    }
}

#[test]
fn predictions_of_a_batch_are_those_of_its_rows() {
    let space = TargetSpace::fit(&[TargetKind::Real], &[1.0, 2.0, 4.0]).unwrap();
    let model = ModelConfig::scalar(Method::ebm(2)).init(0, &Device::flex());
    let rows: Vec<f32> = (0..600).map(|row| row as f32 * 0.01 - 3.0).collect();
    let batch = Tensor::from_data(TensorData::new(rows.clone(), [600, 1]), &Device::flex().autodiff());
    let predictor = Predictor::new(&model, 1, space.clone(), PredictionConfig::default());
    let by_rows: Vec<f64> = predictor.predict(0, &rows).iter().map(Prediction::median).collect();
    let predictor = Predictor::of(&model, space, PredictionConfig::default());
    let by_batch: Vec<f64> = predictor.predict_batch(0, &batch).iter().map(Prediction::median).collect();
    assert_eq!(by_rows, by_batch);
}

/// The mean of word embeddings, concatenated with features of a row of numbers.
#[derive(Module, Debug)]
struct Joint {
    words: Embedding,
    numbers: Linear,
}

impl Features for Joint {
    type Input = (Tensor<2, Int>, Tensor<2>);

    fn forward(&self, (words, numbers): Self::Input) -> Tensor<2> {
        let words = self.words.forward(words).mean_dim(1).squeeze_dim(1);
        Tensor::cat(vec![words, relu(self.numbers.forward(numbers))], 1)
    }

    fn width(&self) -> usize {
        self.words.weight.dims()[1] + self.numbers.weight.dims()[1]
    }
}

#[test]
fn tokens_and_numbers_train_together() {
    const N: usize = 200;
    let (device, mut noise) = (Device::flex(), Noise::new(4, Purpose::Split, 0, 0));
    let words: Vec<i64> = (0..3 * N).map(|_| (noise.unit() * 8.0) as i64).collect();
    let numbers: Vec<f32> = noise.normals(2 * N);
    // The target depends on the number of words ≥ 4 and on the first number.
    let count = |row: usize| words[3 * row..][..3].iter().filter(|&&word| word >= 4).count() as f32;
    let targets: Vec<f32> = (0..N).map(|row| count(row) - 1.5 + numbers[2 * row]).collect();
    let inputs = (
        Tensor::<2, Int>::from_data(TensorData::new(words, [N, 3]), &device),
        Tensor::<2>::from_data(TensorData::new(numbers, [N, 2]), &device),
    );
    let examples = Examples::of(&inputs, &Tensor::from_data(TensorData::new(targets, [N, 1]), &device));
    assert_eq!((examples.len(), examples.input_width()), (N, 5));
    let device = device.autodiff();
    for method in [Method::Mdn { components: 1 }, Method::ebm(2)] {
        // Burn's own weights come from one generator for all tests.
        let model = HeadConfig::new(method.clone(), 1).init(0, &device, |noise| {
            let mut words = EmbeddingConfig::new(8, 6).init(&device);
            words.weight = Param::from_tensor(noise.normal([8, 6], &device));
            Joint { words, numbers: linear(2, 6, noise, &device) }
        });
        let validation = Validation::new(&examples, &Device::flex());
        let config = TrainingConfig { epochs: 40, m: 64, ..training() };
        let before = validation.nll(&model, 256, 0);
        let trained = fit(TrainState::new(model, 0), &examples, &config, &mut ()).unwrap().model;
        let after = validation.nll(&trained, 256, 0);
        // A Gaussian with standard deviation 1.3 has an NLL of 1.7 nats; the rest is error of the fit.
        assert!(after < 0.5 && after < before - 0.8, "{method:?}: {before} {after}");
    }
}

#[test]
fn an_image_network_takes_images_of_any_side() {
    let backbone = BackboneConfig::Resnet18 { width: 2 };
    let network = NetworkConfig { backbone, target_widths: vec![4], hidden: 8, residual: false };
    for side in [1, 17, 48] {
        let input = 3 * side * side;
        let config = ModelConfig { input, network: network.clone(), ..ModelConfig::scalar(Method::ebm(2)) };
        let model = config.init(0, &Device::flex().autodiff());
        let images = Noise::new(1, Purpose::Split, 0, 0).normal([4, input], &Device::flex());
        let [fused, plain] = [Kernels::Fused, Kernels::Plain].map(|kernels| {
            model.valid().feature().forward_by(images.clone(), kernels).into_data().try_to_vec::<f32>().unwrap()
        });
        assert!(fused.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-4 * (1.0 + a.abs())), "{side}");
        let examples = Examples::of(&images, &Tensor::zeros([4, 1], &Device::flex()));
        let training = TrainingConfig { epochs: 1, batch_size: 2, m: 4, ..training() };
        fit(TrainState::new(model, 0), &examples, &training, &mut ()).unwrap();
    }
}
