//! Measurements with their meaning, unit and support.

use ebm_core::Grid;
use ebm_core::evaluate::{Mean, ReliabilitySummary, Summary};

use super::measure::{Importance, Likelihood, Measurements, OnTask};
use super::report::Report;
use crate::trained::TrainedModel;

/// The report of a model.
pub fn report(model: &TrainedModel, found: Measurements<'_>) -> Report {
    let Measurements { summary, m, on_task } = found;
    let grid = on_task.as_ref().and_then(|on_task| on_task.grid);
    let mut report = Report::new(summary.examples, grid, m);
    match on_task {
        Some(found) => add_task(found, &mut report),
        None => add_likelihood(model, &summary, &mut report),
    }
    let units = if model.targets.len() == 1 { "the target" } else { "the targets" };
    errors(&summary, units, &mut report);
    sets(&summary, &mut report);
    report.add_details(&summary.overall, summary.dimensions);
    report
}

fn add_likelihood(model: &TrainedModel, summary: &Summary, report: &mut Report) {
    let unit = match model.predictor.space().targets() {
        [target] if target.kind.is_discrete() => "nats, of the probability",
        [_] => "nats, density per unit of the target",
        _ => "nats, joint density per units of the targets",
    };
    report.add_mean("nll", summary.nll, format!("test NLL, {unit}"));
    if summary.nll_mc_error > 0.0 {
        report.add("nll_mc_error", summary.nll_mc_error, "Monte-Carlo error of nll, nats");
    }
    if let Some(found) = summary.reliability {
        reliability(found, report);
    }
}

fn add_task(found: OnTask<'_>, report: &mut Report) {
    let OnTask { grid, kl, likelihood, truth_nll, label_outside, importance } = found;
    let grid = grid.map(|(_, grid)| grid);
    let on = grid.map(support).unwrap_or_default();
    if let Some(kl) = kl {
        report.add("kl", kl, format!("KL divergence from the truth to the model, nats, both on {on}"));
    }
    match likelihood {
        Likelihood::Exact { whole, on_support } => {
            report.add_mean("nll", whole, "test NLL, exact, normalised on the whole line, nats");
            if let Some(nll) = on_support {
                let about = format!("test NLL cut off and normalised on {on}, as an energy's nll, nats");
                report.add_mean("nll_on_support", nll, about);
            }
        }
        Likelihood::OnGrid(nll) => {
            let points = grid.map_or(0, Grid::len);
            report.add_mean("nll", nll, format!("test NLL, normalised on {on} with {points} points, nats"));
        }
        Likelihood::Unknown => {}
    }
    if let Some(nll) = truth_nll {
        report.add("truth_nll", nll, "test NLL of the true density, nats: the floor");
    }
    if let Some(share) = label_outside {
        report.add("label_outside", share, format!("share of labels beyond {on}: no density on it has them"));
    }
    if let Some(Importance { nll, mc_error, reliability: found }) = importance {
        let about = "test NLL on the whole line by importance sampling, nats, and its Monte-Carlo error";
        report.add_estimate("nll_importance", nll.value, mc_error, about);
        reliability(found, report);
    }
}

/// The box that a grid covers, as text.
fn support(grid: &Grid) -> String {
    let [low, high] = grid.support();
    match grid.dimensions() {
        1 => format!("[{low}, {high}]"),
        d => format!("[{low}, {high}]^{d}"),
    }
}

/// How reliable estimates by a proposal are.
fn reliability(found: ReliabilitySummary, report: &mut Report) {
    report.add("ess_share", found.ess_share, "mean effective sample size / M");
    report.add("pareto_k_high", found.pareto_k_high, "share of examples with Pareto k above 0.7");
    let about = "share of labels with over half of all weight: the proposal missed them";
    report.add("label_missed", found.label_missed, about);
}

/// Errors of the predictions, in units of `of`, and the coverage of their intervals.
fn errors(summary: &Summary, of: &str, report: &mut Report) {
    let all = &summary.overall;
    report.add_mean("mae", all.mae, format!("absolute error of the predictive mean, units of {of}"));
    report.add_mean("rmse", all.rmse, format!("root mean squared error of the predictive mean, units of {of}"));
    report.add_mean("median_mae", all.median_mae, format!("absolute error of the predictive median, units of {of}"));
    report.add_mean("crps", all.crps, format!("continuous ranked probability score, units of {of}"));
    if summary.dimensions.len() > 1 {
        report.add_mean("energy_score", summary.energy_score, format!("energy score of the vector, units of {of}"));
    }
    for coverage in &all.coverage {
        let percent = 100.0 * coverage.level;
        let about = format!("share of labels in the central {percent:.0} % interval");
        report.add_mean(&format!("coverage_{percent:.0}"), coverage.share, about);
    }
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
