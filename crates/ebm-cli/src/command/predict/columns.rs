//! The columns of a prediction, the same for every model.

use ebm_core::Prediction;
use ebm_core::predict::LogProb;

use crate::cli::predict::PredictArgs;
use crate::prediction_writer::cell::{Cell, Row};
use crate::trained::TrainedModel;

/// The columns of a prediction.
pub(super) fn of_prediction(model: &TrainedModel, prediction: &Prediction<'_>, args: &PredictArgs) -> Row {
    let mode = prediction.mode();
    let mut row = Row::new();
    for (dimension, &mode) in mode.iter().enumerate() {
        let prefix = model.prefix(dimension);
        let marginal = prediction.marginal(dimension);
        let [lower, upper] = marginal.interval(args.coverage);
        let set = match model.predictor.calibration() {
            Some(calibration) if prediction.dimensions() == 1 => prediction.calibrated(calibration, args.coverage),
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
    if let Some(disagreement) = prediction.disagreement() {
        row.push(("disagreement".to_owned(), Cell::finite(disagreement)));
    }
    if let Some(reliability) = prediction.reliability() {
        row.push(("ess_share".to_owned(), Cell::finite(reliability.ess_share)));
        row.push(("pareto_k".to_owned(), Cell::finite(reliability.pareto_k)));
    }
    row
}

/// The columns of a label.
pub(super) fn of_label(
    model: &TrainedModel,
    prediction: &Prediction<'_>,
    label: &[f64],
    log_prob: &LogProb,
    coverage: f64,
) -> Row {
    let labels = label.iter().enumerate().map(|(d, &y)| (model.targets[d].clone(), Cell::finite(y)));
    let mut row: Row = labels.collect();
    let held = match model.predictor.calibration() {
        Some(calibration) => prediction.calibrated_contains(calibration, coverage, label),
        None => prediction.contains(label, coverage),
    };
    row.extend([
        ("log_prob".to_owned(), Cell::finite(log_prob.estimate.value)),
        ("log_prob_error".to_owned(), Cell::finite(log_prob.estimate.standard_error)),
        ("label_weight".to_owned(), Cell::Number(log_prob.label_weight)),
        ("in_set".to_owned(), Cell::Number(Some(f64::from(u8::from(held))))),
    ]);
    row
}
