//! Backbones: from an input to the features `h_x`, which all heads share.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};

use super::features::{Features, NUMBERS};
use super::mlp::Mlp;
use super::piecewise::Piecewise;
use super::resnet18::Resnet18;
use super::tabular::Tabular;
use crate::kernel::{Kernels, Stage};
use crate::math::noise::Noise;

/// Kind and sizes of a backbone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum BackboneConfig {
    /// Fully-connected layers, each followed by a ReLU.
    Mlp {
        /// Widths of the layers; the last is the width of the features.
        widths: Vec<usize>,
    },
    /// ResNet18 without its last layer, on square images with three channels.
    Resnet18 {
        /// Channels after the first convolution, 64 in the paper; the features have 8 times as many.
        #[serde(default = "paper_width")]
        width: usize,
    },
    /// A residual network on the columns of a table.
    Tabular {
        /// Width of its layers and of the features.
        width: usize,
        /// Residual blocks of two layers each.
        blocks: usize,
        /// How numeric columns are encoded beside their values.
        #[serde(default, skip_serializing_if = "Piecewise::is_none")]
        encoding: Piecewise,
    },
}

fn paper_width() -> usize {
    64
}

impl BackboneConfig {
    /// Width of the features.
    pub fn features(&self) -> usize {
        match self {
            Self::Mlp { widths } => *widths.last().expect("a backbone has layers"),
            Self::Resnet18 { width } => 8 * width,
            Self::Tabular { width, .. } => *width,
        }
    }

    /// A backbone for inputs of `input` numbers, with weights drawn from `noise`.
    pub fn init(&self, input: usize, noise: &mut Noise, device: &Device) -> Backbone {
        match self {
            Self::Mlp { widths } => {
                let widths: Vec<usize> = std::iter::once(input).chain(widths.iter().copied()).collect();
                Backbone::Mlp(Mlp::init(&widths, noise, device))
            }
            &Self::Resnet18 { width } => Backbone::Resnet18(Resnet18::init(width, noise, device)),
            Self::Tabular { width, blocks, encoding } => {
                Backbone::Tabular(Tabular::init(input, encoding, *width, *blocks, noise, device))
            }
        }
    }
}

/// The network from an input to its features.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // A model has only one or two backbones.
pub enum Backbone {
    /// Fully-connected layers.
    Mlp(Mlp),
    /// ResNet18 on images.
    Resnet18(Resnet18),
    /// A residual network on the columns of a table.
    Tabular(Tabular),
}

impl Features for Backbone {
    type Input = Tensor<2>;

    /// Features `[batch, features]` of inputs `[batch, input]`. An image is a row of `3 × side × side` pixels, channel
    /// by channel. For an autodiff input, batch normalisation uses the batch and updates its running statistics.
    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.forward_by(input, Kernels::default())
    }

    fn width(&self) -> usize {
        match self {
            Self::Mlp(mlp) => mlp.width(),
            Self::Resnet18(resnet) => resnet.width(),
            Self::Tabular(tabular) => tabular.width(),
        }
    }

    fn forward_by(&self, input: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        match self {
            Self::Mlp(mlp) => mlp.forward(input),
            Self::Resnet18(resnet) => resnet.forward_by(input, kernels),
            Self::Tabular(tabular) => tabular.forward(input),
        }
    }

    fn frozen(&self, input: Tensor<2>, kernels: Kernels) -> Tensor<2> {
        match self {
            Self::Mlp(mlp) => mlp.forward(input).without_autodiff(),
            Self::Resnet18(resnet) => resnet.frozen(input, kernels),
            Self::Tabular(tabular) => tabular.forward(input).without_autodiff(),
        }
    }

    fn stages(&self, input: &Tensor<2>) -> Option<(Tensor<2>, Vec<Stage<'_>>)> {
        match self {
            Self::Mlp(mlp) => mlp.stages(input),
            Self::Resnet18(_) => None,
            Self::Tabular(tabular) => tabular.stages(input),
        }
    }

    fn numbers(&self, input: usize) -> usize {
        NUMBERS * input
    }
}
