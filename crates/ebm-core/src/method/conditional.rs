//! What a trained model says of `y` given some inputs.

use burn::tensor::Tensor;

use crate::density::GaussianMixture;
use crate::network::energy::EnergyNet;

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
