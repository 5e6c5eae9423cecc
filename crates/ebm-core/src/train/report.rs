//! Reports of epochs and validations.

/// The report of one epoch: means of the losses over its steps, nats.
#[derive(Debug, Clone, PartialEq)]
pub struct EpochReport {
    /// Index of the network in the stack, counted from 0.
    pub network: usize,
    /// The epoch that ended, counted from 0.
    pub epoch: usize,
    /// The method's losses by name, means over the steps taken; NaN if none was.
    pub losses: Vec<(&'static str, f64)>,
    /// Number of skipped steps, whose loss or gradient was not finite.
    pub skipped: usize,
    /// The validation at the end of the epoch, if there was one.
    pub validation: Option<ValidationReport>,
}

/// One evaluation on the held-out examples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValidationReport {
    /// Mean of `−log p(y|x)`, nats.
    pub nll: f64,
    /// Whether it is the lowest so far; these weights are then kept.
    pub best: bool,
    /// The learning rate of the next step.
    pub learning_rate: f64,
    /// Whether the rule ends the run here.
    pub stopped: bool,
}
