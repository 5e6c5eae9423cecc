//! `ebm calibrate`

use anyhow::Context;
use ebm_core::Calibration;
use ebm_core::evaluate::LEVELS;
use ebm_data::run_file::{CalibrationRecord, RunFile};
use ebm_data::table::Part;
use serde_json::json;

use crate::cli::user_data::CalibrateArgs;
use crate::console::Console;
use crate::output::{print, print_json};
use crate::overlap::{self, Use};
use crate::rows::{RowsOf, not_finite};
use crate::run::document::Document;
use crate::trained;

pub fn run(args: &CalibrateArgs, console: Console) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let model = trained::open(&args.run, &device, args.sampling.m, args.sampling.seed)?;
    let of = RowsOf::file_or(args.file.as_deref(), args.labels.as_deref(), Part::Calibration);
    overlap::refuse(&model, of, Use::Calibration, args.allow_overlap, console)?;
    let source = match &args.file {
        Some(file) => std::path::absolute(file)?.display().to_string(),
        None => format!("the calibration part of {}", model.record.data.source),
    };
    let mut tail_masses = Vec::new();
    model.each(of, console, |predictor, first, rows, _| tail_masses.extend(predictor.tail_masses(first, rows)))?;
    if let Some(row) = tail_masses.iter().position(|tail_mass| tail_mass.is_nan()) {
        let rows = tail_masses.iter().filter(|tail_mass| tail_mass.is_nan()).count();
        return Err(not_finite(rows, &format_args!("row {} of those to calibrate with", row + 1)));
    }
    let calibration = Calibration::of(tail_masses)?;
    let record = CalibrationRecord { model: model.sha256.clone(), source: source.clone(), calibration };
    record.write(&args.run).context("keeping the calibration")?;
    let calibration = record.calibration;
    if console.json {
        let levels: Vec<_> = LEVELS
            .iter()
            .map(|&coverage| json!({ "coverage": coverage, "outside": calibration.tail_mass(coverage) }))
            .collect();
        return print_json(&json!({
            "schema": CalibrationRecord::SCHEMA, "rows": calibration.len(), "source": source, "levels": levels
        }));
    }
    let mut text = format!("calibrated with {} rows of {source}\n", calibration.len());
    for coverage in LEVELS {
        let outside = calibration.tail_mass(coverage);
        text += &match outside {
            0.0 => format!("  to contain {coverage} of the labels, a set must be unbounded: too few rows\n"),
            _ => format!("  to contain {coverage} of the labels, a set needs the level {:.4}\n", 1.0 - outside),
        };
    }
    print(text)
}
