//! `ebm sample`

mod own;

use ebm_core::predict::{CHUNK, predict};
use ebm_core::{Noise, Purpose};

use super::How;
use super::input::{column, config, inputs};
use crate::answers::{Cell, write};
use crate::cli::SampleArgs;
use crate::load;

/// Schema of a line of JSON.
const SCHEMA: &str = "ebm.sample/1";

pub fn run(args: &SampleArgs, how: How) -> anyhow::Result<()> {
    if let Some(model) = crate::own::open(&args.run, &args.sampling)? {
        return own::run(args, &model, how);
    }
    let device = args.sampling.device.open()?;
    let loaded = load::model(&args.run, &device)?;
    loaded.must_be_scalar("sample")?;
    let config = config(&args.sampling, &loaded.about);
    let x = inputs(&args.input)?;
    write(&args.output, SCHEMA, how, |answers| {
        for (chunk, x) in x.chunks(CHUNK).enumerate() {
            let mut noise = Noise::new(args.sampling.seed, Purpose::Prediction, 0, chunk);
            let predictives = predict(&loaded.model, column(x, &device), &config, &mut noise);
            for (x, predictive) in x.iter().zip(&predictives) {
                for y in predictive.sample(args.n, &mut noise) {
                    answers.row(
                        &[("x", x), ("y", &y)].map(|(name, &value)| (name.to_owned(), Cell::Number(Some(value)))),
                    )?;
                }
            }
        }
        Ok(())
    })
}
