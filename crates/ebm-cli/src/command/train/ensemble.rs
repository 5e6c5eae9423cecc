//! Ensembles: every member is trained on all folds but one, and weighted by how it predicts that one.

mod combine;
mod definition;
mod form;
mod member;
mod trees;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::folders::Run;
use super::plan::Existing;
use crate::exit::{Exit, failure};
use crate::run::document::Document;
use crate::run::ensemble::is_trained;
use crate::run::files::members;
use crate::run::folder::{Contents, contents};
use crate::run::manifest;
use crate::run::record::Status;
pub use definition::EnsembleTraining;
use form::Form;
use member::{Job, Outcome};

/// Folds whose rows tell which forms are trained on the others.
const FIRST_FOLDS: usize = 3;

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
        let forms = Form::all(self.ensemble, &record.config).len();
        self.console.say(format_args!(
            "training {}: up to {} members, {forms} forms on {} folds, seed {}",
            folder.name().display(),
            forms * self.folded.folds(),
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

    /// Trains the members: those of the first folds, and then, of the forms that have a weight on them, those of the
    /// others.
    fn members(&self, run: &Run) -> anyhow::Result<Vec<Outcome>> {
        let forms = Form::all(self.ensemble, &run.record.config).len();
        let jobs: Vec<Job> = Job::all(self.ensemble, self.folded.folds(), &run.record);
        let (first, others): (Vec<&Job>, Vec<&Job>) = jobs.iter().partition(|job| job.fold.index < FIRST_FOLDS);
        let mut outcomes = self.learn(run, &first)?;
        let kept = self.worth_while(forms, &outcomes);
        let others: Vec<&Job> = others.into_iter().filter(|job| kept[job.form]).collect();
        outcomes.extend(self.learn(run, &others)?);
        outcomes.sort_by_key(|outcome| (outcome.form, outcome.fold));
        Ok(outcomes)
    }

    /// Trains the members of some jobs. Those that have not learned are trained again with another seed, once.
    fn learn(&self, run: &Run, jobs: &[&Job]) -> anyhow::Result<Vec<Outcome>> {
        let mut outcomes = self.side_by_side(jobs, |job| self.train(run, job))?;
        self.judge(&mut outcomes);
        let stuck: Vec<usize> =
            (0..jobs.len()).filter(|&at| outcomes[at].failed.is_some() && !outcomes[at].restarted).collect();
        for &at in &stuck {
            self.console.say(format_args!("{}; it is trained again with another seed", outcomes[at]));
        }
        let again: Vec<&Job> = stuck.iter().map(|&at| jobs[at]).collect();
        let second = self.side_by_side(&again, |job| self.train_again(run, job))?;
        stuck.into_iter().zip(second).for_each(|(at, outcome)| outcomes[at] = outcome);
        self.judge(&mut outcomes);
        Ok(outcomes)
    }

    /// Does jobs, as many at a time as there are threads. Results do not depend on how many that are, and are in the order
    /// of the jobs.
    fn side_by_side(
        &self,
        jobs: &[&Job],
        train: impl Fn(&Job) -> anyhow::Result<Outcome> + Sync,
    ) -> anyhow::Result<Vec<Outcome>> {
        let bar = self.console.counter("members trained", jobs.len());
        let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(at) else { return };
                let outcome = train(job);
                if let Ok(outcome) = &outcome {
                    bar.suspend(|| self.console.say(outcome));
                }
                if outcome.is_err() || self.interrupt.requested() {
                    next.store(jobs.len(), Ordering::Relaxed);
                }
                bar.inc(1);
                outcomes.lock().unwrap_or_else(PoisonError::into_inner).push((at, outcome));
            }
        };
        std::thread::scope(|scope| {
            (0..rayon::current_num_threads().min(jobs.len())).for_each(|_| drop(scope.spawn(work)));
        });
        bar.finish_and_clear();
        let mut outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcomes.sort_by_key(|(at, _)| *at);
        let done: Vec<Outcome> = outcomes.into_iter().map(|(_, outcome)| outcome).collect::<anyhow::Result<_>>()?;
        if done.len() < jobs.len() {
            let message = "interrupted and saved: the same options with `--resume` go on";
            return Err(failure(Exit::Interrupted, message));
        }
        Ok(done)
    }
}
