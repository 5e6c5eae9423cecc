//! What `ebm` says has to be trained for a table.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

const SCHEMA: &str = "ebm.plan/1";

/// The answer of `ebm table N --plan --json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Plan {
    schema: String,
    table: u32,
    scale: Scale,
    jobs: Vec<PlannedJob>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Scale {
    epochs: u64,
    m: u64,
}

#[derive(Debug, Clone, Deserialize)]
struct PlannedJob {
    run: String,
    args: Vec<String>,
}

/// One network to train.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRun {
    /// Its folder below the runs folder, with `/`.
    pub run: String,
    /// Arguments of `ebm` that train it.
    pub args: Vec<String>,
    /// Epochs it is trained for.
    pub epochs: u64,
    /// Samples per example it is trained with.
    pub m: u64,
}

/// Asks `ebm` what `table` needs.
///
/// # Errors
/// If it cannot be run, fails, or answers in another schema.
pub fn ask(ebm: &Path, table: u32, scale: &[OsString]) -> Result<Plan> {
    let output = Command::new(ebm)
        .args(["table", &table.to_string(), "--plan", "--json"])
        .args(scale)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("starting {}", ebm.display()))?;
    ensure!(output.status.success(), "`ebm table {table} --plan` ended with {}", output.status);
    let plan: Plan = serde_json::from_slice(&output.stdout).with_context(|| format!("the plan of table {table}"))?;
    ensure!(plan.schema == SCHEMA, "the plan of table {table} is of schema {}, not {SCHEMA}", plan.schema);
    Ok(plan)
}

/// All runs of all plans in order, those that tables share once.
///
/// # Errors
/// If two tables want one run trained differently.
pub fn merge(plans: &[Plan]) -> Result<Vec<PlannedRun>> {
    let mut runs: Vec<PlannedRun> = Vec::new();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for plan in plans {
        for PlannedJob { run, args } in &plan.jobs {
            let planned =
                PlannedRun { run: run.clone(), args: args.clone(), epochs: plan.scale.epochs, m: plan.scale.m };
            match seen.entry(run) {
                Entry::Vacant(entry) => {
                    entry.insert(runs.len());
                    runs.push(planned);
                }
                Entry::Occupied(entry) => ensure!(
                    runs[*entry.get()] == planned,
                    "table {} wants {run} trained otherwise than an earlier table; give --epochs and --m, \
                     or reproduce the tables one by one with a runs folder each",
                    plan.table
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

    fn plan(table: u32, epochs: u64, runs: &[&str]) -> Plan {
        let jobs: Vec<_> = runs.iter().map(|run| json!({ "run": run, "args": ["train"] })).collect();
        let scale = json!({ "name": "quick", "networks": 1, "epochs": epochs, "m": 8 });
        let plan = json!({ "schema": SCHEMA, "table": table, "scale": scale, "jobs": jobs });
        serde_json::from_value(plan).expect("a plan")
    }

    #[test]
    fn a_run_of_two_tables_is_trained_once() {
        let merged = merge(&[plan(1, 5, &["a", "b"]), plan(2, 5, &["b", "c"])]).unwrap();
        let names: Vec<&str> = merged.iter().map(|run| run.run.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn two_tables_that_want_one_run_differently_are_an_error() {
        let error = merge(&[plan(1, 5, &["a"]), plan(2, 6, &["a"])]).unwrap_err();
        assert!(error.to_string().contains("table 2 wants a trained otherwise"), "{error}");
    }
}
