//! Which loss trains the energy.

use serde::{Deserialize, Serialize};

/// How the energy is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Noise-contrastive estimation, paper eq. (6).
    #[default]
    Nce,
    /// Importance-sampled likelihood, paper eq. (2).
    Importance,
}

impl Objective {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nce => "nce",
            Self::Importance => "importance_nll",
        }
    }
}
