//! What a model is trained on, and what its run keeps of it.

use std::path::Path;
use std::sync::Arc;

use ebm_core::{Dataset, Labelled, Reach, Subset};
use ebm_data::run_file::{Encoding, ReachRecord};

use crate::run::document::Document;
use crate::run::record::DataRecord;
use crate::run::split::SplitRecord;

/// Training data of any kind.
pub struct TrainingData {
    /// The examples.
    pub examples: Box<dyn Dataset + Send + Sync>,
    /// Held out to choose the model by; nothing where the last one is kept.
    pub validation: Option<Box<dyn Dataset + Send + Sync>>,
    /// What `run.json` says of them.
    pub record: DataRecord,
    /// Which stored examples belong to which part, where they were split.
    pub split: Option<SplitRecord>,
    /// How the user's data are encoded.
    pub encoding: Option<Encoding>,
    /// The examples in folds, for an ensemble.
    pub folded: Option<Folded>,
    /// How far the inputs reach; nothing for images.
    pub reach: Option<Reach>,
}

/// Examples in folds.
#[derive(Clone)]
pub struct Folded {
    /// All of them.
    pub all: Arc<Labelled>,
    /// The fold of each.
    pub fold: Vec<usize>,
    /// The line of each in its file.
    pub lines: Vec<u64>,
}

impl Folded {
    /// How many folds there are.
    pub fn folds(&self) -> usize {
        self.fold.iter().max().map_or(0, |last| last + 1)
    }

    /// The rows of a fold, or those of all others.
    pub fn rows(&self, fold: usize, is_held_out: bool) -> Vec<usize> {
        (0..self.fold.len()).filter(|&row| (self.fold[row] == fold) == is_held_out).collect()
    }

    /// The held-out rows of a fold.
    pub fn held_out(&self, fold: usize) -> Subset<Labelled> {
        Subset::new(Arc::clone(&self.all), self.rows(fold, true))
    }

    /// Inputs and labels of some rows, row by row.
    pub fn of_rows(&self, rows: &[usize]) -> (Vec<f32>, Vec<f64>) {
        let (width, dimensions) = (self.all.input_width(), self.all.target_width());
        let inputs = rows.iter().flat_map(|row| &self.all.inputs()[row * width..][..width]).copied();
        let labels = rows.iter().flat_map(|row| &self.all.labels()[row * dimensions..][..dimensions]).copied();
        (inputs.collect(), labels.collect())
    }

    /// The training data of a member: all folds but one, and that one to choose the model by.
    pub fn member(&self, fold: usize, whole: &TrainingData) -> TrainingData {
        let (train, held_out) = (Subset::new(Arc::clone(&self.all), self.rows(fold, false)), self.held_out(fold));
        let DataRecord { source, target_range, .. } = whole.record.clone();
        let record = DataRecord { source, fingerprint: train.fingerprint(), examples: train.len(), target_range };
        TrainingData {
            examples: Box::new(train),
            validation: Some(Box::new(held_out)),
            record,
            split: None,
            encoding: whole.encoding.clone(),
            folded: None,
            reach: None,
        }
    }
}

impl TrainingData {
    /// Writes what a run keeps of its data beside its record.
    pub fn write(&self, run: &Path) -> anyhow::Result<()> {
        if let Some(split) = &self.split {
            split.write(run)?;
        }
        match &self.reach {
            Some(reach) => ReachRecord { reach: reach.clone() }.write(run),
            None => Ok(()),
        }
    }

    /// Examples alone, whose targets are `targets`.
    pub fn new(examples: impl Dataset + Send + Sync + 'static, source: String, targets: &[f64]) -> Self {
        let record = DataRecord {
            source,
            fingerprint: examples.fingerprint(),
            examples: examples.len(),
            target_range: range(targets),
        };
        Self {
            examples: Box::new(examples),
            validation: None,
            record,
            split: None,
            encoding: None,
            folded: None,
            reach: None,
        }
    }
}

/// The smallest and the largest value.
fn range(values: &[f64]) -> [f64; 2] {
    values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], &y| [low.min(y), high.max(y)])
}
