//! `ebm sample`

mod pairs;
mod user_data;

use crate::cli::predict::SampleArgs;
use crate::console::Console;
use crate::user_data::model;

pub fn run(args: &SampleArgs, console: Console) -> anyhow::Result<()> {
    let device = args.sampling.device.open()?;
    match model::open(&args.run, &device, args.sampling.m, args.sampling.seed)? {
        Some(model) => user_data::run(args, &model, console),
        None => pairs::run(args, &device, console),
    }
}
