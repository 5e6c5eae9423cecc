//! The networks that a table needs, as `ebm` lists them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::OsString;
use std::path::Path;

use anyhow::{Result, ensure};
use serde::Deserialize;

use crate::binary;

const SCHEMA: &str = "ebm.plan/1";

/// The answer of `ebm table N --plan --json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Plan {
    table: u32,
    jobs: Vec<PlannedRun>,
}

/// One network to train.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlannedRun {
    /// Its folder below the runs folder, with `/`.
    pub run: String,
    /// Arguments of `ebm` that train it.
    pub args: Vec<String>,
}

/// Asks `ebm` what `table` needs.
///
/// # Errors
/// If it cannot be run, fails, or answers in another schema.
pub fn ask(ebm: &Path, table: u32, scale: &[OsString]) -> Result<Plan> {
    let mut args = vec!["table".into(), table.to_string().into(), "--plan".into(), "--json".into()];
    args.extend_from_slice(scale);
    binary::ask(ebm, &args, SCHEMA)
}

/// All runs of all plans in order; a run that tables share is listed once.
///
/// # Errors
/// If two tables need one run with different settings.
pub fn merge(plans: &[Plan]) -> Result<Vec<PlannedRun>> {
    let mut runs: Vec<PlannedRun> = Vec::new();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for plan in plans {
        for planned in &plan.jobs {
            match seen.entry(&planned.run) {
                Entry::Vacant(entry) => {
                    entry.insert(runs.len());
                    runs.push(planned.clone());
                }
                Entry::Occupied(entry) => ensure!(
                    runs[*entry.get()] == *planned,
                    "table {} needs {} trained with other settings than an earlier table; give --epochs and --m, \
                     or reproduce the tables one by one with a runs folder each",
                    plan.table,
                    planned.run
                ),
            }
        }
    }
    Ok(runs)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(table: u32, epochs: &str, runs: &[&str]) -> Plan {
        let jobs: Vec<_> =
            runs.iter().map(|run| json!({ "run": run, "args": ["train", "--epochs", epochs] })).collect();
        serde_json::from_value(json!({ "table": table, "jobs": jobs })).expect("a plan")
    }

    #[test]
    fn a_run_of_two_tables_is_trained_once() {
        let merged = merge(&[plan(1, "5", &["a", "b"]), plan(2, "5", &["b", "c"])]).unwrap();
        let names: Vec<&str> = merged.iter().map(|run| run.run.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn two_tables_that_need_one_run_with_different_settings_are_an_error() {
        let error = merge(&[plan(1, "5", &["a"]), plan(2, "6", &["a"])]).unwrap_err();
        assert!(error.to_string().contains("table 2 needs a trained with other settings"), "{error}");
    }
}
