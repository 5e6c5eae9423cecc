//! The heads of a model: everything but its feature network.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::math::axis::Axis;
use crate::math::noise::{Noise, Purpose};
use crate::method::ebm_fixed::EbmFixed;
use crate::method::ebm_learned::EbmLearned;
use crate::method::kind::Method;
use crate::method::mdn::MdnRegressor;
use crate::method::mdn_teacher::MdnTeacher;
use crate::method::model::Model;
use crate::method::residual::EbmResidual;
use crate::network::energy::{EnergyConfig, EnergyNet};
use crate::network::features::Features;
use crate::network::mdn::{Mdn, MdnConfig};

/// Configuration that determines the parameters of a model and its loss, without the feature network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadConfig {
    /// The method.
    pub method: Method,
    /// Dimensions of the target, D.
    pub target: usize,
    /// Widths of the energy's layers on the target, `y → …`.
    pub target_widths: Vec<usize>,
    /// Width of the energy's layers after the concatenation.
    pub hidden: usize,
    /// Whether the energy has a residual layer `h + ReLU(W h + b)` after that.
    pub residual: bool,
    /// Whether each dimension of the target is a line or a circle; empty if all are lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub axes: Vec<Axis>,
}

impl HeadConfig {
    /// The default heads for tables. Every layer is narrow enough for the kernel on the CPU.
    pub fn new(method: Method, target: usize) -> Self {
        Self { method, target, target_widths: vec![16, 16], hidden: 32, residual: true, axes: Vec::new() }
    }

    /// A new model on the feature network that `feature` makes. It is called once, or twice for an MDN with a teacher.
    /// The initial weights of the heads are a function of the seed; `feature` may draw its own from the noise.
    pub fn init<F: Features>(&self, seed: u64, device: &Device, mut feature: impl FnMut(&mut Noise) -> F) -> Model<F> {
        let noise = &mut Noise::new(seed, Purpose::Weights, 0, 0);
        let first = feature(noise);
        let width = first.width();
        match &self.method {
            &Method::Mdn { components } => {
                Model::Mdn(MdnRegressor { feature: first, mdn: self.mdn(width, components, noise, device) })
            }
            Method::EbmFixed { sigmas, objective } => Model::EbmFixed(EbmFixed {
                feature: first,
                energy: self.energy(width, noise, device),
                sigmas: sigmas.clone(),
                objective: *objective,
            }),
            &Method::Ebm { components, objective } => {
                let energy = self.energy(width, noise, device);
                let proposal = self.mdn(width, components, noise, device);
                Model::Ebm(EbmLearned { feature: first, energy, proposal, objective })
            }
            &Method::MdnTeacher { components, objective } => {
                let mdn = self.mdn(width, components, noise, device);
                let teacher_feature = feature(noise);
                let teacher = self.energy(teacher_feature.width(), noise, device);
                Model::MdnTeacher(MdnTeacher { feature: first, mdn, teacher_feature, teacher, objective })
            }
            &Method::Residual { components, objective } => {
                let energy = self.energy(width, noise, device).with_zero_score(device);
                let proposal = self.mdn(width, components, noise, device);
                Model::Residual(EbmResidual { feature: first, energy, proposal, objective })
            }
        }
    }

    fn mdn(&self, features: usize, components: usize, noise: &mut Noise, device: &Device) -> Mdn {
        MdnConfig { features, target: self.target, components }.init(noise, device).on(&self.axes)
    }

    fn energy(&self, features: usize, noise: &mut Noise, device: &Device) -> EnergyNet {
        let Self { target, target_widths, hidden, residual, axes, .. } = self.clone();
        EnergyConfig { features, target, target_widths, hidden, residual, axes }.init(noise, device)
    }
}
