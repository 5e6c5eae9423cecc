//! Settings of prediction.

use serde::{Deserialize, Serialize};

/// Settings of prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PredictionConfig {
    /// Candidates for each input. For a scalar they are placed deterministically, first by the proposal and then by the
    /// density; for a vector they are drawn from the proposal.
    pub m: usize,
    /// Seed of the draws for a vector. Scalars use no random numbers.
    pub seed: u64,
}

impl Default for PredictionConfig {
    fn default() -> Self {
        Self { m: 1024, seed: 0 }
    }
}
