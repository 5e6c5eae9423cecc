//! What is needed to use a trained model, as the JSON documents of a run folder have it.
//!
//! These are values alone. Who reads them from a disk or from memory checks digests, and that the document has the schema.

use ebm_core::io::weights::digest;
use ebm_core::{Calibration, ModelConfig, Reach, TargetSpace};
use serde::{Deserialize, Serialize};

use crate::table::{Schema, Split};

/// A document that has one place in a run folder.
pub trait RunFile {
    /// Its name.
    const FILE: &'static str;
    /// Its kind and version, the value of the key `schema`.
    const SCHEMA: &'static str;
}

/// `model.json`: what is needed to use `model.safetensors`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelRecord {
    /// Shape and method.
    pub model: ModelConfig,
    /// Where the targets of the training data lie.
    pub target_range: [f64; 2],
    /// Digest of `model.safetensors`; runs of older versions have none.
    #[serde(default)]
    pub sha256: Option<String>,
    /// How the user's data are encoded.
    #[serde(default, rename = "own", skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
}

impl RunFile for ModelRecord {
    const FILE: &'static str = "model.json";
    const SCHEMA: &'static str = "ebm.model/1";
}

/// How inputs and targets of the user's data become what the networks are given.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    /// The columns of the table; nothing where the inputs are images.
    pub schema: Option<Schema>,
    /// The names of the targets.
    pub targets: Vec<String>,
    /// How targets are standardised.
    pub space: TargetSpace,
}

impl Encoding {
    /// Whether it can belong to a model of these widths.
    pub fn fits(&self, input: usize, target: usize) -> bool {
        let schema = self.schema.as_ref();
        self.space.dimensions() == target
            && self.targets.len() == target
            && schema.is_none_or(|schema| schema.input_width() == input && schema.target_width() == target)
    }
}

/// `ensemble.json`: the members of an ensemble, their weights, and what is needed to use them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnsembleRecord {
    /// The members.
    pub members: Vec<EnsembleMember>,
    /// The power of the mean of their densities; 1 is the mixture, as in earlier releases.
    #[serde(default = "mixture", skip_serializing_if = "is_mixture")]
    pub power: f64,
    /// Where the targets of the training data lie.
    pub target_range: [f64; 2],
    /// How the user's data are encoded.
    pub encoding: Encoding,
    /// What the weights were chosen by.
    pub held_out: HeldOut,
}

fn mixture() -> f64 {
    1.0
}

fn is_mixture(power: &f64) -> bool {
    *power == mixture()
}

/// A member of an ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnsembleMember {
    /// Its run folder, within `members`.
    pub name: String,
    /// Name of its method; `trees` for boosted trees.
    pub method: String,
    /// The fold that it was not trained on, counted from 0.
    pub fold: usize,
    /// Its weight; the sum of all is 1.
    pub weight: f64,
    /// Mean negative log-likelihood of the rows of that fold, nats; nothing if it failed.
    pub nll: Option<f64>,
    /// Whether it was trained again with another seed, because the first network diverged or had not learned.
    #[serde(default)]
    pub restarted: bool,
    /// Why its weight is 0, if it diverged or is worse than the marginal density of the labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// Digest of its weights or trees; nothing if it has none.
    pub sha256: Option<String>,
}

/// The training rows, each predicted by the members that were not trained on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    /// How many.
    pub rows: usize,
    /// Mean negative log-likelihood of the members of each method, nats, in the order of the methods.
    pub nll_of_methods: Vec<Option<f64>>,
    /// That of the weighted mixture, nats.
    pub nll: f64,
    /// That of a Gaussian with the mean and the standard deviation of the other folds' labels, nats.
    pub nll_of_marginal: f64,
}

impl RunFile for EnsembleRecord {
    const FILE: &'static str = "ensemble.json";
    const SCHEMA: &'static str = "ebm.ensemble/1";
}

impl EnsembleRecord {
    /// Digest of the weights of all members, of their weights in the ensemble, and of the power.
    pub fn digest(&self) -> String {
        let of = |EnsembleMember { weight, sha256, .. }: &EnsembleMember| {
            format!("{weight} {}\n", sha256.as_deref().unwrap_or("-"))
        };
        let power = if is_mixture(&self.power) { String::new() } else { format!("power {}\n", self.power) };
        digest((self.members.iter().map(of).collect::<String>() + &power).as_bytes())
    }

    /// Numbers in an encoded row of the table.
    pub fn input_width(&self) -> Option<usize> {
        self.encoding.schema.as_ref().map(Schema::input_width)
    }
}

/// `calibration.json`: held-out scores, and the model that they belong to.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibrationRecord {
    /// Digest of the model it belongs to.
    pub model: Option<String>,
    /// The examples it was made with.
    pub source: String,
    /// The scores.
    pub calibration: Calibration,
}

impl RunFile for CalibrationRecord {
    const FILE: &'static str = "calibration.json";
    const SCHEMA: &'static str = "ebm.calibrated/1";
}

/// `reach.json`: some training inputs, to tell how far from them a model is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReachRecord {
    /// The inputs, standardised as the model reads them.
    pub reach: Reach,
}

impl RunFile for ReachRecord {
    const FILE: &'static str = "reach.json";
    const SCHEMA: &'static str = "ebm.reach/1";
}

/// `split.json` of a table.
impl RunFile for Split {
    const FILE: &'static str = "split.json";
    const SCHEMA: &'static str = "ebm.table_split/1";
}
