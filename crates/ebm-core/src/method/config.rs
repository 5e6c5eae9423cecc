//! The shape of a model and of its loss, and a model from it.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::loss::Objective;
use crate::math::axis::Axis;
use crate::math::noise::{Noise, Purpose};
use crate::method::ebm_fixed::EbmFixed;
use crate::method::ebm_learned::EbmLearned;
use crate::method::mdn::MdnRegressor;
use crate::method::mdn_teacher::MdnTeacher;
use crate::method::model::Model;
use crate::network::backbone::BackboneConfig;
use crate::network::energy::EnergyConfig;
use crate::network::mdn::MdnConfig;

/// What is trained, by which losses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Method {
    /// MDN by its likelihood.
    Mdn {
        /// Gaussians in the mixture, K.
        components: usize,
    },
    /// Energy-based model against fixed noise.
    EbmFixed {
        /// Scales of the noise, σ_k, in units of the target.
        sigmas: Vec<f64>,
        /// The energy's loss.
        #[serde(default)]
        objective: Objective,
    },
    /// Energy-based model with its learned proposal.
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
}

impl Method {
    /// The paper's method with `components` Gaussians in the proposal, the energy trained by NCE.
    pub fn ebm(components: usize) -> Self {
        Self::Ebm { components, objective: Objective::Nce }
    }
}

/// Sizes of the networks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// The backbone, `x → features`.
    pub backbone: BackboneConfig,
    /// Widths of the energy's layers on the target, `y → …`.
    pub target_widths: Vec<usize>,
    /// Width of the energy's layers after the concatenation.
    pub hidden: usize,
    /// Whether the energy has a residual layer `h + ReLU(W h + b)` after that.
    pub residual: bool,
}

impl Default for NetworkConfig {
    /// The paper's 1D network: x → 10 → 10, y → 10 → 10, 20 → 10, a residual layer, a score.
    fn default() -> Self {
        let backbone = BackboneConfig::Mlp { widths: vec![10, 10] };
        Self { backbone, target_widths: vec![10, 10], hidden: 10, residual: true }
    }
}

impl NetworkConfig {
    /// The network for people's own tables; every layer of the energy is narrow enough for the kernel on the CPU.
    pub fn tabular() -> Self {
        let backbone = BackboneConfig::Tabular { width: 64, blocks: 2 };
        Self { backbone, target_widths: vec![16, 16], hidden: 32, residual: true }
    }

    /// The paper's image network (App. F): ResNet18, y → 16 → 32 → 64 → 128, 640 → 512, a score.
    pub fn image() -> Self {
        let backbone = BackboneConfig::Resnet18 { width: 64 };
        Self { backbone, target_widths: vec![16, 32, 64, 128], hidden: 512, residual: false }
    }
}

/// Everything that decides the shape of a model and of its loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Columns of the input.
    pub input: usize,
    /// Dimensions of the target, D.
    pub target: usize,
    /// The method.
    pub method: Method,
    /// The networks.
    #[serde(default)]
    pub network: NetworkConfig,
    /// What each dimension of the target is; none when all are lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub axes: Vec<Axis>,
}

impl ModelConfig {
    /// The paper's 1D network for a scalar input and a scalar target.
    pub fn scalar(method: Method) -> Self {
        Self { input: 1, target: 1, method, network: NetworkConfig::default(), axes: Vec::new() }
    }

    /// Whether networks of this shape can be trained as one stack: [`crate::train::TrainState::stack`].
    pub fn is_stackable(&self) -> bool {
        match self.network.backbone {
            BackboneConfig::Mlp { .. } => true,
            BackboneConfig::Resnet18 { .. } | BackboneConfig::Tabular { .. } => false,
        }
    }

    /// A model whose weights are a function of the seed alone.
    pub fn init(&self, seed: u64, device: &Device) -> Model {
        let noise = &mut Noise::new(seed, Purpose::Weights, 0, 0);
        let backbone = |noise: &mut Noise| self.network.backbone.init(self.input, noise, device);
        let features = self.network.backbone.features();
        let mdn = |components, noise: &mut Noise| {
            MdnConfig { features, target: self.target, components }.init(noise, device).on(&self.axes)
        };
        let energy = |noise: &mut Noise| {
            let target_widths = self.network.target_widths.clone();
            let config = EnergyConfig {
                features,
                target: self.target,
                target_widths,
                hidden: self.network.hidden,
                residual: self.network.residual,
                axes: self.axes.clone(),
            };
            config.init(noise, device)
        };
        let feature = backbone(noise);
        match &self.method {
            &Method::Mdn { components } => Model::Mdn(MdnRegressor { feature, mdn: mdn(components, noise) }),
            Method::EbmFixed { sigmas, objective } => Model::EbmFixed(EbmFixed {
                feature,
                energy: energy(noise),
                sigmas: sigmas.clone(),
                objective: *objective,
            }),
            &Method::Ebm { components, objective } => {
                let energy = energy(noise);
                Model::Ebm(EbmLearned { feature, energy, proposal: mdn(components, noise), objective })
            }
            &Method::MdnTeacher { components, objective } => {
                let mdn = mdn(components, noise);
                let teacher_feature = backbone(noise);
                Model::MdnTeacher(MdnTeacher { feature, mdn, teacher_feature, teacher: energy(noise), objective })
            }
        }
    }
}
