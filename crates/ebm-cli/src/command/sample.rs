//! `ebm sample`

use ebm_core::{Noise, Purpose};
use ebm_data::table::Targets;

use crate::cli::predict::SampleArgs;
use crate::console::Console;
use crate::prediction_writer::cell::Cell;
use crate::trained;
use crate::trained::finite::is_finite;

/// Schema of a line of JSON.
const SCHEMA: &str = "ebm.sample/1";

pub fn run(args: &SampleArgs, console: Console) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let model = trained::open(&args.run, &device, args.sampling.m, args.sampling.seed)?;
    let on_missing = args.on_missing.map_or(model.on_missing(), Into::into);
    let of = args.input.rows(None);
    args.output.to(&model.reads(of), console)?.write(SCHEMA, |written| {
        let mut first = 0;
        for rows in model.rows(of, Targets::Ignored, on_missing, console)? {
            let rows = rows?;
            let predictions = model.predictor.predict(first, &rows.inputs);
            if first == 0 && !predictions.iter().any(is_finite) {
                return Err(rows.not_finite());
            }
            for (row, prediction) in predictions.iter().enumerate() {
                let noise = &mut Noise::new(args.sampling.seed, Purpose::Prediction, 3, first + row);
                for sample in prediction.sample(args.n, noise).chunks(model.targets.len()) {
                    let targets = model.targets.iter().zip(sample);
                    let mut cells = vec![Cell::place(&rows.places[row])];
                    cells.extend(targets.map(|(name, &y)| (name.clone(), Cell::finite(y))));
                    written.row(&cells)?;
                }
            }
            first += rows.places.len();
        }
        Ok(())
    })
}
