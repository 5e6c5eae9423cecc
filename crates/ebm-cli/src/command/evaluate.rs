//! `ebm evaluate`

mod measure;
mod own;
mod report;

use std::path::Path;

use anyhow::Context;
use ebm_data::read_pairs;

use self::measure::measure;
pub(crate) use self::own::{assess, labelled};
use self::report::Report;
use super::How;
use crate::cli::{EvaluateArgs, GridName, SamplingArgs};
use crate::device::DeviceName;
use crate::exit::{Exit, failure};
use crate::experiment::Dataset;
use crate::load;
use crate::output::{print, print_json};
use crate::run_folder::write_json;
use crate::task::{evaluation, evaluation_on};

pub fn run(args: &EvaluateArgs, how: How) -> anyhow::Result<()> {
    let report = evaluate(args, how)?;
    if how.json {
        return print_json(&report);
    }
    print(report.to_text())
}

/// Evaluates a run that has just been trained on its own task; under `--quiet`, with nothing on stdout.
pub fn trained(run: &Path, device: DeviceName, how: How) -> anyhow::Result<()> {
    let sampling = SamplingArgs { m: 1024, seed: 0, device };
    let args = EvaluateArgs { run: run.to_owned(), file: None, labels: None, grid: GridName::Paper, sampling };
    if !how.quiet {
        return self::run(&args, how);
    }
    if load::record(run)?.config.dataset != Dataset::File {
        evaluate(&args, how)?;
    }
    Ok(())
}

/// Measures a run, and keeps what the tables are made of: the measurements on its own task and the paper's grid.
fn evaluate(args: &EvaluateArgs, how: How) -> anyhow::Result<Report> {
    if let Some(model) = crate::own::open(&args.run, &args.sampling)? {
        return own::evaluate(args, &model, how);
    }
    let device = args.sampling.device.open()?;
    let loaded = load::model(&args.run, &device)?;
    let record = load::record(&args.run)?;
    let task = match &args.file {
        Some(_) if record.config.dataset.is_of_images() => {
            return Err(failure(Exit::Usage, "a file is for scalar examples, and this run takes images"));
        }
        Some(file) => evaluation_on(&read_pairs(file)?, loaded.about.target_range),
        None => evaluation(&record.config, how)?.ok_or_else(|| {
            failure(Exit::Usage, "this run was trained on your own file: give a file of examples held out from it")
        })?,
    };
    let report = measure(&loaded.model, &task, args.grid, &args.sampling, &device, how)?;
    if args.file.is_none() && args.grid == GridName::Paper {
        write_json(&args.run.join("evaluation.json"), &report).context("keeping the evaluation")?;
    }
    Ok(report)
}
