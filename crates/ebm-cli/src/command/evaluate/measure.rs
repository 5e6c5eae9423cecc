//! The measurements of one model on one task.

use burn::tensor::{Device, Tensor};
use ebm_core::eval::{kl_on_grid, nll_on_grid, nll_on_support};
use ebm_core::predict::{CHUNK, Mean, PredictConfig, Summary, TrustSummary, assess};
use ebm_core::{Batch, Dataset, Grid, Model};

use super::report::Report;
use crate::cli::evaluate::GridName;
use crate::cli::sampling::SamplingArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::task::evaluation::{Evaluation, KlInputs, Truth};

pub fn measure(
    model: &Model,
    task: &Evaluation,
    grid: GridName,
    sampling: &SamplingArgs,
    device: &Device,
    console: Console,
) -> anyhow::Result<Report> {
    let test = task.test.as_ref();
    let on = chosen(model, task, grid)?;
    let mut report = Report::new(test.len(), on.map(|on| (grid, on)), sampling.m);
    if let (Some(on), Some(Truth { kl: Some(KlInputs { inputs, log_density }), .. })) = (on, &task.truth) {
        let kl = kl_on_grid(model, inputs.as_ref(), on, log_density);
        report.add("kl", kl, format!("KL divergence of the model from the truth, nats, both on {}", support(on)));
    }
    let config = PredictConfig { m: sampling.m, grid: on.unwrap_or(&task.grid).clone() };
    let bar = console.counter("examples predicted", test.len());
    let assessments = assess(model, test, &config, sampling.seed, &mut |done| bar.set_position(done as u64));
    bar.finish_and_clear();
    let summary = Summary::of(&assessments, config.m);
    likelihood(model, test, on, &summary, &mut report, console);
    if let Some(truth) = &task.truth {
        report.add(
            "truth_nll",
            Mean::of(&truth.test_nll).value,
            "test NLL of the true density, nats: the lowest possible",
        );
    }
    if let Some(on) = on {
        let about = format!("share of labels outside {}, where the density is not defined", support(on));
        report.add("label_outside", share_outside(test, on, device), about);
    }
    importance(&summary, &mut report);
    errors(&summary, "y", &mut report);
    report.add_details(&summary.overall, summary.dimensions);
    Ok(report)
}

/// The grid asked for.
fn chosen<'a>(model: &Model, task: &'a Evaluation, name: GridName) -> anyhow::Result<Option<&'a Grid>> {
    match name {
        GridName::Paper => Ok(Some(&task.grid)),
        GridName::Fine => match &task.fine {
            Some(fine) => Ok(Some(fine)),
            None => Err(failure(Exit::Usage, "this task has no finer grid: --grid paper, or --grid none")),
        },
        GridName::None if matches!(model, Model::EbmFixed(_)) => Err(failure(
            Exit::Usage,
            "a model trained against fixed noise has no proposal and can only be integrated on a grid: --grid paper, \
             or --grid fine",
        )),
        GridName::None => Ok(None),
    }
}

/// Likelihoods on the grid's support, and a mixture's on the whole line as well.
fn likelihood(
    model: &Model,
    test: &dyn Dataset,
    on: Option<&Grid>,
    summary: &Summary,
    report: &mut Report,
    console: Console,
) {
    match (model, on) {
        (Model::Mdn(_) | Model::MdnTeacher(_), on) => {
            report.add_mean("nll", summary.nll, "test NLL, exact, normalised on the whole line, nats");
            if let Some((on, nll)) = on.and_then(|on| Some((on, nll_on_support(model, test, on)?))) {
                let about =
                    format!("test NLL, truncated to and normalised on {}, as an energy's nll, nats", support(on));
                report.add_mean("nll_on_support", Mean::of(&nll), about);
            }
        }
        (Model::EbmFixed(_), Some(on)) => report.add_mean("nll", summary.nll, on_grid(on)),
        (Model::Ebm(_), Some(on)) => {
            let bar = console.counter("examples on the grid", test.len());
            let nll = nll_on_grid(model, test, on, &mut |done| bar.set_position(done as u64));
            bar.finish_and_clear();
            report.add_mean("nll", Mean::of(&nll), on_grid(on));
        }
        (_, None) => {}
    }
}

fn on_grid(grid: &Grid) -> String {
    format!("test NLL, normalised on {} with {} points, nats", support(grid), grid.len())
}

/// The box that a grid covers, as a person writes it.
fn support(grid: &Grid) -> String {
    let [low, high] = grid.support();
    match grid.dimensions() {
        1 => format!("[{low}, {high}]"),
        d => format!("[{low}, {high}]^{d}"),
    }
}

/// The likelihood on the whole line, by importance sampling from the proposal, and how reliable it is.
fn importance(summary: &Summary, report: &mut Report) {
    let Some(trust) = summary.trust else { return };
    let about = "test NLL on the whole line by importance sampling, nats, and its Monte-Carlo error";
    report.add_estimate("nll_importance", summary.nll.value, summary.nll_mc_error, about);
    reliability(trust, report);
}

/// How reliable estimates by a proposal are.
pub(super) fn reliability(trust: TrustSummary, report: &mut Report) {
    report.add("ess_share", trust.ess_share, "mean effective sample size / M");
    report.add("pareto_k_high", trust.pareto_k_high, "share of examples with Pareto k above 0.7");
    let about = "share of labels with more than half of all weight: the proposal missed them";
    report.add("label_missed", trust.label_missed, about);
}

/// Errors of the predictions, in units of `of`, and the coverage of their intervals.
pub(super) fn errors(summary: &Summary, of: &str, report: &mut Report) {
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

/// Share of labels beyond the box that a grid covers.
fn share_outside(test: &dyn Dataset, grid: &Grid, device: &Device) -> f64 {
    let [low, high] = grid.support();
    let labels = by_chunk(test, device, |batch| host(batch.target));
    let inside = |label: &&[f64]| label.iter().all(|&y| low <= y && y <= high);
    1.0 - labels.chunks(grid.dimensions()).filter(inside).count() as f64 / test.len() as f64
}

/// What `find` finds in all examples, a chunk in memory at a time.
fn by_chunk<T>(examples: &dyn Dataset, device: &Device, find: impl Fn(Batch) -> Vec<T>) -> Vec<T> {
    let rows: Vec<usize> = (0..examples.len()).collect();
    rows.chunks(CHUNK).flat_map(|rows| find(examples.batch(rows, device))).collect()
}

fn host(tensor: Tensor<2>) -> Vec<f64> {
    tensor.into_data().iter::<f32>().map(f64::from).collect()
}
