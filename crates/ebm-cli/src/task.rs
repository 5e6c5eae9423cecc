//! The 1D tasks: their data, grids and truth.

use std::path::Path;

use ebm_core::{Dataset as _, Examples, Grid, linspace};
use ebm_data::toy::{toy_1, toy_2};
use ebm_data::{Pairs, read_pairs};

use crate::experiment::Dataset;
use crate::run_folder::{DataRecord, Record};

/// Training data as it is used, and what to record of it.
#[derive(Debug)]
pub struct TrainingData {
    /// The examples.
    pub examples: Examples,
    /// What `run.json` says of them.
    pub record: DataRecord,
}

/// The training data of a data set, or of a file instead of it.
pub fn training_data(dataset: Dataset, file: Option<&Path>) -> anyhow::Result<TrainingData> {
    let (pairs, source) = match (file, dataset) {
        (Some(file), _) => (read_pairs(file)?, std::path::absolute(file)?.display().to_string()),
        (None, Dataset::Toy1) => (toy_1::train(toy_1::SEED), "toy_1".to_owned()),
        (None, Dataset::Toy2) => (toy_2::published().train, "toy_2".to_owned()),
        (None, Dataset::File) => {
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
    Ok(TrainingData { examples, record })
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

/// What a model is evaluated on.
pub struct Evaluation {
    /// Examples held out from training.
    pub test: Box<dyn ebm_core::Dataset>,
    /// The paper's grid over the target, on which densities are normalised.
    pub grid: Grid,
    /// A finer one on the same range, where quadrature converges, if that can be afforded.
    pub fine: Option<Grid>,
    /// The density that the data were drawn from, where it is known.
    pub truth: Option<Truth>,
}

/// A known density of a scalar target given a scalar input.
#[derive(Debug, Clone)]
pub struct Truth {
    /// `log p(y|x)` of `(x, y)`, in nats.
    pub log_density: fn(f64, f64) -> f64,
    /// Inputs at which the KL divergence to the truth is averaged, where the paper does that.
    pub kl_inputs: Option<Vec<f64>>,
}

/// The paper's evaluation of a task. Toy 1 has no published test set: ours is a draw with the seed after the training
/// set's. `None` for a file: there is only what the user gives.
pub fn evaluation(dataset: Dataset) -> Option<Evaluation> {
    let test = |pairs: &Pairs| Box::new(Examples::from(pairs));
    match dataset {
        Dataset::Toy1 => Some(Evaluation {
            test: test(&toy_1::train(toy_1::SEED + 1)),
            grid: Grid::line(-3.0, 3.0, 2048),
            fine: Some(Grid::fine(-3.0, 3.0, 8192, 1)),
            truth: Some(Truth { log_density: toy_1::log_density, kl_inputs: Some(linspace(-3.0, 3.0, 2048)) }),
        }),
        Dataset::Toy2 => Some(Evaluation {
            test: test(&toy_2::published().test),
            grid: Grid::line(-12.5, 12.5, 8192),
            fine: Some(Grid::fine(-12.5, 12.5, 32_768, 1)),
            truth: Some(Truth { log_density: toy_2::log_density, kl_inputs: None }),
        }),
        Dataset::File => None,
    }
}

/// The evaluation on examples of which only a range is known: grids reach half its length beyond either end.
pub fn evaluation_on(test: &Pairs, [low, high]: [f64; 2]) -> Evaluation {
    let low = test.y.iter().copied().fold(low, f64::min);
    let high = test.y.iter().copied().fold(high, f64::max);
    let [low, high] = widened([low, high]);
    Evaluation {
        test: Box::new(Examples::from(test)),
        grid: Grid::line(low, high, 4096),
        fine: Some(Grid::fine(low, high, 16_384, 1)),
        truth: None,
    }
}

/// The range and half its length beyond either end; one unit either side of a single value.
pub fn widened([low, high]: [f64; 2]) -> [f64; 2] {
    let margin = if high > low { 0.5 * (high - low) } else { 1.0 };
    [low - margin, high + margin]
}
