//! The states of the runs of a table, as `ebm` reports them.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::plan::PlannedRun;
use crate::binary;

const SCHEMA: &str = "ebm.table/1";

/// State of a network before this task trains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To train, to continue or to evaluate.
    Open,
    /// Trained and evaluated.
    Done,
    /// Failed, which is a result: the same seed would fail again.
    Failed,
}

/// The states of runs, by the name of the run.
#[derive(Debug, Default)]
pub struct States {
    found: HashMap<String, RunState>,
}

/// The answer of `ebm table N --json`.
#[derive(Deserialize)]
struct Report {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    run: String,
    #[serde(flatten)]
    state: RunState,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum RunState {
    Finite,
    Failed,
    NotStarted,
    Unfinished,
    NotEvaluated,
    OtherScale { epochs: u64, m: Option<u64> },
    Unreadable,
}

impl States {
    /// Asks `ebm` about the runs of `tables` in the folder `runs`.
    ///
    /// # Errors
    /// If it cannot be run, fails, or answers in another schema.
    pub fn ask(ebm: &Path, tables: &[u32], scale: &[OsString], runs: &Path) -> Result<Self> {
        let mut states = Self::default();
        for table in tables {
            let mut args =
                vec!["table".into(), table.to_string().into(), "--json".into(), "--runs".into(), runs.into()];
            args.extend_from_slice(scale);
            states.add(binary::ask(ebm, &args, SCHEMA)?);
        }
        Ok(states)
    }

    fn add(&mut self, report: Report) {
        let runs = report.rows.into_iter().flat_map(|row| row.cells).flat_map(|cell| cell.runs);
        self.found.extend(runs.map(|Run { run, state }| (run, state)));
    }

    /// The state of a run. One with a damaged file is open: `ebm train` reports what is wrong with it.
    ///
    /// # Errors
    /// If the run was trained at another scale than asked for.
    pub fn of(&self, run: &str) -> Result<State> {
        match self.found.get(run).with_context(|| format!("`ebm table` did not report {run}"))? {
            RunState::Finite => Ok(State::Done),
            RunState::Failed => Ok(State::Failed),
            RunState::NotStarted | RunState::Unfinished | RunState::NotEvaluated | RunState::Unreadable => {
                Ok(State::Open)
            }
            RunState::OtherScale { epochs, m } => {
                let m = m.map_or_else(String::new, |m| format!(", m = {m}"));
                bail!(
                    "{run} was trained at another scale ({epochs} epochs{m}); give the same --epochs, --m, --examples \
                     and --width, or name another folder with --runs"
                );
            }
        }
    }

    /// The planned runs in a state.
    ///
    /// # Errors
    /// If one was trained at another scale than asked for.
    pub fn select<'a>(&self, state: State, planned: &'a [PlannedRun]) -> Result<Vec<&'a PlannedRun>> {
        let mut found = Vec::new();
        for run in planned {
            if self.of(&run.run)? == state {
                found.push(run);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn states(run: Value) -> States {
        let mut states = States::default();
        states.add(serde_json::from_value(json!({ "rows": [{ "cells": [{ "runs": [run] }] }] })).unwrap());
        states
    }

    #[test]
    fn a_run_is_open_until_it_is_evaluated_or_has_failed() {
        let state =
            |state: &str| states(json!({ "run": "a", "state": state, "value": 1, "reason": "" })).of("a").unwrap();
        for open in ["not_started", "unfinished", "not_evaluated", "unreadable"] {
            assert_eq!(state(open), State::Open, "{open}");
        }
        assert_eq!(state("finite"), State::Done);
        assert_eq!(state("failed"), State::Failed);
        assert!(states(json!({ "run": "a", "state": "finite" })).of("b").is_err());
    }

    #[test]
    fn a_run_of_another_size_is_never_continued() {
        let error = states(json!({ "run": "a", "state": "other_scale", "epochs": 6, "m": 8 })).of("a").unwrap_err();
        assert!(error.to_string().contains("a was trained at another scale (6 epochs, m = 8)"), "{error}");
    }
}
