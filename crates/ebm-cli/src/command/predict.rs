//! `ebm predict`

mod columns;
mod folder;
mod written;

use ebm_core::evaluate::LABEL_WEIGHT_LIMIT;
use ebm_core::predict::{ESS_SHARE_LIMIT, PARETO_K_LIMIT};
use ebm_data::folder_of;

use self::written::{Counts, written};
use crate::cli::predict::{PredictArgs, Unreliable};
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::rows::RowsOf;
use crate::trained::{self, TrainedModel};

pub fn run(args: &PredictArgs, console: Console) -> anyhow::Result<()> {
    let (model, told) = answer(args, console)?;
    tell(args, &model, &told, console)
}

/// Writes the predictions.
pub(crate) fn answer(args: &PredictArgs, console: Console) -> anyhow::Result<(TrainedModel, Counts)> {
    let device = args.sampling.device.open()?;
    let model = trained::open(&args.run, &device, args.sampling.m, args.sampling.seed)?;
    let of = args.input.rows(args.labels.as_deref());
    if let (RowsOf::File { file, .. }, Some(_)) = (of, model.schema())
        && (folder_of(file).is_some() || args.shard.is_some())
    {
        let told = folder::predict(args, &model, file, console)?;
        return Ok((model, told));
    }
    if args.shard.is_some() {
        return Err(failure(Exit::Usage, "--shard is for tables: a folder of them, or a Parquet file"));
    }
    let output = args.output.to(&model.reads(of), console)?;
    let told = written(args, &model, of, &output, console)?;
    Ok((model, told))
}

fn tell(args: &PredictArgs, model: &TrainedModel, told: &Counts, console: Console) -> anyhow::Result<()> {
    if let Some(out) = args.output.file().filter(|out| !out.is_dir()) {
        console.say(format_args!("{} rows in {}", told.rows, out.display()));
    }
    match (&model.calibrated_with, model.predictor.calibration()) {
        (Some(with), Some(calibration)) if model.targets.len() == 1 => {
            let n = calibration.len();
            console.say(format_args!(
                "set: calibrated to contain {} of the labels, with {n} rows of {with}",
                args.coverage
            ));
            if calibration.tail_mass(args.coverage) == 0.0 {
                console.warn(format_args!(
                    "{n} rows are too few to calibrate sets of {}: the sets are unbounded",
                    args.coverage
                ));
            }
        }
        (None, _) => console.say(format_args!(
            "set: not calibrated; `ebm calibrate {}` makes it hold as many labels as it states",
            args.run.display()
        )),
        _ => {}
    }
    if told.beyond > 0 {
        console.warn(format_args!(
            "{} of {} rows lie outside the range of the training data: column `beyond` names the columns",
            told.beyond, told.rows
        ));
    }
    if told.far > 0 {
        console.warn(format_args!(
            "{} of {} rows are farther from the training rows than any of those: their `distance` is above 1, and no \
             coverage is claimed for their sets",
            told.far, told.rows
        ));
    }
    if told.unreliable > 0 {
        let message = format!(
            "{} of {} predictions are unreliable: a distance above 1, an effective sample share below {ESS_SHARE_LIMIT}, a \
             Pareto k above {PARETO_K_LIMIT}, a label weight above {LABEL_WEIGHT_LIMIT}, a median far beyond the training \
             labels, a mean ruled by values beyond them, or not finite; stay near the training inputs, or train longer",
            told.unreliable, told.rows
        );
        if args.unreliable == Unreliable::Fail {
            return Err(failure(Exit::Unreliable, message));
        }
        console.warn(message);
    }
    Ok(())
}
