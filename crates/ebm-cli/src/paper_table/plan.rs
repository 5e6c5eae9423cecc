//! What to train for a table.

use std::collections::HashSet;
use std::path::Path;

use ebm_data::image::ImageTask;
use serde::Serialize;

use super::{Row, Scale, Table, run_name};
use crate::task::images::paper_files;

/// Version of the plan's JSON.
pub const PLAN_SCHEMA: &str = "ebm.plan/1";

/// The runs a table needs at a scale, in the order to start them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// [`PLAN_SCHEMA`].
    pub schema: &'static str,
    /// The table's number.
    pub table: u32,
    /// The scale planned for.
    pub scale: Scale,
    /// One job per network.
    pub jobs: Vec<Job>,
}

/// One network to train.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Job {
    /// Its folder below the runs folder, with `/`.
    pub run: String,
    /// Arguments of `ebm` that train it; where to write is the caller's to add.
    pub args: Vec<String>,
}

/// Lists the runs of `table` at `scale`.
///
/// Seed 0 of every cell comes first, then seed 1, and so on: settings that
/// train slowly are spread over the whole time, and a plan stopped early
/// leaves as many networks in each cell.
pub fn plan(table: &Table, scale: Scale, data: Option<&Path>) -> Plan {
    let mut seen = HashSet::new();
    let mut jobs = Vec::new();
    for seed in 0..scale.size.networks.get() {
        for row in &table.rows {
            let data = data.filter(|folder| has_paper_files(row, folder));
            for cell in &row.cells {
                let run = run_name(&cell.preset, seed);
                if seen.insert(run.clone()) {
                    jobs.push(Job { run, args: train_args(&cell.preset, seed, scale, data) });
                }
            }
        }
    }
    Plan { schema: PLAN_SCHEMA, table: table.number, scale, jobs }
}

/// Whether the paper's files of a row are in a folder.
fn has_paper_files(row: &Row, folder: &Path) -> bool {
    let task = ImageTask::ALL.into_iter().find(|task| task.name() == row.dataset);
    task.is_some_and(|task| paper_files(task, folder).is_some())
}

fn train_args(preset: &str, seed: usize, scale: Scale, data: Option<&Path>) -> Vec<String> {
    let seed = seed.to_string();
    let epochs = scale.size.epochs.to_string();
    let m = scale.size.m.to_string();
    let mut args =
        ["train", "--preset", preset, "--seed", &seed, "--epochs", &epochs, "--m", &m].map(str::to_owned).to_vec();
    let examples = scale.size.examples.filter(|_| data.is_none());
    args.extend(data.into_iter().flat_map(|folder| ["--data".to_owned(), folder.display().to_string()]));
    for (flag, value) in [("--examples", examples), ("--width", scale.size.width)] {
        if let Some(value) = value {
            args.extend([flag.to_owned(), value.to_string()]);
        }
    }
    args
}
