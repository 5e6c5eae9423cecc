//! `split.json`: which examples belong to which part.

use std::path::{Path, PathBuf};

use ebm_data::run_file::RunFile;
use ebm_data::table::{Part, Split};
use serde::{Deserialize, Serialize};

use super::document::Document;
use super::json::to_json;
use super::manifest;

/// `split.json`.
pub enum SplitRecord {
    /// Rows of the file of an image task.
    Task(TaskSplit),
    /// The seed of the hash that splits a table.
    Table(Split),
    /// Files of the user's images.
    Images(FileSplit),
}

impl SplitRecord {
    /// Writes `split.json`.
    pub fn write(&self, run: &Path) -> anyhow::Result<()> {
        // A value sorts its keys, as they are in older runs.
        let value = match self {
            Self::Task(split) => serde_json::to_value(split.named())?,
            Self::Table(split) => serde_json::to_value(split.named())?,
            Self::Images(split) => serde_json::to_value(split.named())?,
        };
        manifest::write(run, Split::FILE, &to_json(&value)?)
    }
}

impl RunFile for TaskSplit {
    const FILE: &'static str = Split::FILE;
    const SCHEMA: &'static str = "ebm.split/1";
}

impl RunFile for FileSplit {
    const FILE: &'static str = Split::FILE;
    const SCHEMA: &'static str = "ebm.picture_split/1";
}

/// How the images of a task were split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskSplit {
    /// Seed it was drawn with.
    pub seed: u64,
    /// Pictures of a folder that were skipped; the rows count the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    /// Rows trained on.
    pub train: Vec<usize>,
    /// Rows held out.
    pub test: Vec<usize>,
}

/// The files of each part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSplit {
    /// Seed it was drawn with.
    pub seed: u64,
    /// Fit the parameters.
    pub train: Vec<PathBuf>,
    /// Choose the model.
    pub validation: Vec<PathBuf>,
    /// Calibrate its sets.
    pub calibration: Vec<PathBuf>,
    /// Are tested on.
    pub test: Vec<PathBuf>,
}

impl FileSplit {
    /// The files of one part.
    pub fn part(self, part: Part) -> Vec<PathBuf> {
        match part {
            Part::Train => self.train,
            Part::Validation => self.validation,
            Part::Calibration => self.calibration,
            Part::Test => self.test,
        }
    }
}
