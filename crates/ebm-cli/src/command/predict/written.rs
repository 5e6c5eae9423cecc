//! Rows, predicted and written.

use ebm_core::Prediction;
use ebm_core::evaluate::LABEL_WEIGHT_LIMIT;
use ebm_core::predict::{ESS_SHARE_LIMIT, LogProb, PARETO_K_LIMIT};
use ebm_data::table::Targets;
use rayon::prelude::*;

use super::columns;
use crate::cli::predict::{Column, PredictArgs};
use crate::console::Console;
use crate::prediction_writer::Output;
use crate::prediction_writer::cell::{Cell, Row};
use crate::rows::{Place, Rows, RowsOf};
use crate::trained::TrainedModel;
use crate::trained::finite::is_finite;

/// Schema of a line of JSON.
const SCHEMA: &str = "ebm.prediction/1";

/// Counts of rows to tell of.
#[derive(Default)]
pub struct Counts {
    /// All.
    pub rows: usize,
    /// With an answer that cannot be relied on.
    pub unreliable: usize,
    /// Outside the range of the training data in a column.
    pub beyond: usize,
    /// Farther from the training rows than any of those.
    pub far: usize,
}

impl Counts {
    /// Adds those of other rows.
    pub fn add(&mut self, others: &Self) {
        self.rows += others.rows;
        self.unreliable += others.unreliable;
        self.beyond += others.beyond;
        self.far += others.far;
    }
}

/// A median that lies farther beyond the training labels, in ranges of them, is none of what the model has learned. Its
/// error rates: docs/results/thresholds.md.
const FARTHEST_MEDIAN: f64 = 0.5;

/// Writes the predictions of some rows.
pub fn written(
    args: &PredictArgs,
    model: &TrainedModel,
    of: RowsOf<'_>,
    output: &Output,
    console: Console,
) -> anyhow::Result<Counts> {
    let targets = if args.log_prob { Targets::Required } else { Targets::Ignored };
    let on_missing = args.on_missing.map_or(model.on_missing(), Into::into);
    // Rows on standard output and a progress bar would mix.
    let bar = Console { quiet: console.quiet || args.output.file().is_none(), ..console }.row_counter();
    let told = output.write(SCHEMA, |written| {
        let mut told = Counts::default();
        // Rows before a part of a file: draws depend on the number of a row in its file.
        let mut before = 0;
        for rows in model.rows(of, targets, on_missing, console)? {
            let rows = if args.log_prob { rows? } else { Rows { targets: None, ..rows? } };
            if told.rows == 0
                && let (RowsOf::File { share: Some(_), .. }, Place::Line(line)) = (of, &rows.places[0])
            {
                before = *line as usize - 1;
            }
            let predicted = predicted(model, before + told.rows, &rows)?;
            // One row may be absurd; where none of the first is finite, the model is.
            if told.rows == 0 && !predicted.iter().any(|(prediction, _)| is_finite(prediction)) {
                return Err(rows.not_finite());
            }
            if told.rows == 0 {
                columns::check(&predicted[0].0, args)?;
            }
            let made: Vec<(Row, Counts)> = predicted
                .par_iter()
                .enumerate()
                .map(|(row, predicted)| made(args, model, &rows, row, predicted))
                .collect();
            for (cells, counts) in &made {
                told.add(counts);
                written.row(cells)?;
            }
            bar.set_position(told.rows as u64);
        }
        Ok(told)
    })?;
    bar.finish_and_clear();
    Ok(told)
}

type Predicted<'a> = (Prediction<'a>, Option<LogProb>);

/// The cells of a row, and what it counts for.
fn made(
    args: &PredictArgs,
    model: &TrainedModel,
    rows: &Rows,
    row: usize,
    (prediction, log_prob): &Predicted<'_>,
) -> (Row, Counts) {
    let beyond = &rows.beyond[row];
    let distance = model.reach.as_ref().map(|reach| reach.distance(rows.input(row)));
    let is_far = distance.is_some_and(|distance| distance > 1.0);
    let counts = Counts {
        rows: 1,
        far: usize::from(is_far),
        unreliable: usize::from(is_far || is_unreliable(prediction, log_prob.as_ref())),
        beyond: usize::from(!beyond.is_empty()),
    };
    let mut cells = vec![Cell::place(&rows.places[row])];
    cells.extend(columns::of_prediction(model, prediction, args));
    if let (Some(log_prob), Some(label)) = (log_prob, rows.label(row)) {
        cells.extend(columns::of_label(model, prediction, label, log_prob, args));
    }
    if args.wants(Column::Beyond) {
        cells.push(("beyond".to_owned(), Cell::Names(beyond.clone())));
    }
    if args.wants(Column::Distance) {
        cells.push(("distance".to_owned(), distance.map_or(Cell::Number(None), Cell::finite)));
    }
    (cells, counts)
}

/// Predictive densities of some rows, and the log-densities of their labels where they have some.
fn predicted<'a>(model: &'a TrainedModel, first: usize, rows: &Rows) -> anyhow::Result<Vec<Predicted<'a>>> {
    let Some(targets) = &rows.targets else {
        let predictions = model.predictor.predict(first, &rows.inputs);
        return Ok(predictions.into_iter().map(|prediction| (prediction, None)).collect());
    };
    let predicted = model.predictor.log_prob(first, &rows.inputs, targets).map_err(|error| rows.unfit(error))?;
    Ok(predicted.into_iter().map(|(prediction, log_prob)| (prediction, Some(log_prob))).collect())
}

/// Whether a prediction is unreliable: its proposal does not fit, its draws have too heavy a tail, its proposal missed the
/// label, it is not finite, its median lies far beyond the training labels, or values beyond them rule its
/// mean.
fn is_unreliable(prediction: &Prediction<'_>, log_prob: Option<&LogProb>) -> bool {
    let does_not_fit = prediction
        .reliability()
        .is_some_and(|found| found.ess_share < ESS_SHARE_LIMIT || found.pareto_k > PARETO_K_LIMIT);
    let weight = log_prob.and_then(|log_prob| log_prob.label_weight);
    let missed = weight.is_some_and(|weight| weight > LABEL_WEIGHT_LIMIT);
    let sound = (0..prediction.dimensions()).all(|dimension| {
        let marginal = prediction.marginal(dimension);
        let ([low, high], median) = (marginal.target().seen, marginal.median());
        let beyond = (low - median).max(median - high) / (high - low);
        beyond <= FARTHEST_MEDIAN && !marginal.mean_is_beyond_labels()
    });
    does_not_fit || missed || !sound || !is_finite(prediction)
}
