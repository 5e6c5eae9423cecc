//! `ebm sample`

use std::fmt::Write;

use ebm_core::predict::{CHUNK, predict};
use ebm_core::{Noise, Purpose};

use super::How;
use super::input::{column, config, inputs};
use crate::cli::SampleArgs;
use crate::load;
use crate::output::print;

pub fn run(args: &SampleArgs, how: How) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    let loaded = load::model(&args.run, &device)?;
    loaded.must_be_scalar("sample")?;
    let config = config(&args.sampling, &loaded.about);
    let x = inputs(&args.input)?;
    if !how.json {
        print("x,y\n")?;
    }
    for (chunk, x) in x.chunks(CHUNK).enumerate() {
        let mut noise = Noise::new(args.sampling.seed, Purpose::Prediction, 0, chunk);
        let predictives = predict(&loaded.model, column(x, &device), &config, &mut noise);
        for (x, predictive) in x.iter().zip(&predictives) {
            let samples = predictive.sample(args.n, &mut noise);
            let mut text = String::new();
            if how.json {
                writeln!(text, "{}", serde_json::json!({ "schema": "ebm.samples/1", "x": x, "y": samples }))?;
            } else {
                samples.iter().try_for_each(|y| writeln!(text, "{x},{y}"))?;
            }
            print(text)?;
        }
    }
    Ok(())
}
