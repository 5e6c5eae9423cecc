//! How predictions are computed.

use serde::{Deserialize, Serialize};

/// How predictions are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PredictionConfig {
    /// Candidates for each input. Those of a scalar are placed where its proposal and then its density are, those of a
    /// vector are drawn.
    pub m: usize,
    /// Seed of the draws for a vector. A scalar needs none.
    pub seed: u64,
}

impl Default for PredictionConfig {
    fn default() -> Self {
        Self { m: 1024, seed: 0 }
    }
}
