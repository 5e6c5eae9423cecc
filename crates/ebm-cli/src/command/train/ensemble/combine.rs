//! From trained members to an ensemble: weights, record, calibration.

use ebm_core::{Calibration, Dataset, PredictionConfig, Predictor, stacking_weights};

use super::definition::EnsembleTraining;
use super::member::{HELD_OUT_CANDIDATES, Outcome, nll};
use crate::command::train::folders::Run;
use crate::exit::{Exit, failure};
use crate::run::calibration::CalibrationRecord;
use crate::run::document::Document;
use crate::run::ensemble::{EnsembleRecord, HeldOut, Member};
use crate::training_data::TrainingData;

impl EnsembleTraining<'_> {
    /// Weighs the members of every method by the held-out likelihood of all rows, and calibrates the ensemble with the
    /// same rows, each predicted by the members that were not trained on it.
    ///
    /// # Errors
    /// When no member has learned, or a file cannot be written.
    pub(super) fn combine(&self, run: &Run, outcomes: Vec<Outcome>) -> anyhow::Result<()> {
        let Some(encoding) = self.plan.data.encoding.clone() else { unreachable!("a table has an encoding") };
        let rows = self.folded.fold.len();
        let methods = self.ensemble.names(&run.record.config.method);
        // −∞ where the member of that fold has failed.
        let mut log_probs = vec![vec![f64::NEG_INFINITY; rows]; methods.len()];
        for Outcome { method, fold, log_probs: of_fold, .. } in outcomes.iter().filter(|of| of.failed.is_none()) {
            for (row, log_prob) in self.folded.rows(*fold, true).into_iter().zip(of_fold.iter().flatten()) {
                log_probs[*method][row] = *log_prob;
            }
        }
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
        let weights = stacking_weights(&log_probs);
        let of_method = |outcome: &Outcome| if outcome.failed.is_none() { weights[outcome.method] } else { 0.0 };
        let total: f64 = outcomes.iter().map(of_method).sum();
        let mixture: Vec<f64> = (0..rows)
            .map(|row| (0..methods.len()).map(|m| weights[m] * log_probs[m][row].exp()).sum::<f64>().ln())
            .collect();
        let marginal: Vec<f64> = (0..self.folded.folds()).flat_map(|fold| self.marginal(fold)).collect();
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let held_out = HeldOut {
            rows,
            nll_of_methods: log_probs.iter().map(|of| finite(nll_of_finite(of))).collect(),
            nll: nll_of_finite(&mixture),
            nll_of_marginal: nll(&marginal),
        };
        let members = outcomes.iter().map(|outcome| Member {
            name: outcome.name.clone(),
            method: methods[outcome.method].to_owned(),
            fold: outcome.fold,
            weight: of_method(outcome) / total,
            nll: outcome.log_probs.as_deref().and_then(|of| finite(nll(of))),
            restarted: outcome.restarted,
            failed: outcome.failed.clone(),
            sha256: outcome.sha256.clone(),
        });
        let TrainingData { record, .. } = &self.plan.data;
        let record =
            EnsembleRecord { members: members.collect(), target_range: record.target_range, encoding, held_out };
        self.tell(&methods, &weights, &record, learned);
        record.write(run.folder.path())?;
        self.calibrate(run, &record)
    }

    fn tell(&self, methods: &[&str], weights: &[f64], record: &EnsembleRecord, learned: usize) {
        let HeldOut { rows, nll_of_methods, nll, nll_of_marginal } = &record.held_out;
        for ((method, weight), nll) in methods.iter().zip(weights).zip(nll_of_methods) {
            let nll = nll.map_or_else(|| "not finite".to_owned(), |nll| format!("{nll:.3}"));
            self.console.say(format_args!("{method}: held-out nll {nll}, weight {weight:.2}"));
        }
        self.console.say(format_args!(
            "ensemble: held-out nll {nll:.3} nats on {rows} rows; {nll_of_marginal:.3} without the inputs"
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
        let loaded = record.load(path, &self.plan.device)?;
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
            let predictor = Predictor::ensemble(members, width, space.clone(), config, &self.plan.device);
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
