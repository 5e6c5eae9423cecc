//! The tasks: their data, grids and truth.

use std::path::Path;

use ebm_core::{Dataset as _, Examples, Grid, linspace};
use ebm_data::toy::{toy_1, toy_2};
use ebm_data::{Pairs, read_pairs};

use crate::command::How;
use crate::experiment::{Dataset, Experiment};
use crate::own::{self, OwnRecord};
use crate::run_folder::{DataRecord, Record};

pub mod images;

pub use images::{Images, Split, images};

/// Training data as it is used, and what to record of it.
pub struct TrainingData {
    /// The examples.
    pub examples: Box<dyn ebm_core::Dataset>,
    /// Held out to choose the model by; nothing where the last one is kept.
    pub validation: Option<Box<dyn ebm_core::Dataset>>,
    /// What `run.json` says of them.
    pub record: DataRecord,
    /// Which of the stored examples are trained and which tested on, where a file was split.
    pub split: Option<serde_json::Value>,
    /// What the model needs to know of inputs and targets that are the user's own.
    pub own: Option<OwnRecord>,
}

/// The training data of an experiment, or of a file instead of it.
pub fn training_data(experiment: &Experiment, file: Option<&Path>, how: How) -> anyhow::Result<TrainingData> {
    if let Some(own) = &experiment.own {
        return own::training_data(own, how);
    }
    if let Some(source) = &experiment.images {
        let Images { train, about, split, .. } = images(experiment.dataset, source, how)?;
        let record = DataRecord {
            source: about,
            fingerprint: train.fingerprint(),
            examples: train.len(),
            target_range: range(&(0..train.len()).flat_map(|row| train.label(row).to_vec()).collect::<Vec<_>>()),
        };
        let split = split.map(serde_json::to_value).transpose()?;
        return Ok(TrainingData { examples: Box::new(train), validation: None, record, split, own: None });
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
    Ok(TrainingData { examples: Box::new(examples), validation: None, record, split: None, own: None })
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
    /// What is known of the density that the data were drawn from.
    pub truth: Option<Truth>,
}

/// A known density of the target given the input.
pub struct Truth {
    /// `−log p(y_i|x_i)` of every test example, nats.
    pub test_nll: Vec<f64>,
    /// Where the divergence of the model from it is averaged, if it is.
    pub kl: Option<KlInputs>,
}

/// Inputs with the known density of a scalar target at each.
pub struct KlInputs {
    /// The inputs; their targets are ignored.
    pub inputs: Box<dyn ebm_core::Dataset>,
    /// `log p(y|x_i)` of `(i, y)`, in nats.
    pub log_density: Box<dyn Fn(usize, f64) -> f64>,
}

/// The paper's evaluation of a task. Toy 1 has no published test set: ours is a draw with the seed after the training
/// set's. `None` for a user's file: there is only what the user gives.
///
/// # Errors
/// When images cannot be read or generated.
pub fn evaluation(experiment: &Experiment, how: How) -> anyhow::Result<Option<Evaluation>> {
    let dataset = experiment.dataset;
    if let Some(source) = &experiment.images {
        return images::evaluation(dataset, source, how).map(Some);
    }
    Ok(match dataset {
        Dataset::Toy1 => {
            let inputs = linspace(-3.0, 3.0, 2048);
            let kl = KlInputs {
                inputs: Box::new(Examples::from_pairs(&inputs, &vec![0.0; inputs.len()])),
                log_density: Box::new(move |row, y| toy_1::log_density(inputs[row], y)),
            };
            let test = toy_1::train(toy_1::SEED + 1);
            let grids = (Grid::line(-3.0, 3.0, 2048), Grid::fine(-3.0, 3.0, 8192, 1));
            Some(scalar(&test, grids, toy_1::log_density, Some(kl)))
        }
        Dataset::Toy2 => {
            let grids = (Grid::line(-12.5, 12.5, 8192), Grid::fine(-12.5, 12.5, 32_768, 1));
            Some(scalar(&toy_2::published().test, grids, toy_2::log_density, None))
        }
        _ => None,
    })
}

/// The true `log p(y|x)` of `(x, y)` in nats, where the input is a scalar and it is known.
pub fn scalar_truth(dataset: Dataset) -> Option<fn(f64, f64) -> f64> {
    match dataset {
        Dataset::Toy1 => Some(toy_1::log_density),
        Dataset::Toy2 => Some(toy_2::log_density),
        _ => None,
    }
}

fn scalar(
    test: &Pairs,
    (grid, fine): (Grid, Grid),
    log_density: fn(f64, f64) -> f64,
    kl: Option<KlInputs>,
) -> Evaluation {
    let test_nll = test.x.iter().zip(&test.y).map(|(&x, &y)| -log_density(x, y)).collect();
    Evaluation { test: Box::new(Examples::from(test)), grid, fine: Some(fine), truth: Some(Truth { test_nll, kl }) }
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
