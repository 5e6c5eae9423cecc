//! From run folders to trained networks: one after another, or as one stack.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Context;
use ebm_core::checkpoint::{self, CheckpointError};
use ebm_core::{Kernels, Model, ModelConfig, Position, TrainError, TrainState, Validation, fit, fit_validated};

use super::backbone;
use super::checks::{Look, look};
use super::folders::{Run, lost};
use super::plan::{Existing, Plan};
use super::progress::Progress;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::interrupt::Interrupt;
use crate::run::document::Document;
use crate::run::folder::{Contents, RunFolder, contents};
use crate::run::record::Status;
use crate::run::{manifest, metrics, model};

/// The training of all networks of a plan.
pub struct Training<'a> {
    pub plan: &'a Plan,
    pub interrupt: &'a Interrupt,
    pub console: Console,
}

impl Training<'_> {
    /// Trains every run from its last checkpoint, or from the start, to the end. Returns the errors of those that diverged.
    ///
    /// Small networks are trained as one stack where tensor operations train them. Our kernels on the CPU are faster
    /// one network at a time.
    ///
    /// # Errors
    /// When a signal has come, or a file cannot be read or written.
    pub fn run(&self, runs: Vec<Run>) -> anyhow::Result<Vec<anyhow::Error>> {
        let mut failures = Vec::new();
        let Some(first) = runs.first() else { return Ok(failures) };
        let training = &first.record.config.training;
        let has_kernels = self.plan.device_name.is_cpu() && training.kernels == Kernels::Fused;
        let is_stacked = self.config(first).is_stackable() && training.selection.is_none() && !has_kernels;
        if !is_stacked {
            for mut run in runs {
                let state = self.begin(&mut run)?;
                failures.extend(self.train(vec![(run, state)])?);
            }
            return Ok(failures);
        }
        let mut stacks: BTreeMap<Position, Vec<_>> = BTreeMap::new();
        for mut run in runs {
            let state = self.begin(&mut run)?;
            stacks.entry(state.position()).or_default().push((run, state));
        }
        for stack in stacks.into_values() {
            failures.extend(self.train(stack)?);
        }
        Ok(failures)
    }

    fn config(&self, run: &Run) -> ModelConfig {
        let config = ModelConfig {
            input: self.plan.data.examples.input_width(),
            target: self.plan.data.examples.target_width(),
            method: run.record.config.method.clone(),
            network: run.record.config.network.clone(),
            axes: self.plan.data.encoding.as_ref().map(|encoding| encoding.space.axes()).unwrap_or_default(),
        };
        config.fitted(self.plan.data.examples.as_ref())
    }

    fn steps_per_epoch(&self, run: &Run) -> usize {
        self.plan.data.examples.len().div_ceil(run.record.config.training.batch_size)
    }

    /// The state to continue from; the folder records it.
    fn begin(&self, run: &mut Run) -> anyhow::Result<TrainState<Model>> {
        let fresh = self.config(run).init(run.record.seed, &self.plan.device.clone().autodiff());
        let steps_per_epoch = self.steps_per_epoch(run);
        let Run { folder, record } = run;
        let path = folder.name().display().to_string();
        if self.plan.existing == Existing::Replace && contents(folder.name())? == Contents::Run {
            folder.stage()?;
        }
        manifest::unseal(folder.path())?;
        if checkpoint::exists(folder.path()) {
            let state = continued(folder, fresh, steps_per_epoch)?;
            // Under --allow-mismatch the checkpoint's seed decides.
            record.seed = state.seed();
            self.console.say(format_args!(
                "continuing {path} at epoch {}, seed {}",
                state.position().epoch + 1,
                record.seed
            ));
            record.write(folder.path())?;
            metrics::truncate(folder.path(), state.position().epoch)?;
            self.plan.write_data(folder.path())?;
            return Ok(state);
        }
        self.console.say(format_args!("training {path} on {}, seed {}", record.device, record.seed));
        let fresh = backbone::pretrained(fresh, &record.config, self.console)?;
        record.write(folder.path())?;
        folder.clear()?;
        self.plan.write_data(folder.path())?;
        Ok(TrainState::new(fresh, record.seed))
    }

    /// Trains networks at one position, as a stack if there are several, and keeps what comes of each.
    fn train(&self, begun: Vec<(Run, TrainState<Model>)>) -> anyhow::Result<Vec<anyhow::Error>> {
        let (mut runs, states): (Vec<Run>, Vec<_>) = begun.into_iter().unzip();
        let mut state = TrainState::stack(states);
        let mut failures = Vec::new();
        let training = runs[0].record.config.training.clone();
        let state = loop {
            let started = Instant::now();
            let (fitted, last) = self.fit(&runs, state)?;
            let share = started.elapsed().as_secs_f64() / runs.len() as f64;
            runs.iter_mut().for_each(|run| run.record.train_seconds += share);
            let (error, last) = match (fitted, last) {
                (Ok(state), _) => break state,
                (Err(error), Some(last)) => (error, last),
                (Err(error), None) => return Err(error.into()),
            };
            // The others go on without it.
            let TrainError::NonFinite { network, .. } = error else { return Err(error.into()) };
            let others: Vec<_> = (0..runs.len()).filter(|&other| other != network).collect();
            failures.push(fail(&mut runs.remove(network), error.into())?);
            if runs.is_empty() {
                return Ok(failures);
            }
            state = TrainState::stack(others.into_iter().map(|other| last.network(other)).collect());
        };
        let is_finished = state.is_finished(&training);
        let was_staged = runs[0].folder.is_staged();
        for (index, run) in runs.iter_mut().enumerate() {
            match self.keep(run, &state.network(index), is_finished) {
                Err(error) if is_divergence(&error) => failures.push(fail(run, error)?),
                kept => failures.extend(kept?),
            }
        }
        if is_finished {
            return Ok(failures);
        }
        let message = match &runs[..] {
            [run] if was_staged => format!(
                "interrupted before the first checkpoint: the earlier run in {} stays as it was",
                run.folder.name().display()
            ),
            [run] => format!(
                "interrupted and saved: the same options with `--resume --out {}` go on",
                run.folder.name().display()
            ),
            _ => "interrupted and saved: the same options with `--resume` go on".to_owned(),
        };
        Err(failure(Exit::Interrupted, message))
    }

    /// One training, and where it failed if it did.
    #[allow(clippy::type_complexity)] // Two results that belong together.
    fn fit(
        &self,
        runs: &[Run],
        state: TrainState<Model>,
    ) -> anyhow::Result<(Result<TrainState<Model>, TrainError>, Option<TrainState<Model>>)> {
        let training = &runs[0].record.config.training;
        let steps_per_epoch = self.steps_per_epoch(&runs[0]);
        let folders: Vec<&RunFolder> = runs.iter().map(|run| &run.folder).collect();
        let Position { epoch, step } = state.position();
        let mut progress =
            Progress::new(folders, self.interrupt.clone(), training, steps_per_epoch, self.console.quiet)
                .snapshots(&self.plan.snapshot_epochs)
                .checkpoint_every(self.plan.checkpoint_every)
                .start_at(epoch.saturating_mul(steps_per_epoch).saturating_add(step));
        let examples = self.plan.data.examples.as_ref();
        let validation =
            self.plan.data.validation.as_deref().map(|held_out| Validation::new(held_out, &self.plan.device));
        let fitted = match &validation {
            Some(validation) => fit_validated(state, examples, validation, training, &mut progress),
            None => fit(state, examples, training, &mut progress),
        };
        Ok((fitted, progress.finish()?))
    }

    /// Keeps a network: its model if it is trained, otherwise a checkpoint. Returns what is wrong with a model that is
    /// none.
    fn keep(
        &self,
        run: &mut Run,
        state: &TrainState<Model>,
        is_finished: bool,
    ) -> anyhow::Result<Option<anyhow::Error>> {
        let config = self.config(run);
        let Run { folder, record } = &mut *run;
        metrics::sync(folder.path())?;
        if !is_finished {
            if folder.is_staged() {
                folder.discard()?;
                return Ok(None);
            }
            checkpoint::save(folder.path(), state)?;
            record.status = Status::Interrupted;
            record.write(folder.path())?;
            return Ok(None);
        }
        let Look { checks, failure: why } = look(&state.model, &config, &self.plan.data);
        let (poor, unused) = (checks.poor.join("; "), checks.unused_components);
        record.checks = Some(checks);
        if let Some(why) = why {
            return fail(run, failure(Exit::Internal, why)).map(Some);
        }
        model::write(folder.path(), &state.model, config, record.data.target_range, self.plan.data.encoding.clone())?;
        // A model without its seal belongs to a run that is still training.
        manifest::seal(folder.path())?;
        record.status = Status::Done;
        record.write(folder.path())?;
        checkpoint::remove(folder.path())?;
        folder.replace()?;
        self.console.say(format_args!("trained {} in {:.1} s", folder.name().display(), record.train_seconds));
        if let Some([unused, all]) = unused.filter(|[unused, _]| *unused > 0) {
            self.console
                .say(format_args!("{unused} of {all} components of its mixture have no weight at any row looked at"));
        }
        if !poor.is_empty() {
            self.console.warn(format_args!("the model in {} is poor: {poor}", folder.name().display()));
        }
        Ok(None)
    }
}

