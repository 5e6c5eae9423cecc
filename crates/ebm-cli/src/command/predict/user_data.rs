//! Predictions of the user's targets, in their units.

use ebm_core::Prediction;
use ebm_core::evaluate::LABEL_WEIGHT_LIMIT;
use ebm_core::predict::{LogProb, PARETO_K_LIMIT};
use ebm_data::table::Targets;

use super::pairs::SCHEMA;
use super::unreliable;
use crate::cli::predict::PredictArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::prediction_writer::cell::{Cell, Row};
use crate::user_data::model::UserModel;
use crate::user_data::rows::{Rows, RowsOf};

/// Counts of rows to tell of.
#[derive(Default)]
struct Counts {
    rows: usize,
    unreliable: usize,
    beyond: usize,
}

pub(super) fn run(args: &PredictArgs, model: &UserModel, console: Console) -> anyhow::Result<()> {
    let Some(file) = &args.input.file else {
        return Err(failure(Exit::Usage, "this model was trained on a table: give a file with its columns, not --x"));
    };
    let targets = if args.log_prob { Targets::Required } else { Targets::Ignored };
    let on_missing = args.on_missing.map_or(model.data.on_missing, Into::into);
    // Rows on standard output and a progress bar would mix.
    let bar = Console { quiet: console.quiet || args.output.out.is_none(), ..console }.row_counter();
    let told = args.output.to(console)?.write(SCHEMA, |written| {
        let mut told = Counts::default();
        for rows in model.rows(RowsOf::File { file, labels: args.labels.as_deref() }, targets, on_missing)? {
            let rows = rows?;
            let predicted = predicted(model, told.rows, &rows)?;
            for (row, (prediction, log_prob)) in predicted.iter().enumerate() {
                let label = rows.label(row);
                let beyond = &rows.beyond[row];
                told.unreliable += usize::from(is_unreliable(prediction, log_prob.as_ref(), model));
                told.beyond += usize::from(!beyond.is_empty());
                let mut cells = vec![Cell::place(&rows.places[row])];
                cells.extend(columns(model, prediction, args));
                if let (Some(log_prob), Some(label)) = (log_prob, label) {
                    cells.extend(of_label(model, prediction, label, log_prob, args.coverage));
                }
                cells.push(("beyond".to_owned(), Cell::Names(beyond.clone())));
                written.row(&cells)?;
            }
            told.rows += predicted.len();
            bar.set_position(told.rows as u64);
        }
        Ok(told)
    })?;
    bar.finish_and_clear();
    tell(args, model, &told, console)
}

type Predicted<'a> = Vec<(Prediction<'a>, Option<LogProb>)>;

/// Predictive densities of some rows, and the log-densities of their labels where they have some.
fn predicted<'a>(model: &'a UserModel, first: usize, rows: &Rows) -> anyhow::Result<Predicted<'a>> {
    let Some(targets) = &rows.targets else {
        let predictions = model.predictor.predict(first, &rows.inputs);
        return Ok(predictions.into_iter().map(|prediction| (prediction, None)).collect());
    };
    let predicted = model.predictor.log_prob(first, &rows.inputs, targets).map_err(|error| rows.unfit(error))?;
    Ok(predicted.into_iter().map(|(prediction, log_prob)| (prediction, Some(log_prob))).collect())
}

/// The columns of a prediction.
fn columns(model: &UserModel, prediction: &Prediction<'_>, args: &PredictArgs) -> Row {
    let mode = prediction.mode();
    let mut row = Row::new();
    for (dimension, &mode) in mode.iter().enumerate() {
        let prefix = model.encoding.prefix(dimension);
        let marginal = prediction.marginal(dimension);
        let [lower, upper] = marginal.interval(args.coverage);
        let set = match model.predictor.calibration() {
            Some(calibration) if mode_is_scalar(prediction) => prediction.calibrated(calibration, args.coverage),
            _ => marginal.hpd(args.coverage),
        };
        let mut add = |name: &str, cell: Cell| row.push((format!("{prefix}{name}"), cell));
        add("mean", Cell::finite(marginal.mean()));
        add("sd", Cell::finite(marginal.sd()));
        add("median", Cell::finite(marginal.median()));
        add("mode", Cell::finite(mode));
        for &level in &args.quantiles {
            add(&format!("q{level}"), Cell::finite(marginal.quantile(level)));
        }
        add("lower", Cell::finite(lower));
        add("upper", Cell::finite(upper));
        add("set", Cell::Set(set));
    }
    if let Some(reliability) = prediction.reliability() {
        row.push(("ess_share".to_owned(), Cell::finite(reliability.ess_share)));
        row.push(("pareto_k".to_owned(), Cell::finite(reliability.pareto_k)));
    }
    row
}

