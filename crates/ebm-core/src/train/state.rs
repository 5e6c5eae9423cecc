//! The state of a training run.

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::selection::Standing;
use super::tally::{Counts, Tally};
use super::{Selection, TrainingConfig, ValidationReport, average};
use crate::io::tensors;
use crate::train::adam::Adam;
use crate::train::selection::Verdict;
use crate::train::stack;

/// The next step to take, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Position {
    /// Epoch.
    pub epoch: usize,
    /// Step within the epoch.
    pub step: usize,
}

/// The complete state of a training run at a given step. Training resumes from it exactly.
///
/// It may hold a stack: networks of one shape that are trained together, see [`TrainState::stack`].
#[derive(Clone)]
pub struct TrainState<R> {
    /// The current model; after a finished run with a [`Selection`], the selected one, and with
    /// `average` the mean.
    pub model: R,
    pub(crate) adam: Adam,
    /// One for each network.
    pub(crate) seeds: Vec<u64>,
    pub(crate) position: Position,
    pub(crate) tally: Tally,
    pub(crate) standing: Standing,
    /// The model with the least validation loss so far.
    pub(crate) best: Option<R>,
    /// The running mean of the weights, if one is kept.
    pub(crate) average: Option<R>,
}

impl<R: Module> TrainState<R> {
    /// The state before the first step. `seed` determines the order of the examples and all candidates.
    pub fn new(model: R, seed: u64) -> Self {
        Self {
            model,
            adam: Adam::default(),
            seeds: vec![seed],
            position: Position::default(),
            tally: Tally::default(),
            standing: Standing::default(),
            best: None,
            average: None,
        }
    }

    /// Stacks networks of one shape, at one position and on one device, to train them together. Each network trains as
    /// it would alone. On a GPU, twenty small networks take little more time than one.
    ///
    /// Only fully-connected networks can be stacked, see [`crate::method::config::ModelConfig::is_stackable`].
    ///
    /// # Panics
    /// If there are none, their positions or shapes differ, or one is trained with a [`Selection`] or has a mean of its
    /// weights.
    #[must_use]
    pub fn stack(states: Vec<Self>) -> Self {
        if states.len() == 1 {
            return states.into_iter().next().expect("one");
        }
        let (position, device) = (states[0].position, states[0].device().inner());
        assert!(states.iter().all(|state| state.position == position), "networks of a stack differ in their position");
        let select = |state: &Self| state.best.is_some() || state.average.is_some();
        assert!(!states.iter().any(select), "a stack cannot be trained with a selection or a mean of the weights");
        let counts: Vec<Counts> = states.iter().flat_map(|state| state.tally.counts(state.networks())).collect();
        let moments: Vec<_> = states.iter().map(|state| state.adam.to_host()).collect();
        Self {
            adam: Adam::from_host(stack::stack_moments(&moments), &device),
            seeds: states.iter().flat_map(|state| state.seeds.iter().copied()).collect(),
            position,
            tally: Tally::restore(&counts, &device),
            ..Self::new(stack::stack(&states.into_iter().map(|state| state.model).collect::<Vec<_>>()), 0)
        }
    }

    /// The number of networks; 1 unless this is a stack.
    pub fn networks(&self) -> usize {
        self.seeds.len()
    }

    /// The state of one network of a stack, as if it had been trained alone.
    ///
    /// # Panics
    /// If `index` is out of range.
    #[must_use]
    pub fn network(&self, index: usize) -> Self {
        let networks = self.networks();
        if networks == 1 && index == 0 {
            return self.clone();
        }
        let device = self.device().inner();
        let counts = &self.tally.counts(networks)[index..=index];
        Self {
            adam: Adam::from_host(stack::part_of_moments(&self.adam.to_host(), index, networks), &device),
            position: self.position,
            tally: Tally::restore(counts, &device),
            ..Self::new(self.model_of(index), self.seeds[index])
        }
    }

    /// The model of one network of a stack.
    #[must_use]
    pub fn model_of(&self, index: usize) -> R {
        stack::part(&self.model, index, self.networks())
    }

    /// The device of the model.
    pub fn device(&self) -> Device {
        self.model.devices().into_iter().next().expect("a model has parameters")
    }

    /// The next step to take.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The seed of the run; for a stack, that of its first network.
    pub fn seed(&self) -> u64 {
        self.seeds[0]
    }

    /// Whether all epochs are done, or the selection has stopped the run.
    pub fn is_finished(&self, config: &TrainingConfig) -> bool {
        self.standing.stopped || self.position.epoch >= config.epochs
    }

    /// The least validation loss so far, nats.
    pub fn best_validation_nll(&self) -> Option<f64> {
        self.standing.best
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self, config: &TrainingConfig) -> f64 {
        config.learning_rate * config.selection.as_ref().map_or(1.0, |rule| self.standing.factor(rule))
    }

    /// Updates the running mean with the current weights, after `steps` steps of the run.
    pub(super) fn follow(&mut self, config: &TrainingConfig, steps: usize) {
        let most = config.selection.map_or(config.average, |rule| rule.average);
        if most > 0.0 {
            let average = self.average.take().unwrap_or_else(|| tensors::copy(&self.model));
            self.average = Some(average::follow(average, &self.model, average::keep(most, steps)));
        }
    }

    /// The model that is evaluated, and kept if it is the best: the running mean if there is one.
    pub(super) fn candidate(&self) -> &R {
        self.average.as_ref().unwrap_or(&self.model)
    }

    /// Records the validation loss of [`TrainState::candidate`], nats.
    pub(super) fn hear(&mut self, rule: &Selection, nll: f64, config: &TrainingConfig) -> ValidationReport {
        let best = self.standing.hear(rule, nll) == Verdict::Best;
        if best {
            self.best = Some(tensors::copy(self.candidate()));
        }
        ValidationReport { nll, best, learning_rate: self.learning_rate(config), stopped: self.standing.stopped }
    }

    /// The state; if the run is finished, with the selected model, or without a selection with the mean of the weights.
    pub(super) fn settled(mut self, config: &TrainingConfig) -> Self {
        if self.is_finished(config) {
            let kept = if config.selection.is_some() { &self.best } else { &self.average };
            self.model = kept.clone().unwrap_or(self.model);
        }
        self
    }
}
