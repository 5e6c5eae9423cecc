//! The training loop, shared by all methods and tasks.

pub mod adam;
mod average;
pub mod checkpoint;
mod config;
mod health;
mod limits;
mod observer;
mod report;
mod selection;
pub(crate) mod stack;
mod state;
mod tally;
mod validation;

pub use config::TrainingConfig;
pub(crate) use health::Health;
pub use limits::MAX_CANDIDATES;
pub use observer::{Flow, Observer, TrainError};
pub use report::{EpochReport, ValidationReport};
pub use selection::Selection;
pub(crate) use selection::Standing;
pub use state::{Position, TrainState};
pub(crate) use tally::{Counts, Tally};
pub use validation::Validation;

use crate::data::dataset::Dataset;
use crate::math::noise::{Noise, Purpose};
use crate::method::losses::Losses;
use crate::method::model::Model;
use crate::method::regressor::Regressor;
use crate::network::features::Features;
use crate::train::adam::Rates;

/// Steps between checks of the losses. Reading them makes a GPU wait.
const CHECK_EVERY: usize = 32;

/// Consecutive skipped steps after which training fails. A single bad batch is tolerated, diverged weights are not.
const MOST_SKIPPED: usize = 8;

/// Trains from the position of `state` until the last epoch is done or the observer returns [`Flow::Stop`].
///
/// The order of the examples and all candidates are functions of the seed and the position alone, so stopping and
/// resuming gives the same result. A step whose loss or gradient is not finite is skipped and counted.
///
/// # Errors
/// [`TrainError::NonFinite`] if too many consecutive steps are skipped.
///
/// # Panics
/// If `batch_size` or `m` is 0, the model is not on an autodiff device, or `config` has a [`Selection`], (use
/// [`fit_validated`]).
pub fn fit<R: Regressor>(
    state: TrainState<R>,
    examples: &dyn Dataset<R::Input>,
    config: &TrainingConfig,
    observer: &mut dyn Observer<R>,
) -> Result<TrainState<R>, TrainError> {
    assert!(config.selection.is_none(), "a selection needs held-out examples: use fit_validated");
    train(state, examples, None, config, observer)
}

/// Trains like [`fit`], with model selection and early stopping on held-out examples by the rule `config.selection`.
/// When the run is finished, `state.model` is the model with the least validation loss.
///
/// # Errors
/// [`TrainError::NonFinite`] if too many consecutive steps are skipped.
///
/// # Panics
/// As [`fit`]. Also if `config` has no [`Selection`], if its `patience`, `epochs` or `m` is 0 or its `average` is not in
/// `[0, 1)`, or if `state` is a stack.
pub fn fit_validated<F: Features>(
    state: TrainState<Model<F>>,
    examples: &dyn Dataset<F::Input>,
    validation: &Validation<'_, F::Input>,
    config: &TrainingConfig,
    observer: &mut dyn Observer<Model<F>>,
) -> Result<TrainState<Model<F>>, TrainError> {
    let rule = config.selection.expect("fit_validated needs config.selection");
    assert!(rule.patience > 0 && rule.epochs > 0, "patience and epochs of a selection must be at least 1");
    assert!(rule.m > 0, "m of a selection must be at least 1");
    assert!((0.0..1.0).contains(&rule.average), "average of a selection must be in [0, 1)");
    assert_eq!(state.networks(), 1, "a stack cannot be trained with a selection");
    let seed = state.seed();
    let nll = |model: &Model<F>| validation.nll(model, rule.m, seed);
    train(state, examples, Some((rule, &nll)), config, observer)
}

/// A selection rule, and the validation loss it uses.
type Judge<'a, R> = (Selection, &'a dyn Fn(&R) -> f64);

