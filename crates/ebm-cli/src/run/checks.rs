//! What was seen of a model right after its training. A part of `run.json`.

use serde::{Deserialize, Serialize};

/// A look at a trained model on some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checks {
    /// `validation`, or `training` where no rows were held out.
    pub part: String,
    /// How many rows were looked at.
    pub rows: usize,
    /// Rows at which the density is not finite.
    pub not_finite: usize,
    /// Mean `−log p(y|x)`, nats per unit of the target; nothing where it is not finite.
    pub nll: Option<f64>,
    /// The same of the training labels' marginal density, which ignores the inputs.
    pub marginal_nll: Option<f64>,
    /// Mean noise-contrastive loss against candidates of the proposal, nats; nothing without a proposal.
    pub nce: Option<f64>,
    /// That loss if the energy were the log-density of its proposal, nats.
    pub nce_of_proposal: Option<f64>,
    /// Median effective sample size divided by the number of candidates; nothing without a proposal.
    pub ess_share: Option<f64>,
    /// `[components that have no weight at any of the rows, components]`; nothing without a mixture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused_components: Option<[usize; 2]>,
    /// What is poor about the model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub poor: Vec<String>,
}
