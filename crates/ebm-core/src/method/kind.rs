//! The names and settings of the methods.

use serde::{Deserialize, Serialize};

use crate::loss::Objective;

/// A method: which networks are trained, and with which losses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Method {
    /// MDN trained by maximum likelihood.
    Mdn {
        /// Gaussians in the mixture, K.
        components: usize,
    },
    /// Energy-based model trained with fixed noise.
    EbmFixed {
        /// Scales of the noise, σ_k, in units of the target.
        sigmas: Vec<f64>,
        /// The energy's loss.
        #[serde(default)]
        objective: Objective,
    },
    /// Energy-based model with a learned proposal.
    Ebm {
        /// Gaussians in the proposal, K.
        components: usize,
        /// The energy's loss.
        #[serde(default)]
        objective: Objective,
    },
    /// MDN with an energy-based teacher.
    MdnTeacher {
        /// Gaussians in the mixture, K.
        components: usize,
        /// The teacher's loss.
        #[serde(default)]
        objective: Objective,
    },
    /// Energy relative to a mixture that is trained by its likelihood: `f = log q + g`. Not in the paper.
    Residual {
        /// Gaussians in the mixture, K.
        components: usize,
        /// The energy's loss.
        #[serde(default)]
        objective: Objective,
    },
}

impl Method {
    /// The paper's method with `components` Gaussians in the proposal, the energy trained by NCE.
    pub fn ebm(components: usize) -> Self {
        Self::Ebm { components, objective: Objective::Nce }
    }
}
