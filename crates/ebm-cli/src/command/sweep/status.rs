//! `ebm sweep --status`: the jobs by their states.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::HumanDuration;
use serde_json::json;

use super::expect::{Cost, Unit, costs};
use super::jobs::Sweep;
use super::list::looked_at;
use crate::console::Console;
use crate::output::{print, print_json};
use crate::sweep::queue::queued;
use crate::sweep::state::State;

/// The states, in the order in which they are printed.
const WORDS: [&str; 5] = ["done", "running", "failed", "interrupted", "not_started"];

pub fn run(sweep: &Sweep, console: Console) -> anyhow::Result<()> {
    let jobs = looked_at(sweep)?;
    let costs = costs(&jobs);
    let states: Vec<&State> = jobs.iter().map(|(_, _, state, _)| state).collect();
    let mut counts: BTreeMap<&str, usize> = WORDS.into_iter().map(|word| (word, 0)).collect();
    states.iter().for_each(|state| *counts.entry(state.word()).or_default() += 1);
    let left = seconds_left(&states, &costs);
    let queue = queued(&sweep.runs.join("submitted"));
    if console.json {
        let jobs: Vec<_> = jobs.iter().map(|(job, _, state, _)| json!({ "run": job.run, "state": state })).collect();
        let left = left.map(|seconds| json!({ "seconds": seconds, "at_once": counts["running"].max(1) }));
        return print_json(&json!({
            "schema": "ebm.sweep/1", "runs": sweep.runs, "counts": counts, "left": left, "queue": queue, "jobs": jobs,
        }));
    }
    let mut text = format!("{} jobs in {}\n", jobs.len(), sweep.runs.display());
    for word in WORDS {
        text += &format!("{:12} {:5}\n", word.replace('_', " "), counts[word]);
    }
    for (job, _, state, _) in jobs.iter().filter(|(_, _, state, _)| !state.reason().is_empty()) {
        let reason = state.reason().lines().next().unwrap_or_default();
        text += &format!("  {}: {}, {reason}\n", job.run, state.word().replace('_', " "));
    }
    for queued in &queue {
        text += &format!("{}\n", queued.text());
    }
    if let Some(left) = left {
        let at_once = counts["running"].max(1);
        text += &format!("time left: {} with {at_once} at a time\n", HumanDuration(Duration::from_secs_f64(left)));
    }
    print(text)
}

/// Seconds until all open jobs are done, as many at a time as run now and one at least. Jobs whose cell has no finished one
/// are taken to need the mean of those that are finished. Nothing while no job is finished, or none is open.
fn seconds_left(states: &[&State], costs: &[Option<Cost>]) -> Option<f64> {
    let seconds = |cost: &Option<Cost>| cost.filter(|cost| cost.unit == Unit::Seconds).map(|cost| cost.value);
    let done: Vec<f64> = states
        .iter()
        .zip(costs)
        .filter(|(state, _)| ***state == State::Done)
        .filter_map(|(_, cost)| seconds(cost))
        .collect();
    let open: Vec<&Option<Cost>> =
        states.iter().zip(costs).filter(|(state, _)| state.is_open()).map(|(_, cost)| cost).collect();
    if done.is_empty() || open.is_empty() {
        return None;
    }
    let mean = done.iter().sum::<f64>() / done.len() as f64;
    let running = states.iter().filter(|state| matches!(state, State::Running { .. })).count().max(1);
    Some(open.iter().map(|cost| seconds(cost).unwrap_or(mean)).sum::<f64>() / running as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::sweep::expect::Source;

    #[test]
    fn time_left_is_that_of_the_open_jobs_by_their_cells() {
        let seconds = |value| Some(Cost { value, unit: Unit::Seconds, of: Source::FinishedJobs });
        let running = State::Running { by: String::new() };
        let failed = State::Failed { reason: String::new() };
        let states = [&State::Done, &State::Done, &running, &running, &State::NotStarted, &failed];
        let costs = [seconds(10.0), seconds(20.0), seconds(10.0), seconds(20.0), None, None];
        // 10 + 20 + the mean of 15, two at a time.
        assert_eq!(seconds_left(&states, &costs), Some(22.5));
        assert_eq!(seconds_left(&states[..2], &costs[..2]), None);
        assert_eq!(seconds_left(&states[4..], &costs[4..]), None);
    }
}
