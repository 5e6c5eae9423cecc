//! Observers of training, and the training error.

use super::report::{EpochReport, ValidationReport};
use super::state::TrainState;

/// Whether to continue training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Take the next step.
    Continue,
    /// Stop and return the current state.
    Stop,
}

/// Receives the events of training, for progress bars, metrics and checkpoints.
pub trait Observer<R> {
    /// Called after every step.
    fn step(&mut self, _state: &TrainState<R>) -> Flow {
        Flow::Continue
    }

    /// Called after every validation, before [`Observer::epoch`] and [`Observer::step`] of the same step.
    fn validated(&mut self, _state: &TrainState<R>, _report: &ValidationReport) {}

    /// Called after every epoch, before [`Observer::step`] of its last step; for a stack, once for each network.
    fn epoch(&mut self, _state: &TrainState<R>, _report: &EpochReport) {}

    /// Called before training fails, with the state that holds the last good weights (the error does not). The other
    /// networks of a stack can be trained further from it.
    fn failed(&mut self, _state: &TrainState<R>, _error: &TrainError) {}
}

/// Ignores all events.
impl<R> Observer<R> for () {}

/// Why training ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The loss or gradient of many consecutive steps was NaN or infinite. These steps were skipped, and
    /// [`Observer::failed`] received the last good weights. A smaller learning rate usually helps.
    #[error(
        "the loss or its gradient was not finite in {steps} steps in a row, the last of them epoch {}, step {}",
        epoch + 1, step + 1
    )]
    NonFinite {
        /// Index of the network in the stack, counted from 0.
        network: usize,
        /// Number of consecutive skipped steps, up to the one given here.
        steps: usize,
        /// Epoch, counted from 0; the message counts from 1.
        epoch: usize,
        /// Step within the epoch, counted from 0; the message counts from 1.
        step: usize,
    },
}
