//! The state of one expected run.

use std::num::NonZeroUsize;
use std::path::Path;

use ebm_core::network::backbone::BackboneConfig;
use serde::Serialize;

use super::Size;
use crate::experiment::Experiment;
use crate::experiment::data::{Data, ImageSource};
use crate::run::document::Document;
use crate::run::evaluation::Evaluation;
use crate::run::record::{Record, Status};

/// One expected run and what its folder holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// Its folder below the runs folder.
    pub run: String,
    /// Its state.
    #[serde(flatten)]
    pub state: RunState,
    /// Seconds of training, once there are any.
    pub train_seconds: Option<f64>,
    /// Version of `ebm` that trained it.
    pub version: Option<String>,
    /// Source revision that trained it.
    pub revision: Option<String>,
    /// Device it was trained on.
    pub device: Option<String>,
    /// Whether it was trained on the paper's files of an image task.
    pub on_paper_data: bool,
}

/// The state of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RunState {
    /// Trained and evaluated, with a finite metric.
    Finite {
        /// The metric.
        value: f64,
    },
    /// Training failed or the metric is not finite: a result, and counted.
    Failed {
        /// The reason that the run records.
        reason: String,
    },
    /// No folder yet.
    NotStarted,
    /// Still training, or killed while it was.
    Unfinished,
    /// Trained but not evaluated.
    NotEvaluated,
    /// Trained with other numbers than the scale asks for.
    OtherScale {
        /// Epochs in the run's configuration.
        epochs: usize,
        /// Samples per example in the run's configuration.
        m: usize,
    },
    /// A file is damaged or of another version.
    Unreadable {
        /// Which file and why.
        reason: String,
    },
}

/// Reads the run `name` below `runs`, expecting it to be of `size`.
pub(super) fn read_run(runs: &Path, name: &str, metric: &str, size: Size) -> Run {
    let folder = runs.join(name);
    let mut run = Run {
        run: name.to_owned(),
        state: RunState::NotStarted,
        train_seconds: None,
        version: None,
        revision: None,
        device: None,
        on_paper_data: false,
    };
    match Record::read_if_there(&folder) {
        Ok(None) => {}
        Err(error) => run.state = unreadable(&folder, &error),
        Ok(Some(record)) => {
            run.state = state(&folder, &record, metric, size);
            run.on_paper_data = matches!(record.config.data, Data::Images { source: ImageSource::Paper { .. }, .. });
            run.train_seconds = Some(record.train_seconds);
            run.version = Some(record.version);
            run.revision = Some(record.revision);
            run.device = Some(record.device);
        }
    }
    run
}

fn state(folder: &Path, record: &Record, metric: &str, size: Size) -> RunState {
    let Experiment { training, data, network, .. } = &record.config;
    let trained_on = match *data {
        Data::Images { source: ImageSource::StandIn { train, .. }, .. } => Some(train),
        _ => None,
    };
    let width = match network.backbone {
        BackboneConfig::Resnet18 { width } => Some(width),
        BackboneConfig::Mlp { .. } | BackboneConfig::Tabular { .. } => None,
    };
    let same = |found: Option<usize>, expected: Option<NonZeroUsize>| {
        found.zip(expected).is_none_or(|(found, expected)| found == expected.get())
    };
    let (epochs, m) = (training.epochs, training.m);
    let same_training = epochs == size.epochs.get() && m == size.m.get();
    if !same_training || !same(trained_on, size.examples) || !same(width, size.width) {
        return RunState::OtherScale { epochs, m };
    }
    match record.status {
        Status::Running | Status::Interrupted => RunState::Unfinished,
        Status::Failed => {
            RunState::Failed { reason: record.error.clone().unwrap_or_else(|| "no reason given".to_owned()) }
        }
        Status::Done => evaluated(folder, metric),
    }
}

fn evaluated(folder: &Path, metric: &str) -> RunState {
    let evaluation = match Evaluation::read_if_there(folder) {
        Ok(None) => return RunState::NotEvaluated,
        Err(error) => return unreadable(folder, &error),
        Ok(Some(evaluation)) => evaluation,
    };
    match evaluation.metrics.get(metric) {
        None => RunState::Unreadable { reason: format!("evaluation.json has no metric `{metric}`") },
        // JSON has no NaN and no infinity: null was not finite.
        Some(value) => match value.filter(|value| value.is_finite()) {
            Some(value) => RunState::Finite { value },
            None => RunState::Failed { reason: format!("{metric} is not finite: null") },
        },
    }
}

/// The error without the folder, which the report names.
fn unreadable(folder: &Path, error: &anyhow::Error) -> RunState {
    let folder = format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR);
    RunState::Unreadable { reason: error.to_string().replace(&folder, "") }
}