/// Records that a network has diverged; returns what to tell.
fn fail(run: &mut Run, error: anyhow::Error) -> anyhow::Result<anyhow::Error> {
    let Run { folder, record } = run;
    record.status = Status::Failed;
    record.error = Some(error.to_string());
    record.write(folder.path())?;
    manifest::seal(folder.path())?;
    folder.replace()?;
    Ok(error.context(format!("training diverged in {}; try a smaller --learning-rate", folder.name().display())))
}

/// The state in the folder's checkpoint.
fn continued(folder: &RunFolder, fresh: Model, steps_per_epoch: usize) -> anyhow::Result<TrainState<Model>> {
    let path = folder.name().display();
    let state = checkpoint::load(folder.path(), fresh).with_context(|| lost(folder.name()))?;
    let step = state.position().step;
    if step >= steps_per_epoch {
        let message = format!(
            "the checkpoint in {path} lies at step {step} of an epoch, which has {steps_per_epoch} now: give the batch \
             size and data it was started with, or --force to start again"
        );
        return Err(failure(Exit::Config, message));
    }
    Ok(state)
}

/// Whether losses or weights are NaN or infinite.
fn is_divergence(error: &anyhow::Error) -> bool {
    error.is::<TrainError>() || matches!(error.downcast_ref(), Some(CheckpointError::NonFinite { .. }))
}
