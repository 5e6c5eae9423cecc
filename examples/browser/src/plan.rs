//! How a model is trained: what the page asks for, as the settings of the library.

use ebm_core::{Method, ModelConfig, NetworkConfig, Objective, TrainingConfig};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// σ₂ is so many times σ₁, as in the paper's fixed noise.
const SIGMA_RATIO: f64 = 8.0;

/// The four methods by their names in configurations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodName {
    /// Energy-based model with its learned proposal.
    Ebm,
    /// Energy-based model against fixed noise.
    EbmFixed,
    /// Mixture density network by its likelihood.
    Mdn,
    /// Mixture density network with an energy-based teacher.
    MdnTeacher,
}

/// What the page asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The method.
    pub method: MethodName,
    /// Gaussians in the mixture or the proposal, K.
    pub components: usize,
    /// Candidates for each example, M.
    pub m: usize,
    /// The smaller scale of fixed noise, σ₁, in units of the standardised target.
    pub sigma: f64,
    /// Seed of the weights, the order of the examples and all candidates.
    pub seed: u64,
    /// Passes over the data.
    pub epochs: usize,
}

impl Plan {
    /// The settings of the library, checked. Networks are those of the paper's 1D tasks.
    ///
    /// # Errors
    /// Names a setting that is out of range.
    pub fn settings(&self) -> Result<(ModelConfig, TrainingConfig), Fault> {
        let objective = Objective::Nce;
        let components = self.components;
        let method = match self.method {
            MethodName::Ebm => Method::Ebm { components, objective },
            MethodName::EbmFixed => {
                // Decimals as a preset has them: 8 · 0.05 is 0.4.
                let wider = (self.sigma * SIGMA_RATIO * 1e12).round() / 1e12;
                Method::EbmFixed { sigmas: vec![self.sigma, wider], objective }
            }
            MethodName::Mdn => Method::Mdn { components },
            MethodName::MdnTeacher => Method::MdnTeacher { components, objective },
        };
        let training = TrainingConfig { epochs: self.epochs, m: self.m, ..TrainingConfig::default() };
        training.check()?;
        method.check()?;
        Ok((ModelConfig { network: NetworkConfig::default(), ..ModelConfig::scalar(method) }, training))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan { method: MethodName::EbmFixed, components: 4, m: 1024, sigma: 0.05, seed: 0, epochs: 75 }
    }

    #[test]
    fn fixed_noise_has_the_scales_of_the_papers_presets() {
        let (config, _) = plan().settings().unwrap();
        assert_eq!(config.method, Method::EbmFixed { sigmas: vec![0.05, 0.4], objective: Objective::Nce });
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        for (wrong, key) in [
            (Plan { epochs: 0, ..plan() }, "epochs"),
            (Plan { m: 0, ..plan() }, "training.m"),
            (Plan { sigma: -1.0, ..plan() }, "sigma"),
            (Plan { method: MethodName::Mdn, components: 0, ..plan() }, "components"),
        ] {
            let message = wrong.settings().unwrap_err().to_string();
            assert!(message.contains(key), "{message}");
        }
    }
}
