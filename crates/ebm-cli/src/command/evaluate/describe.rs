//! Measurements with their meaning, unit and support.

use ebm_core::Grid;
use ebm_core::evaluate::{Summary, TrustSummary};

use super::measure::{Likelihood, Measurements};
use super::report::Report;

/// The report of a model on a task.
pub fn of_task(found: Measurements<'_>) -> Report {
    let Measurements { grid, kl, likelihood, truth_nll, label_outside, summary, m } = found;
    let mut report = Report::new(summary.examples, grid, m);
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
    if let Some(trust) = summary.trust {
        let about = "test NLL on the whole line by importance sampling, nats, and its Monte-Carlo error";
        report.add_estimate("nll_importance", summary.nll.value, summary.nll_mc_error, about);
        reliability(trust, &mut report);
    }
    errors(&summary, "y", &mut report);
    report.add_details(&summary.overall, summary.dimensions);
    report
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
pub fn reliability(trust: TrustSummary, report: &mut Report) {
    report.add("ess_share", trust.ess_share, "mean effective sample size / M");
    report.add("pareto_k_high", trust.pareto_k_high, "share of examples with Pareto k above 0.7");
    let about = "share of labels with over half of all weight: the proposal missed them";
    report.add("label_missed", trust.label_missed, about);
}

/// Errors of the predictions, in units of `of`, and the coverage of their intervals.
pub fn errors(summary: &Summary, of: &str, report: &mut Report) {
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
