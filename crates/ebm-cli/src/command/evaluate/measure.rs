//! The measurements of one model.

use burn::tensor::{Device, Tensor};
use ebm_core::evaluate::{
    Assessment, Mean, ReliabilitySummary, Summary, assess, kl_on_grid, log_prob_by_importance, nll, nll_on_grid,
    nll_on_support,
};
use ebm_core::predict::CHUNK;
use ebm_core::{Batch, Dataset, Grid, Model};

use crate::cli::evaluate::GridName;
use crate::cli::sampling::SamplingArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::task::evaluation::{Evaluation, KlInputs, Truth};
use crate::trained::TrainedModel;

/// What was measured.
pub struct Measurements<'a> {
    pub summary: Summary,
    /// Candidates for each example.
    pub m: usize,
    /// What only a task can tell; nothing for the user's table or images.
    pub on_task: Option<OnTask<'a>>,
}

/// What was measured on a task beyond its predictions.
pub struct OnTask<'a> {
    /// Where densities were normalised.
    pub grid: Option<(GridName, &'a Grid)>,
    /// Divergence of the model from the truth, nats.
    pub kl: Option<f64>,
    pub likelihood: Likelihood,
    /// Negative log-likelihood of the true density, nats.
    pub truth_nll: Option<f64>,
    /// Share of labels beyond the box that the grid covers.
    pub label_outside: Option<f64>,
    /// By candidates from the proposal, where there is one.
    pub importance: Option<Importance>,
}

/// The negative log-likelihood of the test labels, nats.
pub enum Likelihood {
    /// Of a mixture: on the whole line, and on the support of a grid.
    Exact { whole: Mean, on_support: Option<Mean> },
    /// Of an energy, normalised on a grid.
    OnGrid(Mean),
    /// Of an energy without a grid.
    Unknown,
}

/// The negative log-likelihood by importance sampling, nats, and how reliable it is.
pub struct Importance {
    pub nll: Mean,
    /// Monte-Carlo standard error of the mean.
    pub mc_error: f64,
    pub reliability: ReliabilitySummary,
}

impl Measurements<'_> {
    /// Of predictions with `m` candidates for each example.
    pub fn of(assessments: &[Assessment], m: usize) -> Self {
        Self { summary: Summary::of(assessments), m, on_task: None }
    }
}

/// Measures a model on the test examples of a task.
///
/// # Errors
/// When the task or the model has no such grid.
pub fn on_task<'a>(
    trained: &TrainedModel,
    task: &'a Evaluation,
    grid: GridName,
    sampling: &SamplingArgs,
    device: &Device,
    console: Console,
) -> anyhow::Result<Measurements<'a>> {
    let (model, test) = (trained.predictor.model(), task.test.as_ref());
    let on = chosen(model, task, grid)?;
    let kl = match (on, &task.truth) {
        (Some(on), Some(Truth { kl: Some(KlInputs { inputs, log_density }), .. })) => {
            Some(kl_on_grid(model, inputs.as_ref(), on, log_density))
        }
        _ => None,
    };
    let bar = console.counter("examples predicted", test.len());
    let assessments = assess(&trained.predictor, 0, test, &mut |done| bar.set_position(done as u64));
    bar.finish_and_clear();
    let found = Measurements::of(&assessments, sampling.m);
    let likelihood = match (model, on) {
        (Model::Mdn(_) | Model::MdnTeacher(_), on) => {
            let on_support = on.and_then(|on| nll_on_support(model, test, on));
            Likelihood::Exact { whole: found.summary.nll, on_support: on_support.map(|nll| Mean::of(&nll)) }
        }
        (Model::EbmFixed(_) | Model::Ebm(_) | Model::Residual(_), Some(on)) => {
            let bar = console.counter("examples on the grid", test.len());
            let nll = nll_on_grid(model, test, on, &mut |done| bar.set_position(done as u64));
            bar.finish_and_clear();
            Likelihood::OnGrid(Mean::of(&nll))
        }
        (Model::EbmFixed(_) | Model::Ebm(_) | Model::Residual(_), None) => Likelihood::Unknown,
    };
    let bar = console.counter("examples sampled", test.len());
    let progress = &mut |done: usize| bar.set_position(done as u64);
    let importance = log_prob_by_importance(model, test, sampling.m, sampling.seed, progress).map(|found| {
        let (nll, mc_error) = nll(found.iter().map(|(log_prob, _)| log_prob));
        Importance { nll, mc_error, reliability: ReliabilitySummary::of(&found) }
    });
    bar.finish_and_clear();
    let on_task = OnTask {
        grid: on.map(|on| (grid, on)),
        kl,
        likelihood,
        truth_nll: task.truth.as_ref().map(|truth| Mean::of(&truth.test_nll).value),
        label_outside: on.map(|on| share_outside(test, on, device)),
        importance,
    };
    Ok(Measurements { on_task: Some(on_task), ..found })
}

/// The grid of this name.
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
