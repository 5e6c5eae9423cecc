//! One member of an ensemble.

use std::fmt;

use ebm_core::evaluate::marginal_log_probs;
use ebm_core::{Dataset, PredictionConfig, Predictor, TreesConfig};

use super::definition::EnsembleTraining;
use super::form::Form;
use crate::command::train::fit::Training;
use crate::command::train::folders::{self, Run};
use crate::command::train::plan::{Existing, Place, Plan};
use crate::console::Console;
use crate::experiment::Experiment;
use crate::experiment::data::Data;
use crate::experiment::ensemble::Ensemble;
use crate::experiment::folds::{Fold, Folds};
use crate::run::document::Document;
use crate::run::ensemble::{folder_of, load_member};
use crate::run::record::Record;

/// Candidates for the density of a held-out row.
pub(super) const HELD_OUT_CANDIDATES: usize = 256;

/// What is to be trained.
pub(super) struct Job {
    name: String,
    /// Index of its form.
    pub form: usize,
    config: Experiment,
    /// Trees instead of a network.
    trees: Option<TreesConfig>,
    pub fold: Fold,
    /// Seeds of the first network, and of a second one if the first has not learned.
    seeds: [u64; 2],
}

/// A member that is trained, or has failed.
pub(super) struct Outcome {
    pub name: String,
    /// Index of its form.
    pub form: usize,
    pub fold: usize,
    pub restarted: bool,
    pub failed: Option<String>,
    pub sha256: Option<String>,
    /// Log-densities of the rows of its fold, nats; none if it diverged.
    pub log_probs: Option<Vec<f64>>,
}

impl Job {
    /// One for each form and fold. Seeds of members differ.
    pub fn all(ensemble: &Ensemble, folds: usize, record: &Record) -> Vec<Self> {
        let job = |index: usize, form: &Form, fold: usize| {
            let fold = Fold { index: fold, of: folds };
            let mut config = Experiment { ensemble: None, ..record.config.clone() };
            let trees = match form {
                Form::Networks(_, networks) => {
                    config = Experiment { ensemble: None, ..(**networks).clone() };
                    None
                }
                Form::Trees(trees) => {
                    let (folds, trees) = (Folds::Given(folds), Some((*trees).clone()));
                    config.ensemble = Some(Ensemble { folds, also: Vec::new(), trees: trees.clone() });
                    trees
                }
            };
            if let Data::User(user) = &mut config.data {
                user.fold = Some(fold);
            }
            let member = (index * folds + fold.index) as u64;
            let seed = |attempt: u64| record.seed.wrapping_mul(1_000_003).wrapping_add(2 * member + attempt);
            let name = format!("{}-{}", form.name(), fold.index);
            Self { name, form: index, config, trees, fold, seeds: [seed(0), seed(1)] }
        };
        let forms = Form::all(ensemble, &record.config).into_iter().enumerate();
        forms.flat_map(|(index, form)| (0..folds).map(move |fold| job(index, &form, fold))).collect()
    }
}

