//! Configuration of a model: its method and the sizes of its networks.

pub use super::kind::Method;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use crate::data::dataset::Dataset;
use crate::math::axis::Axis;
use crate::math::host::host;
use crate::method::heads::HeadConfig;
use crate::method::model::Model;
use crate::network::backbone::BackboneConfig;
use crate::network::piecewise::Piecewise;

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
    /// The network for tables, without an encoding. Every layer of the energy is narrow enough for the kernel on the CPU.
    pub fn tabular() -> Self {
        let backbone = BackboneConfig::Tabular { width: 64, blocks: 2, encoding: Piecewise::default() };
        Self { backbone, target_widths: vec![16, 16], hidden: 32, residual: true }
    }

    /// The paper's image network (App. F): ResNet18, y → 16 → 32 → 64 → 128, 640 → 512, a score.
    pub fn image() -> Self {
        let backbone = BackboneConfig::Resnet18 { width: 64 };
        Self { backbone, target_widths: vec![16, 32, 64, 128], hidden: 512, residual: false }
    }
}

/// Configuration that determines the parameters of a model and its loss.
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
    /// Whether each dimension of the target is a line or a circle; empty if all are lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub axes: Vec<Axis>,
}

impl ModelConfig {
    /// The paper's 1D network for a scalar input and a scalar target.
    pub fn scalar(method: Method) -> Self {
        Self { input: 1, target: 1, method, network: NetworkConfig::default(), axes: Vec::new() }
    }

    /// Whether networks of this configuration can be trained as one stack, see [`crate::train::TrainState::stack`].
    pub fn is_stackable(&self) -> bool {
        match self.network.backbone {
            BackboneConfig::Mlp { .. } => true,
            BackboneConfig::Resnet18 { .. } | BackboneConfig::Tabular { .. } => false,
        }
    }

    /// The configuration with the encoding of its columns fitted to training examples, of which at most 100 000 are used.
    #[must_use]
    pub fn fitted(mut self, examples: &dyn Dataset) -> Self {
        const ROWS: usize = 100_000;
        let BackboneConfig::Tabular { encoding, .. } = &mut self.network.backbone else { return self };
        if encoding.is_none() {
            return self;
        }
        let rows: Vec<usize> = (0..examples.len()).step_by(examples.len().div_ceil(ROWS).max(1)).collect();
        *encoding = encoding.fit(&host(&examples.input(&rows, &Device::flex())), self.input);
        self
    }

    /// The configuration of the model without its backbone.
    fn heads(&self) -> HeadConfig {
        let Self { target, method, network, axes, .. } = self.clone();
        let NetworkConfig { target_widths, hidden, residual, .. } = network;
        HeadConfig { method, target, target_widths, hidden, residual, axes }
    }

    /// A new model. Its initial weights are a function of the seed alone.
    pub fn init(&self, seed: u64, device: &Device) -> Model {
        self.heads().init(seed, device, |noise| self.network.backbone.init(self.input, noise, device))
    }
}
