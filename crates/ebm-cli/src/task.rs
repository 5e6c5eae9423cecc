//! The 1D tasks: their data, grids and truth.

use std::path::Path;

use ebm_core::{Dataset as _, Examples, linspace};
use ebm_data::toy::{toy_1, toy_2};
use ebm_data::{Pairs, read_pairs};

use crate::command::How;
use crate::experiment::{Dataset, Experiment};
use crate::run_folder::{DataRecord, Record};

pub mod images;

pub use images::{Images, Split, images};

/// Training data as it is used, and what to record of it.
#[derive(Debug)]
pub struct TrainingData {
    /// The examples.
    pub examples: Box<dyn ebm_core::Dataset>,
    /// What `run.json` says of them.
    pub record: DataRecord,
    /// Which of the stored examples are trained and which tested on, where a file was split.
    pub split: Option<Split>,
}

/// The training data of an experiment, or of a file instead of it.
pub fn training_data(experiment: &Experiment, file: Option<&Path>, how: How) -> anyhow::Result<TrainingData> {
    if let Some(source) = &experiment.images {
        let Images { train, about, split, .. } = images(experiment.dataset, source, how)?;
        let record = DataRecord {
            source: about,
            fingerprint: train.fingerprint(),
            examples: train.len(),
            target_range: range(&(0..train.len()).flat_map(|row| train.label(row).to_vec()).collect::<Vec<_>>()),
        };
        return Ok(TrainingData { examples: Box::new(train), record, split });
    }
    let dataset = experiment.dataset;
    let (pairs, source) = match (file, dataset) {
        (Some(file), _) => (read_pairs(file)?, std::path::absolute(file)?.display().to_string()),
        (None, Dataset::Toy1) => (toy_1::train(toy_1::SEED), "toy_1".to_owned()),
        (None, Dataset::Toy2) => (toy_2::published().train, "toy_2".to_owned()),
        (None, _) => {
            return Err(crate::exit::failure(
                crate::exit::Exit::Usage,
                "dataset = \"file\" needs the file: --train-file FILE.csv",
            ));
        }
    };
    let examples = Examples::from(&pairs);
    let record = DataRecord {
        source,
        fingerprint: examples.fingerprint(),
        examples: examples.len(),
        target_range: range(&pairs.y),
    };
    Ok(TrainingData { examples: Box::new(examples), record, split: None })
}

/// The training examples of a run, as long as they are where they were and what they were.
pub fn training_pairs(record: &Record) -> anyhow::Result<Pairs> {
    let DataRecord { source, fingerprint, .. } = &record.data;
    let pairs = match source.as_str() {
        "toy_1" => toy_1::train(toy_1::SEED),
        "toy_2" => toy_2::published().train,
        file => read_pairs(Path::new(file))?,
    };
    if Examples::from(&pairs).fingerprint() != *fingerprint {
        let message = format!("{source} has changed since the run was trained on it");
        return Err(crate::exit::failure(crate::exit::Exit::Data, message));
    }
    Ok(pairs)
}

fn range(values: &[f64]) -> [f64; 2] {
    let fold = |f: fn(f64, f64) -> f64| values.iter().copied().reduce(f).expect("there are examples");
    [fold(f64::min), fold(f64::max)]
}

/// What a data set is evaluated on.
#[derive(Debug)]
pub struct Evaluation {
    /// Examples held out from training.
    pub test: Pairs,
    /// The grid over the target on which densities are normalised.
    pub grid: Vec<f64>,
    /// The true `log p(y|x)` in nats, where it is known.
    pub truth: Option<fn(f64, f64) -> f64>,
    /// Inputs at which the KL divergence to the truth is averaged, where the paper does that.
    pub kl_inputs: Option<Vec<f64>>,
}

/// The paper's evaluation of a task. Toy 1 has no published test set: ours is a draw with the seed after the training
/// set's. `None` for a file: there is only what the user gives.
pub fn evaluation(dataset: Dataset) -> Option<Evaluation> {
    match dataset {
        Dataset::Toy1 => Some(Evaluation {
            test: toy_1::train(toy_1::SEED + 1),
            grid: linspace(-3.0, 3.0, 2048),
            truth: Some(toy_1::log_density),
            kl_inputs: Some(linspace(-3.0, 3.0, 2048)),
        }),
        Dataset::Toy2 => Some(Evaluation {
            test: toy_2::published().test,
            grid: linspace(-12.5, 12.5, 8192),
            truth: Some(toy_2::log_density),
            kl_inputs: None,
        }),
        Dataset::File => None,
    }
}

/// A grid for data of which only a range is known: half its length beyond either end.
pub fn grid_around([low, high]: [f64; 2], points: usize) -> Vec<f64> {
    let [low, high] = widened([low, high]);
    linspace(low, high, points)
}

/// The range and half its length beyond either end; one unit either side of a single value.
pub fn widened([low, high]: [f64; 2]) -> [f64; 2] {
    let margin = if high > low { 0.5 * (high - low) } else { 1.0 };
    [low - margin, high + margin]
}
