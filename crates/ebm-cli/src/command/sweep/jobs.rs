//! The jobs of a command.

use std::path::{Path, PathBuf};

use ebm_core::io::weights::digest;

use crate::cli::sweep::SweepArgs;
use crate::exit::{Exit, failure};
use crate::paper_table::{Overrides, ScaleName};
use crate::sweep::{Job, file, folder, table};

/// The jobs of a command, and where they are done.
pub struct Sweep<'a> {
    pub args: &'a SweepArgs,
    pub jobs: Vec<Job>,
    pub runs: PathBuf,
    /// Cores of each job, if they were given.
    pub threads: Option<u16>,
}

impl<'a> Sweep<'a> {
    /// Reads the plan, or makes that of the tables.
    ///
    /// # Errors
    /// When it is wrong, has no job that is asked for, or is another one than was submitted.
    pub fn read(args: &'a SweepArgs, threads: Option<u16>) -> anyhow::Result<Self> {
        let of_tables = || table::jobs(&args.tables, args.scale, args.overrides, args.data.as_deref());
        if args.device.len() > 1 && args.local.is_none_or(|at_once| at_once.get() < args.device.len()) {
            let message = format!(
                "{} devices need --local {} or more; a scheduler gives each task its own",
                args.device.len(),
                args.device.len()
            );
            return Err(failure(Exit::Usage, message));
        }
        let jobs = match &args.plan {
            Some(_) if args.overrides != Overrides::default() => {
                return Err(failure(
                    Exit::Usage,
                    "--networks, --epochs, --m, --examples and --width are for --table; a plan has `args` and `vary`",
                ));
            }
            Some(path) => file::read(path)?,
            None => of_tables()?,
        };
        let is_asked = |job: &Job| args.only.is_empty() || args.only.iter().any(|only| is_below(&job.run, only));
        let jobs: Vec<Job> = jobs.into_iter().filter(is_asked).collect();
        if jobs.is_empty() {
            return Err(failure(Exit::Usage, format!("no run is in {}", args.only.join(" or "))));
        }
        if let Some(job) = jobs.iter().find(|job| folder::OWN.iter().any(|own| is_below(&job.run, own))) {
            let message =
                format!("{}: a run may not be in {}, which a sweep uses itself", job.run, folder::OWN.join(", "));
            return Err(failure(Exit::Config, message));
        }
        let runs = args.runs.clone().unwrap_or_else(|| match (&args.plan, args.scale) {
            (Some(plan), _) => Path::new("runs").join(plan.file_stem().unwrap_or_default()),
            (None, ScaleName::Quick) => PathBuf::from("runs/tables/quick"),
            (None, ScaleName::Full) => PathBuf::from("runs/tables/full"),
        });
        let sweep = Self { args, jobs, runs, threads };
        match &args.digest {
            Some(expected) if *expected != sweep.digest() => Err(failure(
                Exit::Config,
                "the plan has changed since the jobs were submitted: submit them again with --engine",
            )),
            _ => Ok(sweep),
        }
    }

    /// Tells this list of jobs from every other.
    fn digest(&self) -> String {
        let jobs: Vec<_> = self.jobs.iter().map(|job| (&job.run, &job.args)).collect();
        digest(&serde_json::to_vec(&jobs).expect("texts are JSON"))[..16].to_owned()
    }

    /// The arguments of `ebm` that give these jobs again, on this machine or on another one with the same folders, but for
    /// the device.
    pub fn words(&self) -> anyhow::Result<Vec<String>> {
        let SweepArgs { plan, tables, only, scale, overrides, data, retry_failed, .. } = self.args;
        let mut words = vec!["sweep".to_owned()];
        let mut add = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
        tables.iter().for_each(|table| add("--table", table.to_string()));
        if plan.is_none() {
            add("--scale", if *scale == ScaleName::Quick { "quick" } else { "full" }.to_owned());
        }
        let Overrides { networks, epochs, m, examples, width } = overrides;
        let sizes =
            [("--networks", networks), ("--epochs", epochs), ("--m", m), ("--examples", examples), ("--width", width)];
        for (flag, value) in sizes {
            value.iter().for_each(|value| add(flag, value.to_string()));
        }
        data.iter().for_each(|data| add("--data", data.display().to_string()));
        only.iter().for_each(|only| add("--only", only.clone()));
        add("--runs", std::path::absolute(&self.runs)?.display().to_string());
        add("--digest", self.digest());
        words.extend(retry_failed.then(|| "--retry-failed".to_owned()));
        words.extend(plan.iter().map(|plan| plan.display().to_string()));
        Ok(words)
    }
}

fn is_below(run: &str, folder: &str) -> bool {
    run.strip_prefix(folder.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