fn mode_is_scalar(prediction: &Prediction<'_>) -> bool {
    prediction.dimensions() == 1
}

/// The columns of a label.
fn of_label(model: &UserModel, prediction: &Prediction<'_>, label: &[f64], log_prob: &LogProb, coverage: f64) -> Row {
    let labels = label.iter().enumerate().map(|(d, &y)| (model.encoding.targets[d].clone(), Cell::finite(y)));
    let mut row: Row = labels.collect();
    let held = match model.predictor.calibration() {
        Some(calibration) => prediction.calibrated_contains(calibration, coverage, label),
        None => prediction.contains(label, coverage),
    };
    row.extend([
        ("log_prob".to_owned(), Cell::finite(log_prob.estimate.value)),
        ("log_prob_error".to_owned(), Cell::finite(log_prob.estimate.standard_error)),
        ("label_weight".to_owned(), Cell::Number(log_prob.trust.map(|trust| trust.label_weight))),
        ("in_set".to_owned(), Cell::Number(Some(f64::from(u8::from(held))))),
    ]);
    row
}

/// Whether a prediction is unreliable: its draws have too heavy a tail, its proposal missed the label, or it is not
/// finite.
fn is_unreliable(prediction: &Prediction<'_>, log_prob: Option<&LogProb>, model: &UserModel) -> bool {
    let heavy_tail = prediction.reliability().is_some_and(|reliability| reliability.pareto_k > PARETO_K_LIMIT);
    let trust = log_prob.and_then(|log_prob| log_prob.trust);
    let missed = trust.is_some_and(|trust| trust.label_weight > LABEL_WEIGHT_LIMIT);
    let dimensions = 0..model.encoding.targets.len();
    let finite = dimensions.into_iter().all(|dimension| prediction.marginal(dimension).mean().is_finite());
    heavy_tail || missed || !finite
}

fn tell(args: &PredictArgs, model: &UserModel, told: &Counts, console: Console) -> anyhow::Result<()> {
    if let Some(out) = &args.output.out {
        console.say(format_args!("{} rows in {}", told.rows, out.display()));
    }
    match (&model.calibrated_with, model.predictor.calibration()) {
        (Some(with), Some(calibration)) if model.encoding.targets.len() == 1 => {
            let n = calibration.len();
            console.say(format_args!(
                "set: calibrated to contain {} of the labels, with {n} rows of {with}",
                args.coverage
            ));
            if calibration.outside(args.coverage) == 0.0 {
                console.warn(format_args!(
                    "{n} rows are too few to calibrate sets of {}: the sets are unbounded",
                    args.coverage
                ));
            }
        }
        (None, _) => console.say(format_args!(
            "set: not calibrated; `ebm calibrate {}` makes it hold as many labels as it states",
            args.run.display()
        )),
        _ => {}
    }
    if told.beyond > 0 {
        console.warn(format_args!(
            "{} of {} rows lie outside the range of the training data: column `beyond` names the columns",
            told.beyond, told.rows
        ));
    }
    if told.unreliable > 0 {
        let message = format!(
            "{} of {} predictions are unreliable: a Pareto k above {PARETO_K_LIMIT}, a label weight above \
             {LABEL_WEIGHT_LIMIT}, or not finite; raise --m, or stay near the training inputs",
            told.unreliable, told.rows
        );
        return unreliable::tell(args.unreliable, message, console);
    }
    Ok(())
}
