//! Inputs to predict at, in chunks.

use burn::tensor::{Device, Tensor, TensorData};
use ebm_core::Grid;
use ebm_core::predict::PredictConfig;
use ebm_data::{Pairs, read_inputs, read_pairs};

use crate::cli::predict::InputArgs;
use crate::cli::sampling::SamplingArgs;
use crate::exit::{Exit, failure};
use crate::run::model::ModelRecord;
use crate::task::pairs::widened;

/// The inputs of the arguments.
pub fn inputs(args: &InputArgs) -> anyhow::Result<Vec<f64>> {
    match (&args.x, &args.file) {
        (Some(x), _) => match x.iter().find(|&&x| !(x as f32).is_finite()) {
            Some(x) => {
                let message = format!("--x {x:e} is not a finite number of 32 bits");
                Err(failure(Exit::Usage, message))
            }
            None => Ok(x.clone()),
        },
        (None, Some(file)) => Ok(read_inputs(file)?),
        (None, None) => unreachable!("clap requires one of them"),
    }
}

/// The inputs and targets of the file.
pub fn inputs_and_targets(args: &InputArgs) -> anyhow::Result<Pairs> {
    Ok(read_pairs(args.file.as_deref().expect("clap requires the file"))?)
}

/// A column `[values, 1]`.
pub fn column(values: &[f64], device: &Device) -> Tensor<2> {
    let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
    let rows = values.len();
    Tensor::from_data(TensorData::new(values, [rows, 1]), device)
}

/// Predict with as many candidates as asked for; integrate around the training targets where there is no proposal.
pub fn config(sampling: &SamplingArgs, about: &ModelRecord) -> PredictConfig {
    let [low, high] = widened(about.target_range);
    PredictConfig { m: sampling.m, grid: Grid::line(low, high, sampling.m) }
}
