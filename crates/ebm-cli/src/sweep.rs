//! A sweep: a list of independent, idempotent jobs, each a run folder below one folder, which is all that workers share.

pub mod claim;
pub mod collect;
pub mod engine;
pub mod file;
pub mod folder;
pub mod pool;
pub mod progress;
pub mod queue;
pub mod state;
pub mod table;

use std::collections::{BTreeMap, HashMap};

use crate::exit::{Exit, failure};

/// One network or ensemble to train and evaluate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its folder below the runs folder, with `/`.
    pub run: String,
    /// Arguments of `ebm` that train it; where to write is added to them.
    pub args: Vec<String>,
    /// The seed, which is also in the arguments.
    pub seed: u64,
    /// What varies from job to job beside the seed, by option.
    pub varied: BTreeMap<String, String>,
}

impl Job {
    /// The arguments without the seed: those of jobs that differ in nothing else.
    pub fn args_without_seed(&self) -> Vec<String> {
        let mut args = self.args.clone();
        if let Some(at) = args.iter().position(|arg| arg == "--seed") {
            args.drain(at..at + 2);
        }
        args
    }
}

/// The jobs in order, each folder once.
///
/// # Errors
/// When two jobs of different arguments have one folder.
pub fn distinct(jobs: Vec<Job>) -> anyhow::Result<Vec<Job>> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut distinct: Vec<Job> = Vec::new();
    for job in jobs {
        match seen.get(&job.run) {
            None => {
                seen.insert(job.run.clone(), distinct.len());
                distinct.push(job);
            }
            Some(&earlier) if distinct[earlier].args == job.args => {}
            Some(&earlier) => {
                return Err(failure(
                    Exit::Config,
                    format!(
                        "two jobs would be trained in {}, with `{}` and with `{}`: give them other names, or sweep them \
                         in a folder each",
                        job.run,
                        distinct[earlier].args.join(" "),
                        job.args.join(" ")
                    ),
                ));
            }
        }
    }
    Ok(distinct)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(run: &str, epochs: &str) -> Job {
        let args = ["train", "--seed", "3", "--epochs", epochs].map(str::to_owned).to_vec();
        Job { run: run.to_owned(), args, seed: 3, varied: BTreeMap::new() }
    }

    #[test]
    fn a_run_that_two_tables_need_is_trained_once() {
        let jobs = distinct(vec![job("a", "5"), job("b", "5"), job("b", "5"), job("c", "5")]).unwrap();
        assert_eq!(jobs.iter().map(|job| job.run.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn one_folder_with_different_settings_is_an_error() {
        let message = distinct(vec![job("a", "5"), job("a", "6")]).unwrap_err().to_string();
        assert!(message.contains("two jobs would be trained in a") && message.contains("--epochs 6"), "{message}");
    }

    #[test]
    fn jobs_of_a_cell_differ_in_their_seeds_alone() {
        assert_eq!(job("a", "5").args_without_seed(), ["train", "--epochs", "5"]);
    }
}
