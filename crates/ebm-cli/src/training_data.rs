//! What a model is trained on, and what its run keeps of it.

use ebm_core::Dataset;

use crate::run::model::Encoding;
use crate::run::record::DataRecord;
use crate::run::split::SplitRecord;

/// Training data of any kind.
pub struct TrainingData {
    /// The examples.
    pub examples: Box<dyn Dataset>,
    /// Held out to choose the model by; nothing where the last one is kept.
    pub validation: Option<Box<dyn Dataset>>,
    /// What `run.json` says of them.
    pub record: DataRecord,
    /// Which stored examples belong to which part, where they were split.
    pub split: Option<SplitRecord>,
    /// How the user's data are encoded.
    pub encoding: Option<Encoding>,
}

impl TrainingData {
    /// Examples alone, whose targets are `targets`.
    pub fn new(examples: impl Dataset + 'static, source: String, targets: &[f64]) -> Self {
        let record = DataRecord {
            source,
            fingerprint: examples.fingerprint(),
            examples: examples.len(),
            target_range: range(targets),
        };
        Self { examples: Box::new(examples), validation: None, record, split: None, encoding: None }
    }
}

/// The smallest and the largest value.
fn range(values: &[f64]) -> [f64; 2] {
    values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], &y| [low.min(y), high.max(y)])
}
