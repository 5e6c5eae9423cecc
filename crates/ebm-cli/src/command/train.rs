//! `ebm train`: resolve the arguments once, then train.

mod backbone;
mod checks;
mod components;
pub(super) mod differences;
mod ensemble;
mod fit;
pub(super) mod flags;
mod folders;
mod plan;
mod progress;
mod user_data;

use crate::cli::train::TrainArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::interrupt::Interrupt;
use crate::output::print_json;
use crate::run::document::Document;
use crate::run::ensemble::is_trained;
use crate::run::folder::RunFolder;
use crate::run::record::Record;
use ensemble::EnsembleTraining;
use fit::Training;
use folders::Folders;

/// The networks of a command, trained or failed.
pub struct Trained {
    /// All folders, locked: no other process touches them before they are evaluated.
    pub folders: Vec<RunFolder>,
    failures: Vec<anyhow::Error>,
    networks: usize,
}

pub fn run(args: &TrainArgs, console: Console) -> anyhow::Result<Trained> {
    let plan = plan::resolve(args, console)?;
    let Folders { folders, runs, mut failures } = folders::open_all(&plan, console)?;
    let interrupt = Interrupt::listen()?;
    failures.extend(match (&plan.experiment.ensemble, &plan.data.folded) {
        (Some(ensemble), Some(folded)) => {
            EnsembleTraining { plan: &plan, ensemble, folded, interrupt: &interrupt, console }.run(runs)?
        }
        _ => Training { plan: &plan, interrupt: &interrupt, console }.run(runs)?,
    });
    if interrupt.end_at_once() && plan.evaluate {
        let paths: Vec<String> = plan.places.iter().map(|place| place.path.display().to_string()).collect();
        let message =
            format!("interrupted; {} is trained: the same options with `--resume` evaluate it", paths.join(", "));
        return Err(failure(Exit::Interrupted, message));
    }
    Ok(Trained { folders, failures, networks: plan.places.len() })
}

impl Trained {
    /// Prints `run.json` of each trained network.
    pub fn print_records(&self) -> anyhow::Result<()> {
        let trained = self.folders.iter().map(RunFolder::path).filter(|run| is_trained(run));
        trained.into_iter().try_for_each(|run| print_json(&Record::read(run)?.named()))
    }

    /// # Errors
    /// The first of the networks that failed.
    pub fn outcome(mut self) -> anyhow::Result<()> {
        match self.failures.len() {
            0 => Ok(()),
            1 if self.networks == 1 => Err(self.failures.remove(0)),
            count => {
                let context = format!("networks that failed: {count} of {}; the first", self.networks);
                Err(self.failures.remove(0).context(context))
            }
        }
    }
}
