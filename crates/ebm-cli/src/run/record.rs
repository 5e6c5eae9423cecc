//! `run.json`: everything that decides a run, and how it went.

use std::path::Path;

use ebm_data::run_file::RunFile;
use serde::{Deserialize, Serialize};

use super::checks::Checks;
use super::files::RECORD;
use crate::experiment::Experiment;
use crate::experiment::data::{Data, ImageSource};
use crate::experiment::user_data::Source;

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Training now, or killed while it was.
    Running,
    /// Trained.
    Done,
    /// Stopped by a signal, saved.
    Interrupted,
    /// Training diverged.
    Failed,
}

/// `run.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// How far it has come.
    pub status: Status,
    /// The resolved configuration.
    pub config: Experiment,
    /// Seed of the weights, the order of the examples and every candidate.
    pub seed: u64,
    /// Where it ran.
    pub device: String,
    /// Version of `ebm`.
    pub version: String,
    /// Source revision of `ebm`, if it was known when built.
    pub revision: String,
    /// The training data.
    pub data: DataRecord,
    /// Seconds spent training in all sessions; one that was killed does not count.
    pub train_seconds: f64,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// What was seen of the model after training; nothing in runs of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks: Option<Checks>,
}

/// The training data of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataRecord {
    /// `toy_1`, `toy_2`, or the path of a file.
    pub source: String,
    /// Digest of the examples.
    pub fingerprint: String,
    /// Number of examples.
    pub examples: usize,
    /// Smallest and largest target.
    pub target_range: [f64; 2],
}

impl Record {
    /// A run that has spent no time yet, by this version of `ebm`.
    pub fn new(status: Status, config: Experiment, seed: u64, device: String, data: DataRecord) -> Self {
        Self {
            status,
            config,
            seed,
            device,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            revision: env!("EBM_REVISION").to_owned(),
            data,
            train_seconds: 0.0,
            error: None,
            checks: None,
        }
    }

    /// The files and folders that its data come from.
    pub fn data_files(&self) -> Vec<&Path> {
        match &self.config.data {
            Data::Toy(_) | Data::Pairs => vec![Path::new(&self.data.source)],
            Data::User(user) => {
                let labelled = match &user.source {
                    Source::Table { file } => vec![file],
                    Source::Images { folder, labels, .. } => vec![folder, labels],
                };
                labelled.into_iter().chain(&user.validation).map(|path| path.as_path()).collect()
            }
            Data::Images { source: ImageSource::Paper { folder, .. }, .. } => vec![folder],
            Data::Images { source: ImageSource::StandIn { .. }, .. } => Vec::new(),
        }
    }
}

impl RunFile for Record {
    const FILE: &'static str = RECORD;
    const SCHEMA: &'static str = "ebm.run/1";
}
