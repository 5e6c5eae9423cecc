//! `ebm evaluate`

mod describe;
mod measure;
mod report;

use anyhow::Context;
use ebm_data::read_pairs;
use ebm_data::table::Part;

use self::report::Report;
use crate::cli::evaluate::{EvaluateArgs, GridName};
use crate::cli::sampling::SamplingArgs;
use crate::console::Console;
use crate::device::DeviceName;
use crate::experiment::data::Data;
use crate::output::{print, print_json};
use crate::overlap::{self, Use};
use crate::rows::RowsOf;
use crate::run::document::Document;
use crate::run::ensemble::is_trained;
use crate::run::evaluation::Evaluation as EvaluationRecord;
use crate::run::folder::RunFolder;
use crate::task::evaluation::Evaluation;
use crate::task::{images, pairs, toy};
use crate::trained;

pub fn run(args: &EvaluateArgs, console: Console) -> anyhow::Result<()> {
    print_report(&evaluate(args, console)?, console)
}

/// Evaluates runs that have just been trained on their own task; under `--quiet`, with nothing on stdout.
pub fn trained(runs: &[RunFolder], device: DeviceName, console: Console) -> anyhow::Result<()> {
    for run in runs.iter().map(RunFolder::path).filter(|run| is_trained(run)) {
        if runs.len() > 1 {
            console.say(format_args!("{}:", run.display()));
        }
        if EvaluationRecord::exists(run) {
            continue;
        }
        let sampling = SamplingArgs { m: 1024, seed: 0, device };
        let args = EvaluateArgs {
            run: run.to_owned(),
            file: None,
            labels: None,
            allow_overlap: false,
            grid: GridName::Paper,
            sampling,
        };
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

/// Measures a run, and keeps what the tables are made of: the measurements on its own test examples and, where there is
/// one, on the paper's grid.
fn evaluate(args: &EvaluateArgs, console: Console) -> anyhow::Result<Report> {
    let device = args.sampling.device.open()?;
    let model = trained::open(&args.run, &device, args.sampling.m, args.sampling.seed)?;
    let file = args.file.as_deref();
    let of = RowsOf::file_or(file, args.labels.as_deref(), Part::Test);
    overlap::refuse(&model, of, Use::Test, args.allow_overlap, console)?;
    let task: Option<Evaluation> = match (&model.record.config.data, file) {
        (Data::User(_), _) => None,
        (Data::Images { task, .. }, Some(file)) => Some(images::evaluation_of(*task, file)?),
        (Data::Images { task, source }, None) => Some(images::evaluation(*task, source, console)?),
        (Data::Toy(_) | Data::Pairs, Some(file)) => Some(pairs::evaluation(&read_pairs(file)?, model.target_range)),
        (Data::Toy(toy), None) => Some(toy::evaluation(*toy)),
        (Data::Pairs, None) => return Err(pairs::no_test_examples()),
    };
    let found = match &task {
        Some(task) => measure::on_task(&model, task, args.grid, &args.sampling, &device, console)?,
        None => {
            if model.is_out_of_fold(of)? {
                console.say("training rows, each predicted by the members that were not trained on it");
            }
            measure::Measurements::of(&model.assess(of, console)?, model.predictor.config().m)
        }
    };
    let report = describe::report(&model, found);
    if args.file.is_none() && (task.is_none() || args.grid == GridName::Paper) {
        report.evaluation.write(&args.run).context("keeping the evaluation")?;
    }
    Ok(report)
}
