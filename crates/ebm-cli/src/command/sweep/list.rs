//! `ebm sweep --list`: a JSON line a job.

use serde::Serialize;

use super::expect::{Cost, Expected, costs, expected};
use super::jobs::Sweep;
use crate::output::print_data;
use crate::run::record::Record;
use crate::sweep::state::{State, state};
use crate::sweep::{Job, folder};

/// One line.
#[derive(Serialize)]
struct Line<'a> {
    schema: &'static str,
    id: usize,
    name: &'a str,
    seed: u64,
    command: Vec<String>,
    run: String,
    #[serde(flatten)]
    state: &'a State,
    cost: Option<Cost>,
}

/// A job, what is expected of it, how far it has come, and the record of its run.
pub type Looked<'a> = (&'a Job, Expected, State, Option<Record>);

/// Every job with what is expected of it and how far it has come.
///
/// # Errors
/// When the arguments of one are not those of a training, or its run is one of other options.
pub fn looked_at<'a>(sweep: &'a Sweep) -> anyhow::Result<Vec<Looked<'a>>> {
    let look = |job: &'a Job| {
        let expected = expected(job)?;
        let (state, record) = state(&sweep.runs, job)?;
        if let Some(record) = &record {
            expected.compare(record, &folder::run(&sweep.runs, &job.run))?;
        }
        Ok((job, expected, state, record))
    };
    sweep.jobs.iter().map(look).collect()
}

pub fn run(sweep: &Sweep) -> anyhow::Result<()> {
    let jobs = looked_at(sweep)?;
    let costs = costs(&jobs);
    let mut text = String::new();
    for (id, ((job, _, state, _), cost)) in jobs.iter().zip(costs).enumerate() {
        let run = folder::run(&sweep.runs, &job.run).display().to_string();
        let mut command = vec!["ebm".to_owned()];
        command.extend(job.args.iter().cloned());
        command.extend(["--out".to_owned(), run.clone(), "--evaluate".to_owned(), "--resume".to_owned()]);
        if let [device] = sweep.args.device[..] {
            command.extend(["--device".to_owned(), device.to_string()]);
        }
        let line = Line { schema: "ebm.job/1", id, name: &job.run, seed: job.seed, command, run, state, cost };
        text += &serde_json::to_string(&line)?;
        text.push('\n');
    }
    print_data(&text)
}
