//! Samples of the user's targets, in their units.

use ebm_core::{Noise, Purpose};
use ebm_data::table::Targets;

use super::pairs::SCHEMA;
use crate::cli::predict::SampleArgs;
use crate::console::Console;
use crate::exit::{Exit, failure};
use crate::prediction_writer::cell::Cell;
use crate::user_data::model::UserModel;
use crate::user_data::rows::RowsOf;

pub(super) fn run(args: &SampleArgs, model: &UserModel, console: Console) -> anyhow::Result<()> {
    let Some(file) = &args.input.file else {
        return Err(failure(Exit::Usage, "this model was trained on a table: give a file with its columns, not --x"));
    };
    let on_missing = args.on_missing.map_or(model.data.on_missing, Into::into);
    let dimensions = model.encoding.targets.len();
    args.output.to(console)?.write(SCHEMA, |written| {
        let mut first = 0;
        for rows in model.rows(RowsOf::File { file, labels: None }, Targets::Ignored, on_missing)? {
            let rows = rows?;
            for (row, prediction) in model.predictor.predict(first, &rows.inputs).iter().enumerate() {
                let noise = &mut Noise::new(args.sampling.seed, Purpose::Prediction, 3, first + row);
                for sample in prediction.sample(args.n, noise).chunks(dimensions) {
                    let targets = model.encoding.targets.iter().zip(sample);
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
