//! `ebm evaluate`

mod describe;
mod measure;
mod report;
mod user_data;

use anyhow::Context;
use burn::tensor::Device;
use ebm_data::read_pairs;

use self::report::Report;
use crate::cli::evaluate::{EvaluateArgs, GridName};
use crate::cli::sampling::SamplingArgs;
use crate::console::Console;
use crate::device::DeviceName;
use crate::exit::{Exit, failure};
use crate::experiment::data::Data;
use crate::output::{print, print_json};
use crate::run::document::Document;
use crate::run::evaluation::Evaluation as EvaluationRecord;
use crate::run::folder::RunFolder;
use crate::run::model::{self, ModelRecord};
use crate::run::record::Record;
use crate::task::evaluation::Evaluation;
use crate::task::{images, pairs, toy};

pub fn run(args: &EvaluateArgs, console: Console) -> anyhow::Result<()> {
    print_report(&evaluate(args, console)?, console)
}

/// Evaluates runs that have just been trained on their own task; under `--quiet`, with nothing on stdout.
pub fn trained(runs: &[RunFolder], device: DeviceName, console: Console) -> anyhow::Result<()> {
    for run in runs.iter().map(RunFolder::path).filter(|run| ModelRecord::exists(run)) {
        if runs.len() > 1 {
            console.say(format_args!("{}:", run.display()));
        }
        if EvaluationRecord::exists(run) {
            continue;
        }
        let sampling = SamplingArgs { m: 1024, seed: 0, device };
        let args = EvaluateArgs { run: run.to_owned(), file: None, labels: None, grid: GridName::Paper, sampling };
        let report = evaluate(&args, console)?;
        if !console.quiet {
            print_report(&report, console)?;
        }
    }
    Ok(())
}

fn print_report(report: &Report, console: Console) -> anyhow::Result<()> {
    if console.json { print_json(&report.evaluation.named()) } else { print(report.to_text()) }
}

/// Measures a run, and keeps what the tables are made of: the measurements on its own task and the paper's grid.
fn evaluate(args: &EvaluateArgs, console: Console) -> anyhow::Result<Report> {
    let device = args.sampling.device.open()?;
    let of_run = args.file.is_none();
    let (report, is_kept) =
        match crate::user_data::model::open(&args.run, &device, args.sampling.m, args.sampling.seed)? {
            Some(model) => (user_data::evaluate(args, &model, console)?, of_run),
            None => (of_task(args, &device, console)?, of_run && args.grid == GridName::Paper),
        };
    if is_kept {
        report.evaluation.write(&args.run).context("keeping the evaluation")?;
    }
    Ok(report)
}

/// Measures a model of a task, or of pairs.
fn of_task(args: &EvaluateArgs, device: &Device, console: Console) -> anyhow::Result<Report> {
    let loaded = model::load(&args.run, device)?;
    let data = Record::read(&args.run)?.config.data;
    let task: Evaluation = match (&args.file, data) {
        (Some(_), Data::Images { .. }) => {
            return Err(failure(Exit::Usage, "a file is for scalar examples, and this run takes images"));
        }
        (Some(file), _) => pairs::evaluation(&read_pairs(file)?, loaded.about.target_range),
        (None, Data::Images { task, source }) => images::evaluation(task, &source, console)?,
        (None, Data::Toy(toy)) => toy::evaluation(toy),
        (None, Data::Pairs | Data::User(_)) => {
            let message = "this run was trained on your own file: give a file of examples held out from it";
            return Err(failure(Exit::Usage, message));
        }
    };
    let found = measure::measure(&loaded.model, &task, args.grid, &args.sampling, device, console)?;
    Ok(describe::of_task(found))
}
