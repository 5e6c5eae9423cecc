//! Densities of scalars from energies.

use burn::tensor::Tensor;

use crate::data::space::Target;
use crate::density::GaussianMixture;
use crate::math::host::{host, on_cpu};
use crate::network::energy::EnergyNet;
use crate::predict::knots::{Asked, Scalar, exact, sought};

/// Densities of scalars from an energy, one for each row of `features`, `[batch, features]`.
///
/// Beyond the outermost knots the energy is untrained: a tail that falls is extrapolated linearly in the log, and the
/// density ends where the tail does not fall.
pub(crate) fn scalars(
    target: &Target,
    energy: &EnergyNet,
    features: &Tensor<2>,
    proposal: Option<&GaussianMixture>,
    asked: Asked,
) -> Vec<Scalar> {
    match energy.narrow_head().filter(|_| on_cpu(features)) {
        Some(head) => {
            let from_features = host(&energy.project(features.clone()));
            exact::scalars(target, &head, &from_features, proposal, asked)
        }
        None => sought::scalars(target, energy, features, proposal, asked),
    }
}
