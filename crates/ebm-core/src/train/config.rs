//! Settings of training.

use serde::{Deserialize, Serialize};

use super::Selection;
use crate::kernel::Kernels;
use crate::method::kind::Method;
use crate::method::phase::{BackboneTraining, MixtureLoss, Phase};

/// Settings of training. The defaults are the paper's (App. B); [`TrainingConfig::validated`] and
/// [`TrainingConfig::tabular`] have those for held-out examples and for tables.
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
    /// The rule for model selection and early stopping on held-out examples. Without it, the last weights are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
}

/// A weight decay of 0 is not serialised, so that records of runs without it do not change.
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

    /// Defaults with model selection on held-out examples, for any network on `examples` training examples. Inputs and
    /// targets must be standardised. Measured in docs/decisions/0018.
    ///
    /// - `batch_size` 32 and `learning_rate` 1e-3, as in the paper.
    /// - `m` 128, an eighth of the paper's. On 1000 rows 32 was as good; a proposal that fits badly needs more.
    /// - `epochs`: at most about 40 000 steps. The selection ends most runs much earlier.
    pub fn validated(examples: usize) -> Self {
        let config = Self { m: 128, selection: Some(Selection::default()), ..Self::default() };
        Self { epochs: 40_000_usize.div_ceil(config.steps_per_epoch(examples)), ..config }
    }

    /// The defaults for the network for tables on `rows` training rows, not counting held-out ones. Chosen on folds of
    /// training rows, see docs/decisions/0041.
    ///
    /// - `batch_size` 64, `weight_decay` 0.3; `learning_rate` by the method, [`TrainingConfig::tabular_rate`].
    /// - `m` 32 below 5000 rows: four times as many take twice the time and give no better density there.
    /// - `epochs`: at most about 20 000 steps.
    /// - `selection`: evaluated at least every 16 steps, with a patience of at least 10 evaluations and 400 steps: a few
    ///   epochs of a small table are too few to tell.
    pub fn tabular(rows: usize, method: &Method) -> Self {
        let validated = Self::validated(rows);
        let config = Self {
            m: if rows < 5000 { 32 } else { validated.m },
            batch_size: 64,
            learning_rate: Self::tabular_rate(method),
            weight_decay: 0.3,
            ..validated
        };
        let steps_per_epoch = config.steps_per_epoch(rows);
        let default = Selection::default();
        let epochs = (16 / steps_per_epoch).max(1);
        let patience = default.patience.max(400_usize.div_ceil(epochs * steps_per_epoch));
        let selection = Some(Selection { patience, epochs, ..default });
        Self { epochs: 20_000_usize.div_ceil(steps_per_epoch), selection, ..config }
    }

    fn steps_per_epoch(&self, examples: usize) -> usize {
        examples.div_ceil(self.batch_size).max(1)
    }

    /// The learning rate for tables: 3e-3 for a mixture trained by its likelihood, 1e-3 for an energy. At 3e-3 some
    /// energies stay at a density that ignores the inputs.
    pub fn tabular_rate(method: &Method) -> f64 {
        match method {
            Method::Mdn { .. } => 3e-3,
            Method::Ebm { .. } | Method::EbmFixed { .. } | Method::MdnTeacher { .. } => 1e-3,
        }
    }
}
