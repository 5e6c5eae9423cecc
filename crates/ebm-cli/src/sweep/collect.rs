//! The metrics of all runs in one table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::state::{State, state};
use super::{Job, folder};
use crate::run::document::Document;
use crate::run::evaluation::Evaluation;

/// The metrics of the runs that have some, and why the others have none.
#[derive(Debug, Default)]
pub struct Collected {
    /// In the order of the plan.
    pub results: Vec<RunMetrics>,
    /// Names of runs, with their states.
    pub without: Vec<(String, State)>,
}

/// The metrics of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunMetrics {
    /// Its folder below the runs folder.
    pub run: String,
    /// Its seed.
    pub seed: u64,
    /// What varies from job to job, by option.
    pub varied: BTreeMap<String, String>,
    /// Its metrics by key; nothing where one is not finite.
    pub metrics: BTreeMap<String, Option<f64>>,
}

/// Reads the metrics of all jobs.
///
/// # Errors
/// When the evaluation of a finished run cannot be read.
pub fn collect(runs: &Path, jobs: &[Job]) -> anyhow::Result<Collected> {
    let mut collected = Collected::default();
    for job in jobs {
        match state(runs, job)? {
            (State::Done, _) => {
                let metrics = Evaluation::read(&folder::run(runs, &job.run))?.metrics;
                let (run, seed, varied) = (job.run.clone(), job.seed, job.varied.clone());
                collected.results.push(RunMetrics { run, seed, varied, metrics });
            }
            (state, _) => collected.without.push((job.run.clone(), state)),
        }
    }
    Ok(collected)
}

impl Collected {
    /// One line a run: its name, its seed, a column for each varied option, and one for each metric of any run.
    ///
    /// # Errors
    /// When memory is short.
    pub fn csv(&self) -> anyhow::Result<String> {
        let keys =
            |of: fn(&RunMetrics) -> Vec<&String>| -> BTreeSet<&String> { self.results.iter().flat_map(of).collect() };
        let options = keys(|result| result.varied.keys().collect());
        let metrics = keys(|result| result.metrics.keys().collect());
        let mut writer = csv::Writer::from_writer(Vec::new());
        let named =
            options.iter().map(|option| option.trim_start_matches('-')).chain(metrics.iter().map(|key| key.as_str()));
        writer.write_record(["run", "seed"].into_iter().chain(named))?;
        for result in &self.results {
            let mut fields = vec![result.run.clone(), result.seed.to_string()];
            fields.extend(options.iter().map(|&option| result.varied.get(option).cloned().unwrap_or_default()));
            let value = |key: &String| result.metrics.get(key).copied().flatten();
            fields.extend(metrics.iter().map(|key| value(key).map_or_else(String::new, |value| value.to_string())));
            writer.write_record(fields)?;
        }
        Ok(String::from_utf8(writer.into_inner()?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_any_run_has_a_column() {
        let result = |run: &str, varied: &[(&str, &str)], metrics: &[(&str, Option<f64>)]| RunMetrics {
            run: run.to_owned(),
            seed: 3,
            varied: varied.iter().map(|(option, value)| ((*option).to_owned(), (*value).to_owned())).collect(),
            metrics: metrics.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect(),
        };
        let results = vec![
            result("a/seed-3", &[("--m", "8")], &[("nll", Some(1.5)), ("kl", None)]),
            result("b/seed-3", &[], &[("crps", Some(0.25))]),
        ];
        let collected = Collected { results, without: Vec::new() };
        assert_eq!(collected.csv().unwrap(), "run,seed,m,crps,kl,nll\na/seed-3,3,8,,,1.5\nb/seed-3,3,,0.25,,\n");
    }
}
