//! What a run folder says about one network.
//!
//! A folder holds `run.json` (`ebm.run/1`) from the start of training and
//! `evaluation.json` (`ebm.evaluation/1`) once evaluated. Only what a table
//! needs is read; other keys are let through, other schema versions are not.

use std::io;
use std::num::NonZeroUsize;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use ebm_core::NetworkConfig;
use ebm_core::network::backbone::BackboneConfig;

use super::Size;
use crate::experiment::ImageSource;

const RUN_SCHEMA: &str = "ebm.run/1";
const EVALUATION_SCHEMA: &str = "ebm.evaluation/1";

/// One expected run and what was found of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// Its folder below the runs folder.
    pub run: String,
    /// What became of it.
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

/// What became of a run.
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
        /// What the run says of it.
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
        epochs: u64,
        /// Samples per example in the run's configuration, if it has any.
        m: Option<u64>,
    },
    /// A file is damaged or of another version.
    Unreadable {
        /// Which file and why.
        reason: String,
    },
}

#[derive(Deserialize)]
struct RunFile {
    schema: String,
    status: Status,
    config: Config,
    device: Option<String>,
    version: Option<String>,
    revision: Option<String>,
    train_seconds: Option<f64>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Running,
    Done,
    Failed,
    Interrupted,
}

#[derive(Deserialize)]
struct Config {
    training: Training,
    images: Option<ImageSource>,
    network: Option<NetworkConfig>,
}

#[derive(Deserialize)]
struct Training {
    epochs: u64,
    m: Option<u64>,
}

#[derive(Deserialize)]
struct EvaluationFile {
    schema: String,
    metrics: Map<String, Value>,
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
    run.state = match read::<RunFile>(&folder, "run.json") {
        Ok(None) => RunState::NotStarted,
        Err(reason) => RunState::Unreadable { reason },
        Ok(Some(file)) => {
            let state = state(&folder, &file, metric, size);
            run.train_seconds = file.train_seconds;
            run.version = file.version;
            run.revision = file.revision;
            run.device = file.device;
            run.on_paper_data = matches!(file.config.images, Some(ImageSource::Paper { .. }));
            state
        }
    };
    run
}

fn state(folder: &Path, file: &RunFile, metric: &str, size: Size) -> RunState {
    if file.schema != RUN_SCHEMA {
        return other_schema("run.json", &file.schema, RUN_SCHEMA);
    }
    let Training { epochs, m } = file.config.training;
    // A method without candidates records no `m`.
    let same_m = m.is_none_or(|m| m == size.m.get() as u64);
    let trained_on = match file.config.images {
        Some(ImageSource::StandIn { train, .. }) => Some(train),
        _ => None,
    };
    let width = file.config.network.as_ref().and_then(|network| match network.backbone {
        BackboneConfig::Resnet18 { width } => Some(width),
        BackboneConfig::Mlp { .. } | BackboneConfig::Tabular { .. } => None,
    });
    let same = |found: Option<usize>, expected: Option<NonZeroUsize>| {
        found.zip(expected).is_none_or(|(found, expected)| found == expected.get())
    };
    let same_size = same(trained_on, size.examples) && same(width, size.width);
    if epochs != size.epochs.get() as u64 || !same_m || !same_size {
        return RunState::OtherScale { epochs, m };
    }
    match file.status {
        Status::Running | Status::Interrupted => RunState::Unfinished,
        Status::Failed => {
            RunState::Failed { reason: file.error.clone().unwrap_or_else(|| "no reason given".to_owned()) }
        }
        Status::Done => evaluated(folder, metric),
    }
}

fn evaluated(folder: &Path, metric: &str) -> RunState {
    let file = match read::<EvaluationFile>(folder, "evaluation.json") {
        Ok(None) => return RunState::NotEvaluated,
        Err(reason) => return RunState::Unreadable { reason },
        Ok(Some(file)) => file,
    };
    if file.schema != EVALUATION_SCHEMA {
        return other_schema("evaluation.json", &file.schema, EVALUATION_SCHEMA);
    }
    match file.metrics.get(metric) {
        None => RunState::Unreadable { reason: format!("evaluation.json has no metric `{metric}`") },
        // JSON has no NaN and no infinity: what is not a number was not finite.
        Some(value) => match value.as_f64().filter(|value| value.is_finite()) {
            Some(value) => RunState::Finite { value },
            None => RunState::Failed { reason: format!("{metric} is not finite: {value}") },
        },
    }
}

fn other_schema(file: &str, found: &str, expected: &str) -> RunState {
    RunState::Unreadable { reason: format!("{file} has schema `{found}`, not `{expected}`") }
}

/// The file's content, `None` if there is no such file, or why not.
fn read<T: for<'de> Deserialize<'de>>(folder: &Path, file: &str) -> Result<Option<T>, String> {
    match std::fs::read(folder.join(file)) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| format!("{file}: {error}")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{file}: {error}")),
    }
}
