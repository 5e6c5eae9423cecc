//! Samples of the user's own targets.

use ebm_core::{Noise, Purpose};
use ebm_data::table::Targets;

use super::SCHEMA;
use crate::answers::{Cell, write};
use crate::cli::SampleArgs;
use crate::command::How;
use crate::exit::{Exit, failure};
use crate::own::{OwnModel, RowsOf, rows_of};

pub(super) fn run(args: &SampleArgs, model: &OwnModel, how: How) -> anyhow::Result<()> {
    let Some(file) = &args.input.file else {
        return Err(failure(Exit::Usage, "this model was trained on a table: give a file with its columns, not --x"));
    };
    let on_missing = args.on_missing.map_or(model.data.on_missing, Into::into);
    let dimensions = model.own.targets.len();
    write(&args.output, SCHEMA, how, |answers| {
        let mut first = 0;
        for rows in rows_of(model, RowsOf::File { file, labels: None }, Targets::Ignored, on_missing)? {
            let rows = rows?;
            for (row, prediction) in model.predictor.predict(first, &rows.inputs).iter().enumerate() {
                let noise = &mut Noise::new(args.sampling.seed, Purpose::Prediction, 3, first + row);
                for sample in prediction.sample(args.n, noise).chunks(dimensions) {
                    let targets = model.own.targets.iter().zip(sample);
                    let mut cells = vec![rows.places[row].cell()];
                    cells.extend(targets.map(|(name, &y)| (name.clone(), Cell::finite(y))));
                    answers.row(&cells)?;
                }
            }
            first += rows.places.len();
        }
        Ok(())
    })
}
