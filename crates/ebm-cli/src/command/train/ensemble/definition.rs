//! What the training of an ensemble works with.

use crate::command::train::plan::Plan;
use crate::console::Console;
use crate::experiment::ensemble::Ensemble;
use crate::interrupt::Interrupt;
use crate::training_data::Folded;

/// The training of all members of the runs of a plan.
pub struct EnsembleTraining<'a> {
    pub plan: &'a Plan,
    pub ensemble: &'a Ensemble,
    pub folded: &'a Folded,
    pub interrupt: &'a Interrupt,
    pub console: Console,
}
