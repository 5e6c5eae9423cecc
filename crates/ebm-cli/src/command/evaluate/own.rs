//! Measurements of a model of the user's own data.

use ebm_core::Labelled;
use ebm_core::evaluate::{Assessment, Mean, Summary};
use ebm_data::table::{Part, Targets};

use super::Report;
use super::measure::{errors, reliability};
use crate::cli::EvaluateArgs;
use crate::command::How;
use crate::own::{OwnModel, Rows, RowsOf, rows_of, unfit_row};
use crate::progress::counter_of_rows;
use crate::run_folder::write_json;

/// Measures a model on a table of held-out rows, or on the part kept to test on; the latter is kept in its run.
pub(super) fn evaluate(args: &EvaluateArgs, model: &OwnModel, how: How) -> anyhow::Result<Report> {
    let of = match &args.file {
        Some(file) => RowsOf::File { file, labels: args.labels.as_deref() },
        None => RowsOf::Part(&args.run, Part::Test),
    };
    let assessments = assess(model, of, how)?;
    let summary = Summary::of(&assessments, model.predictor.config().m);
    let mut report = Report::new(assessments.len(), None, model.predictor.config().m);
    likelihood(model, &summary, &mut report);
    let units = if model.own.targets.len() == 1 { "the target" } else { "the targets" };
    errors(&summary, units, &mut report);
    sets(&summary, &mut report);
    report.add_details(&summary.overall, summary.dimensions);
    if args.file.is_none() {
        write_json(&args.run.join("evaluation.json"), &report)?;
    }
    Ok(report)
}

/// Every row held against its predictive density.
pub(crate) fn assess(model: &OwnModel, of: RowsOf<'_>, how: How) -> anyhow::Result<Vec<Assessment>> {
    let bar = counter_of_rows(how.quiet);
    let mut assessments = Vec::new();
    for rows in rows_of(model, of, Targets::Required, model.data.on_missing)? {
        let rows = rows?;
        let labelled = labelled(model, rows)?;
        assessments.extend(model.predictor.assess(assessments.len(), &labelled));
        bar.set_position(assessments.len() as u64);
    }
    bar.finish_and_clear();
    Ok(assessments)
}

/// Rows with their labels, all of which are there.
pub(crate) fn labelled(model: &OwnModel, rows: Rows) -> anyhow::Result<Labelled> {
    let width = rows.inputs.len() / rows.places.len();
    let targets = rows.targets.clone().expect("targets are required");
    model.predictor.space().check(&targets).map_err(|error| unfit_row(&rows, error))?;
    Ok(Labelled::new(rows.inputs, width, targets, model.predictor.space().clone())?)
}

fn likelihood(model: &OwnModel, summary: &Summary, report: &mut Report) {
    let unit = match model.own.targets.len() {
        1 => "nats, density per unit of the target (of a count, its probability)",
        _ => "nats, joint density per units of the targets",
    };
    report.add_mean("nll", summary.nll, format!("test NLL, {unit}"));
    if summary.nll_mc_error > 0.0 {
        report.add("nll_mc_error", summary.nll_mc_error, "Monte-Carlo error of nll, nats");
    }
    let Some(trust) = summary.trust else { return };
    reliability(trust, report);
}

/// Sets of highest density, as the model says and calibrated.
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
            let about = format!("share of the calibrated {of} that hold everything: too few rows to calibrate with");
            report.add(&format!("calibrated_unbounded_{percent}"), unbounded, about);
        }
    }
}
