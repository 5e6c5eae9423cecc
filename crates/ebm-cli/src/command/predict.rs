//! `ebm predict`

mod columns;

use ebm_core::Prediction;
use ebm_core::evaluate::LABEL_WEIGHT_LIMIT;
use ebm_core::predict::{LogProb, PARETO_K_LIMIT};
use ebm_data::table::Targets;

use crate::cli::predict::{PredictArgs, Unreliable};
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::prediction_writer::cell::Cell;
use crate::rows::Rows;
use crate::trained::finite::is_finite;
use crate::trained::{self, TrainedModel};

/// Schema of a line of JSON.
const SCHEMA: &str = "ebm.prediction/1";

/// Counts of rows to tell of.
#[derive(Default)]
struct Counts {
    rows: usize,
    unreliable: usize,
    beyond: usize,
    far: usize,
}

/// A proposal with a smaller effective sample share does not fit the energy: the energy has mass where it was hardly
/// trained. See docs/decisions/0042.
const ESS_SHARE_LIMIT: f64 = 0.02;

pub fn run(args: &PredictArgs, console: Console) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let model = trained::open(&args.run, &device, args.sampling.m, args.sampling.seed)?;
    let targets = if args.log_prob { Targets::Required } else { Targets::Ignored };
    let on_missing = args.on_missing.map_or(model.on_missing(), Into::into);
    let of = args.input.rows(args.labels.as_deref());
    let output = args.output.to(&model.reads(of), console)?;
    // Rows on standard output and a progress bar would mix.
    let bar = Console { quiet: console.quiet || args.output.out.is_none(), ..console }.row_counter();
    let told = output.write(SCHEMA, |written| {
        let mut told = Counts::default();
        for rows in model.rows(of, targets, on_missing, console)? {
            let rows = if args.log_prob { rows? } else { Rows { targets: None, ..rows? } };
            let predicted = predicted(&model, told.rows, &rows)?;
            // One row may be absurd; where none of the first is finite, the model is.
            if told.rows == 0 && !predicted.iter().any(|(prediction, _)| is_finite(prediction)) {
                return Err(rows.not_finite());
            }
            for (row, (prediction, log_prob)) in predicted.iter().enumerate() {
                let beyond = &rows.beyond[row];
                let distance = model.reach.as_ref().map(|reach| reach.distance(rows.input(row)));
                let is_far = distance.is_some_and(|distance| distance > 1.0);
                told.far += usize::from(is_far);
                told.unreliable += usize::from(is_far || is_unreliable(prediction, log_prob.as_ref()));
                told.beyond += usize::from(!beyond.is_empty());
                let mut cells = vec![Cell::place(&rows.places[row])];
                cells.extend(columns::of_prediction(&model, prediction, args));
                if let (Some(log_prob), Some(label)) = (log_prob, rows.label(row)) {
                    cells.extend(columns::of_label(&model, prediction, label, log_prob, args.coverage));
                }
                cells.push(("beyond".to_owned(), Cell::Names(beyond.clone())));
                cells.push(("distance".to_owned(), distance.map_or(Cell::Number(None), Cell::finite)));
                written.row(&cells)?;
            }
            told.rows += predicted.len();
            bar.set_position(told.rows as u64);
        }
        Ok(told)
    })?;
    bar.finish_and_clear();
    tell(args, &model, &told, console)
}

type Predicted<'a> = Vec<(Prediction<'a>, Option<LogProb>)>;

/// Predictive densities of some rows, and the log-densities of their labels where they have some.
fn predicted<'a>(model: &'a TrainedModel, first: usize, rows: &Rows) -> anyhow::Result<Predicted<'a>> {
    let Some(targets) = &rows.targets else {
        let predictions = model.predictor.predict(first, &rows.inputs);
        return Ok(predictions.into_iter().map(|prediction| (prediction, None)).collect());
    };
    let predicted = model.predictor.log_prob(first, &rows.inputs, targets).map_err(|error| rows.unfit(error))?;
    Ok(predicted.into_iter().map(|(prediction, log_prob)| (prediction, Some(log_prob))).collect())
}

/// Whether a prediction is unreliable: its proposal does not fit, its draws have too heavy a tail, its proposal missed the
/// label, it is not finite, or it lies more than the range of the training labels beyond them.
fn is_unreliable(prediction: &Prediction<'_>, log_prob: Option<&LogProb>) -> bool {
    let does_not_fit = prediction
        .reliability()
        .is_some_and(|found| found.ess_share < ESS_SHARE_LIMIT || found.pareto_k > PARETO_K_LIMIT);
    let weight = log_prob.and_then(|log_prob| log_prob.label_weight);
    let missed = weight.is_some_and(|weight| weight > LABEL_WEIGHT_LIMIT);
    let sound = (0..prediction.dimensions()).all(|dimension| {
        let marginal = prediction.marginal(dimension);
        let ([low, high], median) = (marginal.target().seen, marginal.median());
        (2.0 * low - high..=2.0 * high - low).contains(&median)
    });
    does_not_fit || missed || !sound || !is_finite(prediction)
}

fn tell(args: &PredictArgs, model: &TrainedModel, told: &Counts, console: Console) -> anyhow::Result<()> {
    if let Some(out) = &args.output.out {
        console.say(format_args!("{} rows in {}", told.rows, out.display()));
    }
    match (&model.calibrated_with, model.predictor.calibration()) {
        (Some(with), Some(calibration)) if model.targets.len() == 1 => {
            let n = calibration.len();
            console.say(format_args!(
                "set: calibrated to contain {} of the labels, with {n} rows of {with}",
                args.coverage
            ));
            if calibration.tail_mass(args.coverage) == 0.0 {
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
    if told.far > 0 {
        console.warn(format_args!(
            "{} of {} rows are farther from the training rows than any of those: their `distance` is above 1, and no \
             coverage is claimed for their sets",
            told.far, told.rows
        ));
    }
    if told.unreliable > 0 {
        let message = format!(
            "{} of {} predictions are unreliable: a distance above 1, an effective sample share below {ESS_SHARE_LIMIT}, a \
             Pareto k above {PARETO_K_LIMIT}, a label weight above {LABEL_WEIGHT_LIMIT}, a median far beyond the training \
             labels, or not finite; stay near the training inputs, or train longer",
            told.unreliable, told.rows
        );
        if args.unreliable == Unreliable::Fail {
            return Err(failure(Exit::Unreliable, message));
        }
        console.warn(message);
    }
    Ok(())
}
