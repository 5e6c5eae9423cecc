//! `ebm evaluate`

mod measure;
mod report;
mod user_data;

use std::path::Path;

use anyhow::Context;
use burn::tensor::Device;
use ebm_data::read_pairs;

use self::measure::measure;
use self::report::Report;
use crate::cli::evaluate::{EvaluateArgs, GridName};
use crate::cli::sampling::SamplingArgs;
use crate::console::Console;
use crate::device::DeviceName;
use crate::exit::{Exit, failure};
use crate::experiment::data::Data;
use crate::output::{print, print_json};
use crate::run::{model, record};
use crate::task::evaluation::Evaluation;
use crate::task::{images, pairs, toy};

pub fn run(args: &EvaluateArgs, console: Console) -> anyhow::Result<()> {
    let report = evaluate(args, console)?;
    if console.json {
        return print_json(&report.evaluation);
    }
    print(report.to_text())
}

/// Evaluates a run that has just been trained on its own task; under `--quiet`, with nothing on stdout.
pub fn trained(run: &Path, device: DeviceName, console: Console) -> anyhow::Result<()> {
    let sampling = SamplingArgs { m: 1024, seed: 0, device };
    let args = EvaluateArgs { run: run.to_owned(), file: None, labels: None, grid: GridName::Paper, sampling };
    if !console.quiet {
        return self::run(&args, console);
    }
    if !matches!(record::read(run)?.config.data, Data::Pairs) {
        evaluate(&args, console)?;
    }
    Ok(())
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
    let data = record::read(&args.run)?.config.data;
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
    measure(&loaded.model, &task, args.grid, &args.sampling, device, console)
}
