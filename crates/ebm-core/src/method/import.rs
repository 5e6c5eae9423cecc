//! Imports networks of the paper's PyTorch code.

mod layers;

use burn::tensor::Device;

use self::layers::Layers;
use crate::io::pytorch::{LoadReport, StateDict, StateDictError};
use crate::loss::Objective;
use crate::method::config::{Method, ModelConfig, NetworkConfig};
use crate::method::ebm_fixed::EbmFixed;
use crate::method::ebm_learned::EbmLearned;
use crate::method::mdn::MdnRegressor;
use crate::method::mdn_teacher::MdnTeacher;
use crate::method::model::Model;
use crate::network::energy::EnergyConfig;

/// The method of the model that is made from a state dict of the paper's code.
///
/// That code saves the same three networks for every method, so a file may contain an untrained proposal or score.
#[derive(Debug, Clone)]
pub enum ImportAs {
    /// By the contents of the file: [`Method::Ebm`] for a score and a proposal, [`Method::Mdn`] for a proposal alone.
    Found,
    /// The mixture alone; a score is ignored. For an MDN, also one that was trained with a teacher.
    Mdn,
    /// The score and its proposal.
    Ebm,
    /// The score alone; a proposal is ignored. For an EBM that was trained with fixed noise.
    EbmFixed {
        /// Scales of that noise, in units of the target; the file does not contain them.
        sigmas: Vec<f64>,
    },
    /// The mixture with its teacher, which is in a separate file.
    MdnTeacher {
        /// The state dict of the teacher.
        teacher: StateDict,
    },
}

/// An imported model.
#[derive(Debug)]
pub struct Imported {
    /// Method and sizes, from the tensors. The objective is set to NCE, because files do not contain it.
    pub config: ModelConfig,
    /// The model.
    pub model: Model,
    /// Which tensors were used.
    pub report: LoadReport,
}

/// Reads a network of the paper's code: `feature_net`, `noise_net` (the MDN) and `predictor_net` (the score), with the
/// layers of App. F or of the 1D tasks, with any widths.
///
/// # Errors
/// If a tensor is missing or its shape does not fit the others, or the kind of network cannot be determined.
pub fn import(weights: &StateDict, into: ImportAs, device: &Device) -> Result<Imported, StateDictError> {
    let mut layers = Layers::new(weights, device);
    let (feature, input, backbone) = layers.backbone()?;
    let features = backbone.features();
    let objective = Objective::default();
    let network = |energy: EnergyConfig| {
        let EnergyConfig { target_widths, hidden, residual, .. } = energy;
        NetworkConfig { backbone: backbone.clone(), target_widths, hidden, residual }
    };
    let into = match (into, layers.has_mixture(), layers.has_score()) {
        (ImportAs::Found, true, true) => ImportAs::Ebm,
        (ImportAs::Found, true, false) => ImportAs::Mdn,
        (ImportAs::Found, false, true) => {
            let reason = "there is no proposal (noise_net); for a score alone, give the scales of its fixed noise";
            return Err(StateDictError::UnknownNetwork { reason });
        }
        (ImportAs::Found, false, false) => {
            let reason = "there is neither a proposal (noise_net) nor a score (predictor_net)";
            return Err(StateDictError::UnknownNetwork { reason });
        }
        (stated, ..) => stated,
    };
    let (model, method, target, network) = match into {
        ImportAs::Found | ImportAs::Ebm => {
            let (energy, sizes) = layers.energy(features)?;
            let (proposal, mixture) = layers.mdn(features)?;
            if mixture.target != sizes.target {
                let reason = "the proposal and the score have targets of different dimensions";
                return Err(StateDictError::UnknownNetwork { reason });
            }
            let method = Method::Ebm { components: mixture.components, objective };
            (Model::Ebm(EbmLearned { feature, energy, proposal, objective }), method, sizes.target, network(sizes))
        }
        ImportAs::Mdn => {
            let (mdn, mixture) = layers.mdn(features)?;
            let method = Method::Mdn { components: mixture.components };
            let network = NetworkConfig { backbone, ..NetworkConfig::default() };
            (Model::Mdn(MdnRegressor { feature, mdn }), method, mixture.target, network)
        }
        ImportAs::EbmFixed { sigmas } => {
            let (energy, sizes) = layers.energy(features)?;
            let method = Method::EbmFixed { sigmas: sigmas.clone(), objective };
            let model = Model::EbmFixed(EbmFixed { feature, energy, sigmas, objective });
            (model, method, sizes.target, network(sizes))
        }
        ImportAs::MdnTeacher { teacher } => {
            let (mdn, mixture) = layers.mdn(features)?;
            let mut other = Layers::new(&teacher, device);
            let (teacher_feature, _, other_backbone) = other.backbone()?;
            let (teacher, sizes) = other.energy(features)?;
            if other_backbone != backbone || mixture.target != sizes.target {
                let reason = "the mixture and its teacher have different sizes";
                return Err(StateDictError::UnknownNetwork { reason });
            }
            let method = Method::MdnTeacher { components: mixture.components, objective };
            let report = other.report();
            let model = Model::MdnTeacher(MdnTeacher { feature, mdn, teacher_feature, teacher, objective });
            let config =
                ModelConfig { input, target: mixture.target, method, network: network(sizes), axes: Vec::new() };
            return Ok(Imported { config, model, report: layers.report().and(report) });
        }
    };
    Ok(Imported {
        config: ModelConfig { input, target, method, network, axes: Vec::new() },
        model,
        report: layers.report(),
    })
}
