//! `ebm calibrate`

use ebm_core::Calibration;
use ebm_core::evaluate::LEVELS;
use ebm_data::table::{Part, Targets};
use serde_json::json;

use super::How;
use super::evaluate::labelled;
use crate::cli::CalibrateArgs;
use crate::exit::{Exit, failure};
use crate::output::{print, print_json};
use crate::own::{self, RowsOf, keep_calibration, rows_of};
use crate::progress::counter_of_rows;

pub fn run(args: &CalibrateArgs, how: How) -> anyhow::Result<()> {
    let Some(model) = own::open(&args.run, &args.sampling)? else {
        let message = "only models of your own data are calibrated: `ebm train TABLE --target COLUMN` makes one";
        return Err(failure(Exit::Usage, message));
    };
    let (of, source) = match &args.file {
        Some(file) => {
            (RowsOf::File { file, labels: args.labels.as_deref() }, std::path::absolute(file)?.display().to_string())
        }
        None => (
            RowsOf::Part(&args.run, Part::Calibration),
            format!("the part of {} kept for it", model.data.source.name()),
        ),
    };
    let bar = counter_of_rows(how.quiet);
    let mut outsides = Vec::new();
    for rows in rows_of(&model, of, Targets::Required, model.data.on_missing)? {
        outsides.extend(model.predictor.outsides(outsides.len(), &labelled(&model, rows?)?));
        bar.set_position(outsides.len() as u64);
    }
    bar.finish_and_clear();
    let calibration = Calibration::of(outsides)?;
    keep_calibration(&args.run, &model, calibration.clone(), source.clone())?;
    if how.json {
        let levels: Vec<_> = LEVELS
            .iter()
            .map(|&coverage| json!({ "coverage": coverage, "outside": calibration.outside(coverage) }))
            .collect();
        return print_json(&json!({
            "schema": "ebm.calibrated/1", "rows": calibration.len(), "source": source, "levels": levels
        }));
    }
    let mut text = format!("calibrated with {} rows of {source}\n", calibration.len());
    for coverage in LEVELS {
        let outside = calibration.outside(coverage);
        text += &match outside {
            0.0 => format!("  to hold {coverage} of labels, a set must hold everything: too few rows\n"),
            _ => format!("  to hold {coverage} of labels, a set needs the level {:.4}\n", 1.0 - outside),
        };
    }
    print(text)
}
