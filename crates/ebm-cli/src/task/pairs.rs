//! The user's pairs of numbers, in the units that they are in.

use std::path::Path;

use ebm_core::{Dataset, Examples, Grid, Reach};
use ebm_data::{Pairs, read_pairs};

use super::evaluation::Evaluation;
use crate::exit::{Exit, failure};
use crate::experiment::task::Toy;
use crate::run::record::{DataRecord, Record};
use crate::training_data::TrainingData;

/// The training data in a file of pairs.
///
/// # Errors
/// When it cannot be read.
pub fn training_data(file: &Path) -> anyhow::Result<TrainingData> {
    let pairs = read_pairs(file)?;
    let source = std::path::absolute(file)?.display().to_string();
    Ok(of_pairs(&pairs, source))
}

/// Pairs of numbers as training data.
pub fn of_pairs(pairs: &Pairs, source: String) -> TrainingData {
    let inputs: Vec<f32> = pairs.x.iter().map(|&x| x as f32).collect();
    TrainingData { reach: Reach::fit(&inputs, 1), ..TrainingData::new(Examples::from(pairs), source, &pairs.y) }
}

/// The training pairs of a run, from its file or its task.
///
/// # Errors
/// When they cannot be read, or have changed since.
pub fn of_run(record: &Record) -> anyhow::Result<Pairs> {
    let DataRecord { source, fingerprint, .. } = &record.data;
    let pairs = match Toy::ALL.into_iter().find(|toy| toy.name() == source) {
        Some(toy) => toy.train(),
        None => read_pairs(Path::new(source))?,
    };
    if Examples::from(&pairs).fingerprint() != *fingerprint {
        return Err(failure(Exit::Data, format!("{source} has changed since the run was trained on it")));
    }
    Ok(pairs)
}

/// The error of a run of the user's pairs that is asked for test examples.
pub fn no_test_examples() -> anyhow::Error {
    failure(Exit::Usage, "this run was trained on your own file: give a file of examples held out from it")
}

/// The evaluation on pairs of which only a range is known: grids reach half its length beyond either end.
pub fn evaluation(test: &Pairs, [low, high]: [f64; 2]) -> Evaluation {
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
fn widened([low, high]: [f64; 2]) -> [f64; 2] {
    let margin = if high > low { 0.5 * (high - low) } else { 1.0 };
    [low - margin, high + margin]
}

/// A range of some length: one unit either side of a single value.
pub fn range_of([low, high]: [f64; 2]) -> [f64; 2] {
    if high > low { [low, high] } else { widened([low, high]) }
}
