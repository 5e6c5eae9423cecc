//! What an epoch and a validation gave.

/// One epoch: means of the losses over its steps, nats.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochReport {
    /// The network of a stack that it is of, counted from 0.
    pub network: usize,
    /// The epoch that ended, counted from 0.
    pub epoch: usize,
    /// The method's losses by name, means over the steps that were taken; NaN when none was.
    pub losses: Vec<(&'static str, f64)>,
    /// Steps that were not taken, because the loss or its gradient was not finite.
    pub skipped: usize,
    /// The validation at the end of the epoch, if there is one.
    pub validation: Option<ValidationReport>,
}

/// One evaluation on the held-out examples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValidationReport {
    /// Mean of `−log p(y|x)`, nats.
    pub nll: f64,
    /// Whether it is the least so far, so that these weights are kept.
    pub best: bool,
    /// The learning rate of the next step.
    pub learning_rate: f64,
    /// Whether the rule ends the run here.
    pub stopped: bool,
}
