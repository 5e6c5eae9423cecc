//! The one training loop, for every method and task.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::{Adam, BackboneTraining, Dataset, Kernels, Losses, MixtureLoss, Noise, Phase, Purpose, Regressor};

/// How often the losses are read back and checked, in steps: reading makes a GPU wait.
const CHECK_EVERY: usize = 32;

/// How to train. The defaults are the paper's (App. B).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// Passes over the data.
    pub epochs: usize,
    /// Examples a step; the last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// Adam's learning rate, constant.
    pub learning_rate: f64,
    /// Candidates drawn from the proposal for each example, M.
    pub m: usize,
    /// The first epochs, in which the backbone gets no gradient: it has pretrained weights and the heads have none.
    pub frozen_epochs: usize,
    /// The first epochs, in which a mixture trains by its likelihood alone.
    pub likelihood_epochs: usize,
    /// What computes a step.
    pub kernels: Kernels,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: 75,
            batch_size: 32,
            learning_rate: 1e-3,
            m: 1024,
            frozen_epochs: 0,
            likelihood_epochs: 0,
            kernels: Kernels::Fused,
        }
    }
}

impl TrainingConfig {
    /// What is trained by which loss in an epoch, counted from 0.
    pub fn phase(&self, epoch: usize) -> Phase {
        let backbone = if epoch < self.frozen_epochs { BackboneTraining::Frozen } else { BackboneTraining::Trained };
        let mixture = if epoch < self.likelihood_epochs { MixtureLoss::Likelihood } else { MixtureLoss::Method };
        Phase { m: self.m, backbone, mixture, kernels: self.kernels }
    }
}

/// The next step to take, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Position {
    /// Epoch.
    pub epoch: usize,
    /// Step within the epoch.
    pub step: usize,
}

/// Everything a training run is at a given step. Continuing from it is continuing the run.
#[derive(Clone)]
pub struct TrainState<R> {
    /// The model.
    pub model: R,
    pub(crate) adam: Adam,
    pub(crate) seed: u64,
    pub(crate) position: Position,
    /// Sums of the losses over the steps of this epoch so far, on the device.
    sums: Option<Tensor<1>>,
}

/// Means of the losses over the steps of one epoch, nats.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochReport {
    /// The epoch that ended, counted from 0.
    pub epoch: usize,
    /// The method's losses by name.
    pub losses: Vec<(&'static str, f64)>,
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Take the next step.
    Continue,
    /// Return the state as it is.
    Stop,
}

/// Who is told how training goes: progress bars, metrics, checkpoints.
pub trait Observer<R> {
    /// After every step.
    fn step(&mut self, _state: &TrainState<R>) -> Flow {
        Flow::Continue
    }

    /// After every epoch, before [`Observer::step`] of its last step.
    fn epoch(&mut self, _state: &TrainState<R>, _report: &EpochReport) {}
}

/// Nobody.
impl<R> Observer<R> for () {}

/// Why training ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A loss is NaN or infinite. The last checkpoint is still good; a smaller learning rate usually cures it.
    #[error("loss {name} is {value}, seen at epoch {}, step {}", epoch + 1, step + 1)]
    NonFiniteLoss {
        /// Which loss.
        name: &'static str,
        /// Its mean over the epoch so far.
        value: f64,
        /// Epoch, counted from 0; the message counts from 1.
        epoch: usize,
        /// Step at which it was seen, counted likewise; it arose at most 32 steps before.
        step: usize,
    },
}

impl<R: Module> TrainState<R> {
    /// A run about to take its first step. `seed` decides the order of the examples and every candidate.
    pub fn new(model: R, seed: u64) -> Self {
        Self { model, adam: Adam::default(), seed, position: Position::default(), sums: None }
    }

    /// Where the model lives.
    pub fn device(&self) -> Device {
        self.model.devices().into_iter().next().expect("a model has parameters")
    }

    /// The next step to take.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The seed of the run.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether every epoch is done.
    pub fn is_finished(&self, config: &TrainingConfig) -> bool {
        self.position.epoch >= config.epochs
    }

    pub(crate) fn loss_sums(&self) -> Vec<f32> {
        self.sums.as_ref().map_or_else(Vec::new, |sums| sums.to_data().iter::<f32>().collect())
    }

    pub(crate) fn set_loss_sums(&mut self, sums: Vec<f32>) {
        let device = self.device().inner();
        self.sums = (!sums.is_empty()).then(|| Tensor::from_floats(sums.as_slice(), &device));
    }

    fn add_losses(&mut self, losses: &Losses) {
        let step = Tensor::cat(losses.parts.iter().map(|(_, part)| part.clone()).collect(), 0);
        self.sums = Some(match self.sums.take() {
            Some(sums) => sums + step,
            None => step,
        });
    }
}

/// Trains until the last epoch is done or the observer says stop, from wherever `state` is.
///
/// The order of the examples and all candidates are functions of the seed and the position alone, so stopping and
/// continuing changes nothing.
///
/// # Errors
/// [`TrainError::NonFiniteLoss`].
///
/// # Panics
/// When `batch_size` or `m` is 0, or the model is not on an autodiff device.
pub fn fit<R: Regressor>(
    mut state: TrainState<R>,
    examples: &dyn Dataset,
    config: &TrainingConfig,
    observer: &mut dyn Observer<R>,
) -> Result<TrainState<R>, TrainError> {
    assert!(config.batch_size > 0 && config.m > 0, "batch_size and m are at least 1");
    let device = state.device();
    assert!(device.is_autodiff(), "train on device.autodiff()");
    let constants = device.inner();

    while !state.is_finished(config) {
        let epoch = state.position.epoch;
        let phase = config.phase(epoch);
        let order = Noise::new(state.seed, Purpose::Order, epoch, 0).permutation(examples.len());
        let batches: Vec<&[usize]> = order.chunks(config.batch_size).collect();
        for (step, rows) in batches.iter().enumerate().skip(state.position.step) {
            let mut noise = Noise::new(state.seed, Purpose::Augmentation, epoch, step);
            let batch = examples.training_batch(rows, &mut noise, &constants);
            let mut noise = Noise::new(state.seed, Purpose::Candidates, epoch, step);
            let mut losses = state.model.losses(&batch, phase, &mut noise);
            state.add_losses(&losses);
            let gradients = losses.gradients(&state.model);
            state.model = state.adam.step(config.learning_rate, state.model, gradients);

            let last = step + 1 == batches.len();
            if last || (step + 1).is_multiple_of(CHECK_EVERY) {
                let report = report(&state, &losses, step + 1)?;
                if last {
                    state.position = Position { epoch: epoch + 1, step: 0 };
                    state.sums = None;
                    observer.epoch(&state, &report);
                }
            }
            if !last {
                state.position.step = step + 1;
            }
            if observer.step(&state) == Flow::Stop {
                return Ok(state);
            }
        }
    }
    Ok(state)
}

/// Reads the losses of the epoch so far.
fn report<R: Module>(state: &TrainState<R>, losses: &Losses, steps: usize) -> Result<EpochReport, TrainError> {
    let epoch = state.position.epoch;
    let means = state.loss_sums().into_iter().map(|sum| f64::from(sum) / steps as f64);
    let losses: Vec<_> = losses.parts.iter().map(|&(name, _)| name).zip(means).collect();
    match losses.iter().find(|(_, value)| !value.is_finite()) {
        Some(&(name, value)) => Err(TrainError::NonFiniteLoss { name, value, epoch, step: steps - 1 }),
        None => Ok(EpochReport { epoch, losses }),
    }
}
