//! The conditional density `p(y|x)` of a model at some inputs.

use burn::tensor::Tensor;

use crate::density::GaussianMixture;
use crate::network::energy::EnergyNet;

/// The density `p(y|x)` of a model at some inputs: a normalised mixture, or an energy that is not yet normalised.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub enum Conditional<'a> {
    /// A normalised mixture, whose densities are exact.
    Mixture(GaussianMixture),
    /// An unnormalised score, and the proposal for estimating `log Z`, if the method learned one.
    Energy {
        /// The score network.
        energy: &'a EnergyNet,
        /// Features of the inputs, `[batch, features]`.
        features: Tensor<2>,
        /// The learned proposal.
        proposal: Option<GaussianMixture>,
    },
}
