//! Ensembles: every member is trained on all folds but one, and weighted by how it predicts that one.

mod combine;
mod member;
mod trees;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::folders::Run;
use super::plan::{Existing, Plan};
use crate::console::Console;
use crate::experiment::ensemble::Ensemble;
use crate::interrupt::Interrupt;
use crate::run::document::Document;
use crate::run::ensemble::is_trained;
use crate::run::files::members;
use crate::run::folder::{Contents, contents};
use crate::run::manifest;
use crate::run::record::Status;
use crate::training_data::Folded;
use member::{Job, Outcome};

/// The training of all members of the runs of a plan.
pub struct EnsembleTraining<'a> {
    pub plan: &'a Plan,
    pub ensemble: &'a Ensemble,
    pub folded: &'a Folded,
    pub interrupt: &'a Interrupt,
    pub console: Console,
}

impl EnsembleTraining<'_> {
    /// Trains every run from where it was left to the end. Returns the errors of those of which no member learned.
    ///
    /// # Errors
    /// When a signal has come, or a file cannot be read or written.
    pub fn run(&self, runs: Vec<Run>) -> anyhow::Result<Vec<anyhow::Error>> {
        let mut failures = Vec::new();
        for mut run in runs {
            self.begin(&run)?;
            let started = Instant::now();
            let outcomes = self.members(&run);
            run.record.train_seconds += started.elapsed().as_secs_f64();
            let outcomes = match outcomes {
                Ok(outcomes) => outcomes,
                // A run that replaces another does so once it has a member to show.
                Err(error) if run.folder.is_staged() && !members(run.folder.path()).iter().any(|of| is_trained(of)) => {
                    run.folder.discard()?;
                    return Err(error);
                }
                Err(error) => {
                    run.record.status = Status::Interrupted;
                    run.record.write(run.folder.path())?;
                    run.folder.replace()?;
                    return Err(error);
                }
            };
            match self.combine(&run, outcomes) {
                Ok(()) => run.record.status = Status::Done,
                Err(error) => {
                    run.record.status = Status::Failed;
                    run.record.error = Some(error.to_string());
                    failures.push(error);
                }
            }
            manifest::seal(run.folder.path())?;
            run.record.write(run.folder.path())?;
            run.folder.replace()?;
            let (path, seconds) = (run.folder.name().display(), run.record.train_seconds);
            self.console.say(format_args!("trained {path} in {seconds:.1} s"));
        }
        Ok(failures)
    }

    /// Records that training begins. What an earlier run has left is deleted where that is asked for.
    fn begin(&self, run: &Run) -> anyhow::Result<()> {
        let (folder, record) = (&run.folder, &run.record);
        let methods = self.ensemble.names(&record.config).len();
        self.console.say(format_args!(
            "training {}: {} members, {methods} methods on {} folds, seed {}",
            folder.name().display(),
            methods * self.folded.folds(),
            self.folded.folds(),
            record.seed
        ));
        if self.plan.existing == Existing::Replace && contents(folder.name())? == Contents::Run {
            folder.stage()?;
        }
        manifest::unseal(folder.path())?;
        if !self.plan.existing.continues() {
            folder.clear()?;
        }
        record.write(folder.path())?;
        self.plan.write_data(folder.path())
    }

    /// Trains the members, as many at a time as there are threads. Their results do not depend on how many that are.
    fn members(&self, run: &Run) -> anyhow::Result<Vec<Outcome>> {
        let jobs: Vec<Job> = Job::all(self.ensemble, self.folded.folds(), &run.record);
        let bar = self.console.counter("members trained", jobs.len());
        let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || {
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let outcome = self.train(run, job);
                let goes_on = outcome.is_ok() && !self.interrupt.requested();
                if let Ok(outcome) = &outcome {
                    bar.suspend(|| self.console.say(outcome));
                }
                bar.inc(1);
                outcomes.lock().unwrap_or_else(PoisonError::into_inner).push(outcome);
                if !goes_on {
                    next.store(jobs.len(), Ordering::Relaxed);
                }
            }
        };
        std::thread::scope(|scope| {
            (0..rayon::current_num_threads().min(jobs.len())).for_each(|_| drop(scope.spawn(work)));
        });
        bar.finish_and_clear();
        let outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut outcomes: Vec<Outcome> = outcomes.into_iter().collect::<anyhow::Result<_>>()?;
        outcomes.sort_by_key(|outcome| (outcome.method, outcome.fold));
        Ok(outcomes)
    }
}
