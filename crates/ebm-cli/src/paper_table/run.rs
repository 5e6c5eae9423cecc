//! The state of one expected run.

use std::num::NonZeroUsize;
use std::path::Path;

use ebm_core::network::backbone::BackboneConfig;
use serde::Serialize;

use super::Size;
use crate::experiment::Experiment;
use crate::experiment::data::{Data, ImageSource};
use crate::experiment::preset;
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
    /// Whether its backbone started from random weights there, and not from ImageNet's as in the paper.
    pub from_random_weights: bool,
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
    /// Trained with another method, network or training than its preset has.
    OtherSettings {
        /// The parts of the configuration that differ.
        parts: Vec<&'static str>,
    },
    /// A file is damaged or of another version.
    Unreadable {
        /// Which file and why.
        reason: String,
    },
}

/// Reads the run `name` below `runs`, expecting it to be of `size` and, but for that, as its preset says.
pub(super) fn read_run(runs: &Path, name: &str, preset: &str, metric: &str, size: Size) -> Run {
    let folder = runs.join(name);
    let mut run = Run {
        run: name.to_owned(),
        state: RunState::NotStarted,
        train_seconds: None,
        version: None,
        revision: None,
        device: None,
        on_paper_data: false,
        from_random_weights: false,
    };
    match Record::read_if_there(&folder) {
        Ok(None) => {}
        Err(error) => run.state = unreadable(&folder, &error),
        Ok(Some(record)) => {
            run.state = state(&folder, &record, metric, size, preset);
            run.on_paper_data = matches!(record.config.data, Data::Images { source: ImageSource::Paper { .. }, .. });
            run.from_random_weights = run.on_paper_data && record.config.backbone_weights.is_none();
            run.train_seconds = Some(record.train_seconds);
            run.version = Some(record.version);
            run.revision = Some(record.revision);
            run.device = Some(record.device);
        }
    }
    run
}

fn state(folder: &Path, record: &Record, metric: &str, size: Size, preset: &str) -> RunState {
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
    let parts = other_settings(&record.config, preset);
    if !parts.is_empty() {
        return RunState::OtherSettings { parts };
    }
    match record.status {
        Status::Running | Status::Interrupted => RunState::Unfinished,
        Status::Failed => {
            RunState::Failed { reason: record.error.clone().unwrap_or_else(|| "no reason given".to_owned()) }
        }
        Status::Done => evaluated(folder, metric),
    }
}

/// The parts of a run's configuration that are not its preset's; its size, compared before, is left out. What a run records
/// is what it did: its `run.json` is under a digest.
fn other_settings(found: &Experiment, preset: &str) -> Vec<&'static str> {
    let Ok(mut expected) = preset::named(preset) else { return Vec::new() };
    let Experiment { training, network, .. } = found;
    let own = &mut expected.training;
    (own.epochs, own.m, own.kernels) = (training.epochs, training.m, training.kernels);
    if found.data.takes_images() && found.backbone_weights.is_none() {
        // Random weights are trained from the first epoch.
        own.frozen_epochs = 0;
    }
    if let (BackboneConfig::Resnet18 { width: of }, BackboneConfig::Resnet18 { width }) =
        (&mut expected.network.backbone, &network.backbone)
    {
        *of = *width;
    }
    let compared = [
        ("method", found.method != expected.method),
        ("network", *network != expected.network),
        ("training", *training != expected.training),
    ];
    compared.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect()
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
