//! `run.json`: everything that decides a run, and how it went.

use serde::{Deserialize, Serialize};

use super::document::Document;
use crate::experiment::Experiment;

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
}

/// The training data of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
        }
    }
}

impl Document for Record {
    const FILE: &'static str = "run.json";
    const SCHEMA: &'static str = "ebm.run/1";
}
