//! What an ensemble is made of: networks, and boosted trees.

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::Tensor;

use crate::density::GaussianMixture;
use crate::method::conditional::Conditional;
use crate::method::model::Model;
use crate::network::backbone::Backbone;
use crate::network::energy::EnergyNet;
use crate::network::features::Features;
use crate::network::input::Input;
use crate::predict::mixture::Mixture;
use crate::predict::tiles::{Budget, conditional};
use crate::trees::Trees;

/// A member of an ensemble. A single model is an ensemble of one.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // There are few.
pub enum Member<F: Features = Backbone> {
    /// A network, without gradients.
    Network(Model<F>),
    /// Boosted trees, for inputs that are rows of numbers.
    Trees(Arc<Trees>),
}

impl<F: Features> From<&Model<F>> for Member<F> {
    fn from(model: &Model<F>) -> Self {
        Self::Network(model.valid())
    }
}

impl From<Trees> for Member {
    fn from(trees: Trees) -> Self {
        Self::Trees(Arc::new(trees))
    }
}

/// The densities of a member at some inputs.
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub(crate) enum Densities<'a> {
    /// A normalised mixture for each input.
    Mixtures(Vec<Mixture>),
    /// As in [`Conditional::Energy`].
    Energy { energy: &'a EnergyNet, features: Tensor<2>, proposal: Option<GaussianMixture> },
}

impl<F: Features> Member<F> {
    /// At a batch of inputs on any device.
    pub(crate) fn densities(&self, input: &F::Input, budget: Budget) -> Densities<'_> {
        match self {
            Self::Network(model) => match conditional(model, input, budget) {
                Conditional::Mixture(mixture) => Densities::Mixtures(Mixture::from_batch(&mixture)),
                Conditional::Energy { energy, features, proposal } => Densities::Energy { energy, features, proposal },
            },
            Self::Trees(trees) => {
                let numbers: Vec<f32> = input.to_host().remove(0).try_into_vec().expect("rows are f32");
                let rows = numbers.chunks_exact(trees.input_width());
                Densities::Mixtures(rows.map(|row| Mixture::scalar(&trees.components(row))).collect())
            }
        }
    }
}
