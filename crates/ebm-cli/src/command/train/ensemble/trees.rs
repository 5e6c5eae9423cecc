//! Boosted trees of an ensemble.

use std::ops::ControlFlow;
use std::time::Instant;

use anyhow::Context;
use ebm_core::{Trees, TreesConfig, TreesError};

use super::definition::EnsembleTraining;
use crate::command::train::folders::Run;
use crate::command::train::plan::{Existing, Plan};
use crate::exit::{Exit, failure};
use crate::run::document::Document;
use crate::run::files::TREES;
use crate::run::folder::{Contents, contents};
use crate::run::manifest;
use crate::run::record::Status;

impl EnsembleTraining<'_> {
    /// Fits the trees of runs that are not trained yet; each takes seconds, so one that was interrupted starts again.
    ///
    /// # Errors
    /// When a signal has come, the trees do not fit the data, or a file cannot be written.
    pub(super) fn fit_trees(&self, plan: &Plan, config: &TreesConfig, runs: Vec<Run>) -> anyhow::Result<()> {
        let (examples, validation) = (plan.data.examples.as_ref(), plan.data.validation.as_deref());
        let validation = validation.context("a member is validated on its fold")?;
        let columns: Vec<usize> = (0..examples.input_width()).collect();
        for Run { folder, mut record } in runs {
            if plan.existing == Existing::Replace && contents(folder.name())? == Contents::Run {
                folder.stage()?;
            }
            let path = folder.path();
            manifest::unseal(path)?;
            record.write(path)?;
            folder.clear()?;
            let started = Instant::now();
            let on_round =
                |_, _| if self.interrupt.requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
            let fitted = Trees::fit(examples, validation, &columns, config, record.seed, &plan.device, on_round);
            let trees = match fitted {
                Ok(trees) => trees,
                Err(TreesError::Stopped) if folder.is_staged() => {
                    folder.discard()?;
                    return Err(failure(Exit::Interrupted, "interrupted: the same options with `--resume` go on"));
                }
                Err(TreesError::Stopped) => {
                    record.status = Status::Interrupted;
                    record.write(path)?;
                    let message = "interrupted and saved: the same options with `--resume` go on";
                    return Err(failure(Exit::Interrupted, message));
                }
                Err(error) => return Err(error.into()),
            };
            trees.save(&path.join(TREES))?;
            record.train_seconds += started.elapsed().as_secs_f64();
            manifest::seal(path)?;
            record.status = Status::Done;
            record.write(path)?;
            folder.replace()?;
        }
        Ok(())
    }
}
