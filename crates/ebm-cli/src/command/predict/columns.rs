//! The columns of a prediction, the same for every model.

use ebm_core::predict::LogProb;
use ebm_core::{Marginal, Prediction};

use crate::cli::predict::{Column, PredictArgs};
use crate::exit::{Exit, failure};
use crate::prediction_writer::cell::{Cell, Row};
use crate::trained::TrainedModel;

/// Refuses columns that were asked for and that no row has, told from the first row.
///
/// # Errors
/// With the name of the column.
pub(super) fn check(prediction: &Prediction<'_>, args: &PredictArgs) -> anyhow::Result<()> {
    for column in &args.columns {
        let reason = match column {
            Column::Disagreement if prediction.disagreement().is_none() => {
                "has `disagreement`: it is of an ensemble, for one target"
            }
            Column::EssShare | Column::ParetoK if prediction.reliability().is_none() => {
                "has `ess_share` and `pareto_k`: they are of models with a learned proposal (--method ebm)"
            }
            Column::Label | Column::LogProb | Column::LogProbError | Column::LabelWeight | Column::InSet
                if !args.log_prob =>
            {
                "has a column of labels without --log-prob"
            }
            _ => continue,
        };
        return Err(failure(Exit::Usage, format!("--columns: no row {reason}")));
    }
    Ok(())
}

/// The columns of a prediction.
pub(super) fn of_prediction(model: &TrainedModel, prediction: &Prediction<'_>, args: &PredictArgs) -> Row {
    let mode = args.wants(Column::Mode).then(|| prediction.mode());
    let mut row = Row::new();
    for dimension in 0..prediction.dimensions() {
        let prefix = model.prefix(dimension);
        let marginal = prediction.marginal(dimension);
        let mut add = |column: Column, name: &str, cell: &dyn Fn() -> Cell| {
            if args.wants(column) {
                row.push((format!("{prefix}{name}"), cell()));
            }
        };
        add(Column::Mean, "mean", &|| Cell::finite(marginal.mean()));
        add(Column::Sd, "sd", &|| Cell::finite(marginal.sd()));
        add(Column::Median, "median", &|| Cell::finite(marginal.median()));
        add(Column::Mode, "mode", &|| mode.as_ref().map_or(Cell::Number(None), |mode| Cell::finite(mode[dimension])));
        for &level in &args.quantiles {
            add(Column::Quantiles, &format!("q{level}"), &|| Cell::finite(marginal.quantile(level)));
        }
        add(Column::Lower, "lower", &|| Cell::finite(marginal.interval(args.coverage)[0]));
        add(Column::Upper, "upper", &|| Cell::finite(marginal.interval(args.coverage)[1]));
        add(Column::Set, "set", &|| Cell::Set(set(model, prediction, marginal, args.coverage)));
    }
    let mut add = |column: Column, name: &str, value: Option<f64>| {
        if let Some(value) = value {
            row.extend(args.wants(column).then(|| (name.to_owned(), Cell::finite(value))));
        }
    };
    if args.wants(Column::Disagreement) {
        add(Column::Disagreement, "disagreement", prediction.disagreement());
    }
    let reliability = prediction.reliability();
    add(Column::EssShare, "ess_share", reliability.map(|found| found.ess_share));
    add(Column::ParetoK, "pareto_k", reliability.map(|found| found.pareto_k));
    row
}

/// The set of highest density of one target, calibrated if the model is and there is only one.
fn set(model: &TrainedModel, prediction: &Prediction<'_>, marginal: &Marginal, coverage: f64) -> Vec<[f64; 2]> {
    match model.predictor.calibration() {
        Some(calibration) if prediction.dimensions() == 1 => prediction.calibrated(calibration, coverage),
        _ => marginal.hpd(coverage),
    }
}

/// The columns of a label.
pub(super) fn of_label(
    model: &TrainedModel,
    prediction: &Prediction<'_>,
    label: &[f64],
    log_prob: &LogProb,
    args: &PredictArgs,
) -> Row {
    let mut row = Row::new();
    if args.wants(Column::Label) {
        row.extend(label.iter().enumerate().map(|(d, &y)| (model.targets[d].clone(), Cell::finite(y))));
    }
    let held = || match model.predictor.calibration() {
        Some(calibration) => prediction.calibrated_contains(calibration, args.coverage, label),
        None => prediction.contains(label, args.coverage),
    };
    let mut add = |column: Column, name: &str, cell: &dyn Fn() -> Cell| {
        row.extend(args.wants(column).then(|| (name.to_owned(), cell())));
    };
    add(Column::LogProb, "log_prob", &|| Cell::finite(log_prob.estimate.value));
    add(Column::LogProbError, "log_prob_error", &|| Cell::finite(log_prob.estimate.standard_error));
    add(Column::LabelWeight, "label_weight", &|| Cell::Number(log_prob.label_weight));
    add(Column::InSet, "in_set", &|| Cell::Number(Some(f64::from(u8::from(held())))));
    row
}
