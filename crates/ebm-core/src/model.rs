//! A model of any of the four methods, as it is configured, trained, saved and used.

mod limits;
mod pretrained;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

pub use limits::OutOfRange;

use crate::feature::BackboneConfig;
use crate::regressor::{EbmFixed, EbmLearned, Losses, MdnRegressor, MdnTeacher, Phase, Regressor};
use crate::{Axis, Batch, EnergyConfig, EnergyNet, GaussianMixture, MdnConfig, Noise, Purpose};

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

    /// Whether networks of this shape can be trained as one stack: [`crate::TrainState::stack`].
    pub fn is_stackable(&self) -> bool {
        matches!(self.network.backbone, BackboneConfig::Mlp { .. })
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

/// A model of any method.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub enum Model {
    /// MDN by its likelihood.
    Mdn(MdnRegressor),
    /// Energy-based model against fixed noise.
    EbmFixed(EbmFixed),
    /// Energy-based model with its learned proposal.
    Ebm(EbmLearned),
    /// MDN with an energy-based teacher.
    MdnTeacher(MdnTeacher),
}

impl Regressor for Model {
    fn losses(&self, batch: &Batch, phase: Phase, noise: &mut Noise) -> Losses {
        match self {
            Self::Mdn(model) => model.losses(batch, phase, noise),
            Self::EbmFixed(model) => model.losses(batch, phase, noise),
            Self::Ebm(model) => model.losses(batch, phase, noise),
            Self::MdnTeacher(model) => model.losses(batch, phase, noise),
        }
    }
}

/// The density `p(y|x)` of a model at some inputs, as far as it is known without an integral.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub enum Conditional<'a> {
    /// A normalised mixture: its answers are exact.
    Mixture(GaussianMixture),
    /// A score to be normalised, and the proposal to do it with, if the method learned one.
    Energy {
        /// The score network.
        energy: &'a EnergyNet,
        /// Features of the inputs, `[batch, features]`.
        features: Tensor<2>,
        /// The learned proposal.
        proposal: Option<GaussianMixture>,
    },
}

impl Model {
    /// Width of the features that the predictive density is made from.
    pub(crate) fn feature_width(&self) -> usize {
        match self {
            Self::Mdn(model) => model.mdn.features(),
            Self::MdnTeacher(model) => model.mdn.features(),
            Self::EbmFixed(model) => model.energy.widths()[0],
            Self::Ebm(model) => model.energy.widths()[0],
        }
    }

    /// Features `[batch, features]` of inputs `[batch, input]`.
    pub fn features(&self, input: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Mdn(model) => model.feature.forward(input),
            Self::MdnTeacher(model) => model.feature.forward(input),
            Self::EbmFixed(model) => model.feature.forward(input),
            Self::Ebm(model) => model.feature.forward(input),
        }
    }

    /// `p(y|x)` at inputs `[batch, input]`.
    pub fn conditional(&self, input: Tensor<2>) -> Conditional<'_> {
        self.conditional_on(self.features(input))
    }

    /// `p(y|x)` at inputs whose [`Model::features`] are given, `[batch, features]`.
    pub fn conditional_on(&self, features: Tensor<2>) -> Conditional<'_> {
        match self {
            Self::Mdn(model) => Conditional::Mixture(model.mdn.forward(features)),
            Self::MdnTeacher(model) => Conditional::Mixture(model.mdn.forward(features)),
            Self::EbmFixed(model) => Conditional::Energy { energy: &model.energy, features, proposal: None },
            Self::Ebm(model) => {
                let proposal = Some(model.proposal.forward(features.clone()));
                Conditional::Energy { energy: &model.energy, features, proposal }
            }
        }
    }
}
