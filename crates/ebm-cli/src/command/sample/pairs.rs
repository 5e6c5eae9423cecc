//! Samples of a model of pairs or of a 1D task.

use burn::tensor::Device;
use ebm_core::predict::{CHUNK, predict};
use ebm_core::{Noise, Purpose};

use crate::cli::predict::SampleArgs;
use crate::command::input::{column, config, inputs};
use crate::console::Console;
use crate::prediction_writer::cell::Cell;
use crate::run::model;

/// Schema of a line of JSON.
pub(super) const SCHEMA: &str = "ebm.sample/1";

pub(super) fn run(args: &SampleArgs, device: &Device, console: Console) -> anyhow::Result<()> {
    let loaded = model::load(&args.run, device)?;
    loaded.must_be_scalar("sample")?;
    let config = config(&args.sampling, &loaded.about);
    let x = inputs(&args.input)?;
    args.output.to(console)?.write(SCHEMA, |rows| {
        for (chunk, x) in x.chunks(CHUNK).enumerate() {
            let mut noise = Noise::new(args.sampling.seed, Purpose::Prediction, 0, chunk);
            let predictives = predict(&loaded.model, column(x, device), &config, &mut noise);
            for (x, predictive) in x.iter().zip(&predictives) {
                for y in predictive.sample(args.n, &mut noise) {
                    rows.row(
                        &[("x", x), ("y", &y)].map(|(name, &value)| (name.to_owned(), Cell::Number(Some(value)))),
                    )?;
                }
            }
        }
        Ok(())
    })
}
