//! Who is told how training goes, and what they are told.

use super::report::{EpochReport, ValidationReport};
use super::state::TrainState;

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

    /// After every validation, before [`Observer::epoch`] and [`Observer::step`] of the same step.
    fn validated(&mut self, _state: &TrainState<R>, _report: &ValidationReport) {}

    /// After every epoch, before [`Observer::step`] of its last step; of a stack, network by network.
    fn epoch(&mut self, _state: &TrainState<R>, _report: &EpochReport) {}

    /// Before training gives up: the state with the last good weights, which the error does not hold. Of a stack, the
    /// other networks can go on from there.
    fn failed(&mut self, _state: &TrainState<R>, _error: &TrainError) {}
}

/// Nobody.
impl<R> Observer<R> for () {}

/// Why training ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// Step after step had a loss or a gradient that is NaN or infinite. None of them was taken: the weights are the
    /// last good ones, and the observer has seen them. A smaller learning rate usually cures it.
    #[error(
        "the loss or its gradient was not finite in {steps} steps in a row, the last of them epoch {}, step {}",
        epoch + 1, step + 1
    )]
    NonFinite {
        /// The network of a stack, counted from 0.
        network: usize,
        /// Steps in a row up to the one named here.
        steps: usize,
        /// Epoch, counted from 0; the message counts from 1.
        epoch: usize,
        /// Step, counted likewise.
        step: usize,
    },
}