fn train<R: Regressor>(
    mut state: TrainState<R>,
    examples: &dyn Dataset<R::Input>,
    judge: Option<Judge<'_, R>>,
    config: &TrainingConfig,
    observer: &mut dyn Observer<R>,
) -> Result<TrainState<R>, TrainError> {
    assert!(config.batch_size > 0 && config.m > 0, "batch_size and m must be at least 1");
    let device = state.device();
    assert!(device.is_autodiff(), "the model must be on an autodiff device: use device.autodiff()");
    let constants = device.inner();

    while !state.is_finished(config) {
        let epoch = state.position.epoch;
        let phase = config.phase(epoch);
        let batches = batches(&state.seeds, epoch, examples.len(), config.batch_size);
        for (step, rows) in batches.iter().enumerate().skip(state.position.step) {
            let mut noise = Noise::stacked(&state.seeds, Purpose::Augmentation, epoch, step);
            let batch = examples.training_batch(rows, &mut noise, &constants);
            let mut noise = Noise::stacked(&state.seeds, Purpose::Candidates, epoch, step);
            let mut losses = state.model.losses(&batch, phase, &mut noise);
            let gradients = losses.gradients(&state.model);
            let health = Health::of(&losses.total, &state.model, &gradients);
            state.tally.add(&losses, &health);
            let rates = Rates { learning_rate: state.learning_rate(config), weight_decay: config.weight_decay };
            state.model = state.adam.step_if(&health, rates, state.model, gradients);

            let last = step + 1 == batches.len();
            if let Some((rule, _)) = judge {
                state.follow(&rule, epoch * batches.len() + step);
            }

            let reports = if last { reports(&state, &losses, batches.len()) } else { Vec::new() };
            state.position = Position { epoch, step: step + 1 };
            if last {
                state.position = Position { epoch: epoch + 1, step: 0 };
                state.tally.next_epoch();
            }
            let due = judge.filter(|(rule, _)| {
                let is_due = if last { rule.ends(epoch, config.epochs) } else { rule.is_due(step) };
                config.has_warmed_up(epoch) && is_due
            });
            let validation = due.map(|(rule, nll)| {
                let nll = nll(state.candidate());
                let report = state.hear(&rule, nll, config);
                observer.validated(&state, &report);
                report
            });
            for report in reports {
                observer.epoch(&state, &EpochReport { validation, ..report });
            }
            let is_read = last || (step + 1).is_multiple_of(CHECK_EVERY);
            if is_read && let Err(error) = check(&state, Position { epoch, step }) {
                observer.failed(&state, &error);
                return Err(error);
            }
            if observer.step(&state) == Flow::Stop || state.is_finished(config) {
                return Ok(state.settled(config));
            }
        }
    }
    Ok(state.settled(config))
}

/// The rows of every step of an epoch. In a stack, each network has its own order; their rows are concatenated.
fn batches(seeds: &[u64], epoch: usize, examples: usize, batch_size: usize) -> Vec<Vec<usize>> {
    let order = |&seed: &u64| Noise::new(seed, Purpose::Order, epoch, 0).permutation(examples);
    let orders: Vec<Vec<usize>> = seeds.iter().map(order).collect();
    let rows = |step: usize| step * batch_size..examples.min((step + 1) * batch_size);
    let batch = |step: usize| orders.iter().flat_map(|order| order[rows(step)].iter().copied()).collect();
    (0..examples.div_ceil(batch_size)).map(batch).collect()
}

/// Fails if a network has had [`MOST_SKIPPED`] or more consecutive skipped steps up to the step at `last`.
fn check<R: Regressor>(state: &TrainState<R>, last: Position) -> Result<(), TrainError> {
    let rows = state.tally.counts(state.networks()).into_iter().map(|Counts { skipped: [_, row], .. }| row);
    match rows.enumerate().find(|(_, steps)| *steps >= MOST_SKIPPED) {
        None => Ok(()),
        Some((network, steps)) => {
            let Position { epoch, step } = last;
            Err(TrainError::NonFinite { network, steps, epoch, step })
        }
    }
}

/// The reports of an epoch of `steps` steps, one for each network.
fn reports<R: Regressor>(state: &TrainState<R>, losses: &Losses, steps: usize) -> Vec<EpochReport> {
    let report = |(network, Counts { sums, skipped: [skipped, _] })| {
        let means = sums.into_iter().map(|sum| f64::from(sum) / (steps - skipped) as f64);
        let losses = losses.parts.iter().map(|&(name, _)| name).zip(means).collect();
        EpochReport { network, epoch: state.position.epoch, losses, skipped, validation: None }
    };
    state.tally.counts(state.networks()).into_iter().enumerate().map(report).collect()
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod own_network;
