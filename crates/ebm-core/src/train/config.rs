//! Settings of training.

use serde::{Deserialize, Serialize};

use super::Selection;
use crate::kernel::Kernels;
use crate::method::phase::{BackboneTraining, MixtureLoss, Phase};

/// Settings of training. The defaults are the paper's (App. B); [`TrainingConfig::tabular`] has those for tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// Passes over the data; with a [`Selection`], the maximum.
    pub epochs: usize,
    /// Examples in a step; the last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// Adam's learning rate; constant, unless a [`Selection`] lowers it.
    pub learning_rate: f64,
    /// Candidates drawn from the proposal for each example, M.
    pub m: usize,
    /// Number of first epochs in which the backbone is frozen; for pretrained backbones with new heads.
    pub frozen_epochs: usize,
    /// Number of first epochs in which a mixture is trained by its likelihood alone.
    pub likelihood_epochs: usize,
    /// Which implementation computes a step.
    pub kernels: Kernels,
    /// Decoupled weight decay (AdamW): every step also subtracts `learning_rate · weight_decay · weight`. Not applied
    /// to biases and the scales of layer normalisation.
    #[serde(skip_serializing_if = "is_zero")]
    pub weight_decay: f64,
    /// Decay of a running mean of the weights, which is kept at the end instead of the last weights. It covers about
    /// `1/(1 − average)` steps; 0 turns averaging off. A [`Selection`] has its own.
    #[serde(skip_serializing_if = "is_zero")]
    pub average: f64,
    /// The rule for model selection and early stopping on held-out examples. Without it, the last weights are kept, or
    /// their mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
}

/// A setting that is 0 is not serialised, so that records of runs without it do not change.
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: 75,
            batch_size: 32,
            learning_rate: 1e-3,
            m: 1024,
            frozen_epochs: 0,
            likelihood_epochs: 0,
            kernels: Kernels::Fused,
            weight_decay: 0.0,
            average: 0.0,
            selection: None,
        }
    }
}

impl TrainingConfig {
    /// The phase of an epoch, counted from 0.
    pub fn phase(&self, epoch: usize) -> Phase {
        let backbone = if epoch < self.frozen_epochs { BackboneTraining::Frozen } else { BackboneTraining::Trained };
        let mixture = if epoch < self.likelihood_epochs { MixtureLoss::Likelihood } else { MixtureLoss::Method };
        Phase { m: self.m, backbone, mixture, kernels: self.kernels }
    }

    /// Whether all parameters are trained in an epoch, counted from 0.
    pub(super) fn has_warmed_up(&self, epoch: usize) -> bool {
        epoch >= self.frozen_epochs.max(self.likelihood_epochs)
    }

    /// The defaults for a table with `rows` training rows, not counting held-out ones. Columns and target must be
    /// standardised. Measured with the example `tabular`; see docs/decisions/0018.
    ///
    /// - `batch_size` 32 and `learning_rate` 1e-3, as in the paper. A rate of 3e-3 was worse on 200 and on 1000 rows.
    /// - `m` 128, an eighth of the paper's. On 1000 rows 32 was as good; a proposal that fits badly needs more.
    /// - `epochs`: at most about 40 000 steps. The selection ends most runs much earlier.
    /// - `weight_decay` 0: the improvement was not significant.
    /// - `selection`: its defaults. Averaged weights were better on 200 and on 1000 rows; more patience was not.
    pub fn tabular(rows: usize) -> Self {
        let batch_size = 32;
        let steps_per_epoch = rows.div_ceil(batch_size).max(1);
        Self {
            epochs: 40_000_usize.div_ceil(steps_per_epoch),
            batch_size,
            m: 128,
            selection: Some(Selection::default()),
            ..Self::default()
        }
    }
}
