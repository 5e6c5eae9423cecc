//! Normalised densities that can be sampled: the proposals.

mod gaussian_mixture;
mod uniform;

use burn::tensor::Tensor;

pub(crate) use gaussian_mixture::log_wrapped;
pub use gaussian_mixture::{CIRCLE_LOG_SCALE_LIMIT, GaussianMixture, LOG_SCALE_LIMIT};
pub use uniform::Uniform;

use crate::math::noise::Noise;

/// A batch of normalised densities over targets, one per example.
pub trait Density {
    /// Log-density in nats. Shapes: `[batch, m, target]` → `[batch, m]`.
    fn log_prob(&self, y: Tensor<3>) -> Tensor<2>;

    /// `m` independent draws for each example, constants for the gradient. Shape `[batch, m, target]`.
    fn sample(&self, m: usize, noise: &mut Noise) -> Tensor<3>;
}
