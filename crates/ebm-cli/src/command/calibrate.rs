//! `ebm calibrate`

use anyhow::Context;
use ebm_core::evaluate::LEVELS;
use ebm_core::{Calibration, Predictor};
use ebm_data::table::Part;
use serde_json::json;

use crate::cli::user_data::CalibrateArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::output::{print, print_json};
use crate::run::calibration::CalibrationRecord;
use crate::run::document::Document;
use crate::user_data::model;
use crate::user_data::rows::RowsOf;

pub fn run(args: &CalibrateArgs, console: Console) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let Some(model) = model::open(&args.run, &device, args.sampling.m, args.sampling.seed)? else {
        let message = "only models of a table or of images are calibrated: `ebm train TABLE --target COLUMN` makes one";
        return Err(failure(Exit::Usage, message));
    };
    let (of, source) = match &args.file {
        Some(file) => {
            (RowsOf::File { file, labels: args.labels.as_deref() }, std::path::absolute(file)?.display().to_string())
        }
        None => (
            RowsOf::Part(&args.run, Part::Calibration),
            format!("the calibration part of {}", model.data.source.name()),
        ),
    };
    let outsides = model.in_labelled(of, console, Predictor::outsides)?;
    let calibration = Calibration::of(outsides)?;
    let record = CalibrationRecord { model: model.sha256.clone(), source: source.clone(), calibration };
    record.write(&args.run).context("keeping the calibration")?;
    let calibration = record.calibration;
    if console.json {
        let levels: Vec<_> = LEVELS
            .iter()
            .map(|&coverage| json!({ "coverage": coverage, "outside": calibration.outside(coverage) }))
            .collect();
        return print_json(&json!({
            "schema": CalibrationRecord::SCHEMA, "rows": calibration.len(), "source": source, "levels": levels
        }));
    }
    let mut text = format!("calibrated with {} rows of {source}\n", calibration.len());
    for coverage in LEVELS {
        let outside = calibration.outside(coverage);
        text += &match outside {
            0.0 => format!("  to contain {coverage} of the labels, a set must be unbounded: too few rows\n"),
            _ => format!("  to contain {coverage} of the labels, a set needs the level {:.4}\n", 1.0 - outside),
        };
    }
    print(text)
}
