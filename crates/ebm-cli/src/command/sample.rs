//! `ebm sample`

use ebm_core::{Noise, Purpose};
use ebm_data::table::Targets;

use crate::cli::predict::SampleArgs;
use crate::console::Console;
use crate::prediction_writer::cell::Cell;
use crate::trained;

/// Schema of a line of JSON.
const SCHEMA: &str = "ebm.sample/1";

pub fn run(args: &SampleArgs, console: Console) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let model = trained::open(&args.run, &device, args.sampling.m, args.sampling.seed)?;
    let on_missing = args.on_missing.map_or(model.on_missing(), Into::into);
    args.output.to(console)?.write(SCHEMA, |written| {
        let mut first = 0;
        for rows in model.rows(args.input.rows(None), Targets::Ignored, on_missing, console)? {
            let rows = rows?;
            for (row, prediction) in model.predictor.predict(first, &rows.inputs).iter().enumerate() {
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
