//! From trained members to an ensemble: weights, record, calibration.

use ebm_core::{Calibration, Dataset, PredictionConfig, Predictor, stacking_weights};
use ebm_data::run_file::{CalibrationRecord, EnsembleMember, EnsembleRecord, HeldOut};

use super::definition::EnsembleTraining;
use super::form::Form;
use super::member::{HELD_OUT_CANDIDATES, Outcome, nll};
use crate::command::train::folders::Run;
use crate::exit::{Exit, failure};
use crate::run::document::Document;
use crate::run::ensemble;
use crate::training_data::TrainingData;

/// Of the mean of the members' densities, see [`Predictor::ensemble`].
const POWER: f64 = 0.5;

impl EnsembleTraining<'_> {
    /// Weighs the members of every method by the held-out likelihood of all rows, and calibrates the ensemble with the
    /// same rows, each predicted by the members that were not trained on it.
    ///
    /// # Errors
    /// When no member has learned, or a file cannot be written.
    pub(super) fn combine(&self, run: &Run, outcomes: Vec<Outcome>) -> anyhow::Result<()> {
        let Some(encoding) = self.plan.data.encoding.clone() else { unreachable!("a table has an encoding") };
        let rows = self.folded.fold.len();
        let forms: Vec<String> =
            Form::all(self.ensemble, &run.record.config).iter().map(|form| form.name().to_owned()).collect();
        let log_probs = self.log_probs(forms.len(), &outcomes);
        let learned = outcomes.iter().filter(|outcome| outcome.failed.is_none()).count();
        if learned == 0 {
            let why = outcomes[0].failed.as_deref().unwrap_or_default();
            let message = format!(
                "no member of {} has learned; the first: {why}. Check the table with `ebm check`, or try a smaller \
                 --learning-rate",
                run.folder.name().display()
            );
            return Err(failure(Exit::Internal, message));
        }
        let weights = self.weights(&outcomes, &log_probs);
        let of_form = |outcome: &Outcome| if outcome.failed.is_none() { weights[outcome.form] } else { 0.0 };
        let total: f64 = outcomes.iter().map(of_form).sum();
        let mixture: Vec<f64> = (0..rows)
            .map(|row| weights.iter().zip(&log_probs).map(|(weight, of)| weight * of[row].exp()).sum::<f64>().ln())
            .collect();
        let marginal: Vec<f64> = (0..self.folded.folds()).flat_map(|fold| self.marginal(fold)).collect();
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let held_out = HeldOut {
            rows,
            nll_of_methods: log_probs.iter().map(|of| finite(nll_of_finite(of))).collect(),
            nll: nll_of_finite(&mixture),
            nll_of_marginal: nll(&marginal),
        };
        let members = outcomes.iter().map(|outcome| EnsembleMember {
            name: outcome.name.clone(),
            method: forms[outcome.form].clone(),
            fold: outcome.fold,
            weight: of_form(outcome) / total,
            nll: outcome.log_probs.as_deref().and_then(|of| finite(nll(of))),
            restarted: outcome.restarted,
            failed: outcome.failed.clone(),
            sha256: outcome.sha256.clone(),
        });
        let TrainingData { record, .. } = &self.plan.data;
        let record = EnsembleRecord {
            members: members.collect(),
            power: POWER,
            target_range: record.target_range,
            encoding,
            held_out,
        };
        self.tell(&forms, &weights, &record, learned);
        record.write(run.folder.path())?;
        self.calibrate(run, &record)
    }

    /// Log-densities of all rows under the members that were not trained on them, nats: a line for each form. −∞ where
    /// there is no such member, or it has not learned.
    fn log_probs(&self, forms: usize, outcomes: &[Outcome]) -> Vec<Vec<f64>> {
        let mut log_probs = vec![vec![f64::NEG_INFINITY; self.folded.fold.len()]; forms];
        for Outcome { form, fold, log_probs: of_fold, .. } in outcomes.iter().filter(|of| of.failed.is_none()) {
            for (row, log_prob) in self.folded.rows(*fold, true).into_iter().zip(of_fold.iter().flatten()) {
                log_probs[*form][row] = *log_prob;
            }
        }
        log_probs
    }

    /// The weight of each form: 0 for one that was not trained on all folds.
    fn weights(&self, outcomes: &[Outcome], log_probs: &[Vec<f64>]) -> Vec<f64> {
        let members = |form: usize| outcomes.iter().filter(|outcome| outcome.form == form).count();
        let most = (0..log_probs.len()).map(members).max().unwrap_or(0);
        let whole: Vec<usize> = (0..log_probs.len()).filter(|&form| members(form) == most).collect();
        let of_whole = stacking_weights(&whole.iter().map(|&form| log_probs[form].clone()).collect::<Vec<_>>());
        let mut weights = vec![0.0; log_probs.len()];
        whole.into_iter().zip(of_whole).for_each(|(form, weight)| weights[form] = weight);
        weights
    }

    /// Which forms have a weight of a tenth or more on the rows of the folds that were trained.
    pub(super) fn worth_while(&self, forms: usize, outcomes: &[Outcome]) -> Vec<bool> {
        let log_probs = self.log_probs(forms, outcomes);
        let rows: Vec<usize> = (0..self.folded.fold.len())
            .filter(|&row| outcomes.iter().any(|outcome| outcome.fold == self.folded.fold[row]))
            .collect();
        let of_rows: Vec<Vec<f64>> = log_probs.iter().map(|of| rows.iter().map(|&row| of[row]).collect()).collect();
        let weights = stacking_weights(&of_rows);
        let best = weights.iter().copied().fold(0.0, f64::max);
        weights.into_iter().map(|weight| weight >= best.min(0.1)).collect()
    }

    fn tell(&self, forms: &[String], weights: &[f64], record: &EnsembleRecord, learned: usize) {
        let HeldOut { rows, nll_of_methods, nll, nll_of_marginal } = &record.held_out;
        for ((form, weight), nll) in forms.iter().zip(weights).zip(nll_of_methods) {
            let nll = nll.map_or_else(|| "not finite".to_owned(), |nll| format!("{nll:.3}"));
            let trained = record.members.iter().filter(|member| member.method == *form).count();
            let on =
                if trained < self.folded.folds() { format!(" on the first {trained} folds") } else { String::new() };
            self.console.say(format_args!("{form}: held-out nll {nll}{on}, weight {weight:.2}"));
        }
        self.console.say(format_args!(
            "the forms as a mixture: held-out nll {nll:.3} nats on {rows} rows; {nll_of_marginal:.3} without the inputs"
        ));
        if nll >= nll_of_marginal {
            self.console.warn(
                "the ensemble is no better than a density that ignores the inputs: they tell nothing about the target, or \
                 nothing was learned",
            );
        }
        let count = record.members.len();
        if learned < count {
            self.console
                .warn(format_args!("{} of {count} members have not learned; their weight is 0", count - learned));
        }
    }

    /// Cross-conformal calibration: the score of a row is that of the members that were not trained on it.
    fn calibrate(&self, run: &Run, record: &EnsembleRecord) -> anyhow::Result<()> {
        let (path, space) = (run.folder.path(), self.folded.all.space());
        let loaded = ensemble::load(record, path, &self.plan.device)?;
        let config = PredictionConfig { m: HELD_OUT_CANDIDATES, seed: run.record.seed };
        let bar = self.console.counter("rows calibrated with", self.folded.fold.len());
        let mut tail_masses = Vec::new();
        for fold in 0..self.folded.folds() {
            let of_fold = loaded.iter().filter(|(member, _)| member.fold == fold);
            let members: Vec<_> = of_fold.map(|(member, model)| (member.weight, model.clone())).collect();
            if members.is_empty() {
                continue;
            }
            let width = self.folded.all.input_width();
            let predictor = Predictor::ensemble(members, record.power, width, space.clone(), config, &self.plan.device);
            tail_masses.extend(predictor.tail_masses(0, &self.folded.held_out(fold)));
            bar.set_position(tail_masses.len() as u64);
        }
        bar.finish_and_clear();
        let calibration = Calibration::of(tail_masses)?;
        let source = format!("the training rows of {}, out of fold", self.plan.data.record.source);
        CalibrationRecord { model: Some(record.digest()), source, calibration }.write(path)
    }
}

/// The mean negative log-likelihood of the rows that have one, nats.
fn nll_of_finite(log_probs: &[f64]) -> f64 {
    nll(&log_probs.iter().copied().filter(|log_prob| log_prob.is_finite()).collect::<Vec<_>>())
}
