//! How a run trains.

use serde::{Deserialize, Serialize};

use super::Selection;
use crate::kernel::Kernels;
use crate::method::phase::{BackboneTraining, MixtureLoss, Phase};

/// How to train. The defaults are the paper's (App. B); [`TrainingConfig::tabular`] has those for people's own tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// Passes over the data; the most there are, with a [`Selection`].
    pub epochs: usize,
    /// Examples a step; the last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// Adam's learning rate; constant, unless a [`Selection`] lowers it.
    pub learning_rate: f64,
    /// Candidates drawn from the proposal for each example, M.
    pub m: usize,
    /// The first epochs, in which the backbone gets no gradient: it has pretrained weights and the heads have none.
    pub frozen_epochs: usize,
    /// The first epochs, in which a mixture trains by its likelihood alone.
    pub likelihood_epochs: usize,
    /// What computes a step.
    pub kernels: Kernels,
    /// What every step takes from each weight beside Adam's update, `learning_rate · weight_decay · weight` (AdamW);
    /// biases and the scales of layer normalisation have none.
    #[serde(skip_serializing_if = "is_zero")]
    pub weight_decay: f64,
    /// How the best weights are chosen on held-out examples, and when training stops; the last weights unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
}

/// A setting that is off is not written: records of runs without it stay as they were before it existed.
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
            selection: None,
        }
    }
}

impl TrainingConfig {
    /// What is trained by which loss in an epoch, counted from 0.
    pub fn phase(&self, epoch: usize) -> Phase {
        let backbone = if epoch < self.frozen_epochs { BackboneTraining::Frozen } else { BackboneTraining::Trained };
        let mixture = if epoch < self.likelihood_epochs { MixtureLoss::Likelihood } else { MixtureLoss::Method };
        Phase { m: self.m, backbone, mixture, kernels: self.kernels }
    }

    /// Whether everything is trained in an epoch, counted from 0.
    pub(super) fn has_warmed_up(&self, epoch: usize) -> bool {
        epoch >= self.frozen_epochs.max(self.likelihood_epochs)
    }

    /// The defaults for a table with `rows` rows to train on, held-out ones not counted. Columns and target are
    /// expected standardised. Measured with the example `tabular`; see docs/decisions/0018.
    ///
    /// - `batch_size` 32 and `learning_rate` 1e-3, the paper's: a rate of 3e-3 was worse on 200 and on 1000 rows.
    /// - `m` 128, an eighth of the paper's: 32 did as well on 1000 rows, and a proposal that fits badly needs more.
    /// - `epochs`: no more than about 40 000 steps; the selection ends most runs long before.
    /// - `weight_decay` 0: it helped too little to tell from chance.
    /// - `selection`: its own defaults. Averaged weights were better on 200 and on 1000 rows; more patience was not.
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
