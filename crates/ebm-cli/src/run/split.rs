//! `split.json`: which examples belong to which part.

use std::path::{Path, PathBuf};

use ebm_data::image::SplitRows;
use ebm_data::table::{Part, Split};
use serde::{Deserialize, Serialize};

use super::folder::{RunFolder, SPLIT};
use super::json::{read_json, write_json};

/// Schemas of the variants of [`SplitRecord`].
const SCHEMAS: [&str; 3] = ["ebm.split/1", "ebm.table_split/1", "ebm.picture_split/1"];

/// `split.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "schema")]
pub enum SplitRecord {
    /// Rows of the file of an image task.
    #[serde(rename = "ebm.split/1")]
    Task(TaskSplit),
    /// The seed of the hash that splits a table.
    #[serde(rename = "ebm.table_split/1")]
    Table(Split),
    /// Files of the user's images.
    #[serde(rename = "ebm.picture_split/1")]
    Images(FileSplit),
}

/// How the images of a task were split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSplit {
    /// Seed it was drawn with.
    pub seed: u64,
    /// Pictures of a folder that were skipped; the rows count the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    /// The rows.
    #[serde(flatten)]
    pub rows: SplitRows,
}

/// The files of each part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

impl SplitRecord {
    /// Writes `split.json`.
    pub fn write(&self, folder: &RunFolder) -> anyhow::Result<()> {
        // A value sorts its keys, as it always has.
        write_json(&folder.path().join(SPLIT), &serde_json::to_value(self)?)
    }
}

/// Reads `split.json` of a run.
pub fn read(run: &Path) -> anyhow::Result<SplitRecord> {
    read_json(&run.join(SPLIT), &SCHEMAS)
}