impl EnsembleTraining<'_> {
    /// Trains the first network of a member, or the second one where that was begun before.
    pub(super) fn train(&self, run: &Run, job: &Job) -> anyhow::Result<Outcome> {
        let path = folder_of(run.folder.path(), &job.name);
        let [first, second] = job.seeds;
        match Record::read_if_there(&path)? {
            Some(record) if record.seed == second => {
                Ok(Outcome { restarted: true, ..self.attempt(run, job, second, Existing::Resume)? })
            }
            _ => self.attempt(run, job, first, Existing::Resume),
        }
    }

    /// Trains the second network of a member.
    pub(super) fn train_again(&self, run: &Run, job: &Job) -> anyhow::Result<Outcome> {
        Ok(Outcome { restarted: true, ..self.attempt(run, job, job.seeds[1], Existing::Replace)? })
    }

    fn attempt(&self, run: &Run, job: &Job, seed: u64, existing: Existing) -> anyhow::Result<Outcome> {
        let path = folder_of(run.folder.path(), &job.name);
        let plan = Plan {
            experiment: job.config.clone(),
            data: self.folded.member(job.fold.index, &self.plan.data),
            rows: None,
            device: self.plan.device.clone(),
            device_name: self.plan.device_name,
            places: vec![Place { path: path.clone(), seed, is_given: true }],
            existing,
            snapshot_epochs: self.plan.snapshot_epochs.clone(),
            checkpoint_every: self.plan.checkpoint_every,
            evaluate: false,
        };
        let quiet = Console { quiet: true, ..self.console };
        let opened = folders::open_all(&plan, quiet)?;
        let mut failures = opened.failures;
        match &job.trees {
            Some(config) => self.fit_trees(&plan, config, opened.runs)?,
            None => {
                let training = Training { plan: &plan, interrupt: self.interrupt, console: quiet };
                failures.extend(training.run(opened.runs)?);
            }
        }
        let outcome = |failed: Option<String>, sha256: Option<String>, log_probs: Option<Vec<f64>>| Outcome {
            name: job.name.clone(),
            form: job.form,
            fold: job.fold.index,
            restarted: false,
            failed,
            sha256,
            log_probs,
        };
        if let Some(error) = failures.first() {
            return Ok(outcome(Some(error.to_string()), None, None));
        }
        let loaded = load_member(&path, &self.plan.device)?;
        let config = PredictionConfig { m: HELD_OUT_CANDIDATES, seed: run.record.seed };
        let (width, space) = (self.folded.all.input_width(), self.folded.all.space().clone());
        let predictor = Predictor::ensemble(vec![(1.0, loaded.model)], 1.0, width, space, config, &self.plan.device);
        let (inputs, targets) = self.folded.of_rows(&self.folded.rows(job.fold.index, true));
        let found = predictor.log_prob(0, &inputs, &targets)?;
        let log_probs: Vec<f64> = found.into_iter().map(|(_, log_prob)| log_prob.estimate.value).collect();
        let failed = nll(&log_probs).is_nan().then(|| "its density is not finite".to_owned());
        Ok(outcome(failed, loaded.sha256, Some(log_probs)))
    }

    /// Says of every member whether it has learned, compared with the best one of its fold and with the marginal density
    /// of the labels: a member that is stuck is nearer to the latter.
    pub(super) fn judge(&self, outcomes: &mut [Outcome]) {
        /// Members of one fold differ by less even where there is little to learn, nats.
        const LEAST: f64 = 0.5;
        for fold in 0..self.folded.folds() {
            let marginal = nll(&self.marginal(fold));
            let of_fold = outcomes.iter().filter(|of| of.fold == fold && of.failed.is_none()).filter_map(Outcome::nll);
            let best = of_fold.fold(f64::INFINITY, f64::min);
            for outcome in outcomes.iter_mut().filter(|of| of.fold == fold && of.failed.is_none()) {
                let Some(own) = outcome.nll() else { continue };
                if own - best > LEAST.max(0.5 * (marginal - best)) {
                    outcome.failed = Some(format!(
                        "its held-out NLL is {own:.3} nats, that of the best member of its fold {best:.3}, and that of a \
                         density that ignores the inputs {marginal:.3}"
                    ));
                }
            }
        }
    }

    /// Log-densities of the rows of a fold under the marginal density of the other folds' labels, nats.
    pub(super) fn marginal(&self, fold: usize) -> Vec<f64> {
        let labels = |is_held_out| self.folded.of_rows(&self.folded.rows(fold, is_held_out)).1;
        marginal_log_probs(self.folded.all.space(), &labels(false), &labels(true))
    }
}

impl Outcome {
    /// Its held-out negative log-likelihood, nats.
    pub fn nll(&self) -> Option<f64> {
        self.log_probs.as_deref().map(nll)
    }
}

/// The mean negative log-likelihood, nats.
pub(super) fn nll(log_probs: &[f64]) -> f64 {
    -log_probs.iter().sum::<f64>() / log_probs.len() as f64
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.name)?;
        match (&self.log_probs, &self.failed) {
            (_, Some(failed)) => write!(out, "has not learned: {failed}"),
            (Some(log_probs), None) => write!(out, "held-out nll {:.3}", nll(log_probs)),
            (None, None) => write!(out, "trained"),
        }?;
        if self.restarted { write!(out, "; the second network, after the first had not learned") } else { Ok(()) }
    }
}
