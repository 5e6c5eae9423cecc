//! Measurements of a model of the user's data.

use ebm_core::evaluate::{Mean, Summary};
use ebm_data::table::Part;

use super::describe::{errors, reliability};
use super::report::Report;
use crate::cli::evaluate::EvaluateArgs;
use crate::console::Console;
use crate::user_data::model::UserModel;
use crate::user_data::rows::RowsOf;

/// Measures a model on a table of held-out rows, or on the test part.
pub(super) fn evaluate(args: &EvaluateArgs, model: &UserModel, console: Console) -> anyhow::Result<Report> {
    let of = match &args.file {
        Some(file) => RowsOf::File { file, labels: args.labels.as_deref() },
        None => RowsOf::Part(&args.run, Part::Test),
    };
    let assessments = model.assess(of, console)?;
    let summary = Summary::of(&assessments, model.predictor.config().m);
    let mut report = Report::new(assessments.len(), None, model.predictor.config().m);
    likelihood(model, &summary, &mut report);
    let units = if model.encoding.targets.len() == 1 { "the target" } else { "the targets" };
    errors(&summary, units, &mut report);
    sets(&summary, &mut report);
    report.add_details(&summary.overall, summary.dimensions);
    Ok(report)
}

fn likelihood(model: &UserModel, summary: &Summary, report: &mut Report) {
    let unit = match model.encoding.targets.len() {
        1 => "nats, density per unit of the target (for counts, the probability)",
        _ => "nats, joint density per units of the targets",
    };
    report.add_mean("nll", summary.nll, format!("test NLL, {unit}"));
    if summary.nll_mc_error > 0.0 {
        report.add("nll_mc_error", summary.nll_mc_error, "Monte-Carlo error of nll, nats");
    }
    let Some(trust) = summary.trust else { return };
    reliability(trust, report);
}

/// Highest-density sets, uncalibrated and calibrated.
fn sets(summary: &Summary, report: &mut Report) {
    for set in &summary.sets {
        let percent = format!("{:.0}", 100.0 * set.level);
        let mut add = |key: &str, mean: Option<Mean>, about: String| {
            if let Some(mean) = mean {
                report.add_mean(&format!("{key}_{percent}"), mean, about);
            }
        };
        let of = format!("{percent} % highest-density sets");
        add("hpd_coverage", Some(set.coverage), format!("share of labels in the {of}"));
        add("hpd_width", set.size, format!("mean size of the {of}, units of the target"));
        add("calibrated_coverage", set.calibrated_coverage, format!("share of labels in the calibrated {of}"));
        add("calibrated_width", set.calibrated_size, format!("mean size of the calibrated {of} that are finite"));
        if let Some(unbounded) = set.calibrated_unbounded.filter(|&share| share > 0.0) {
            let about = format!("share of the calibrated {of} that are unbounded: too few calibration rows");
            report.add(&format!("calibrated_unbounded_{percent}"), unbounded, about);
        }
    }
}
