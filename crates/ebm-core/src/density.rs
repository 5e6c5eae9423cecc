//! Normalised densities that can be sampled: the proposals.

mod gaussian_mixture;

pub(crate) use gaussian_mixture::log_wrapped;
pub use gaussian_mixture::{CIRCLE_LOG_SCALE_LIMIT, GaussianMixture, LOG_SCALE_LIMIT};
