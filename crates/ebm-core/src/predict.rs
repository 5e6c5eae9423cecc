//! Prediction with a trained model (paper, Sec. 3.2.2). A [`Predictor`](predictor::Predictor) returns one
//! [`Prediction`](prediction::Prediction) for each input: the density `p(y|x)` in the user's units.
//!
//! For a scalar target, every answer is computed from one exact [`Curve`](curve::Curve). Quantiles, intervals and sets
//! of highest density therefore agree with each other and with the density, and no random numbers are used. For a
//! vector target, answers are computed from weighted [`Draws`]; log-densities and marginals of a [`Mixture`] are exact.
//! [`importance`] is the paper's own estimate, eq. (7), with its standard error.

pub(crate) mod build;
pub mod config;
pub mod conformal;
pub mod curve;
pub(crate) mod draws;
pub(crate) mod importance;
mod joint;
pub(crate) mod knots;
pub mod marginal;
pub mod member;
pub(crate) mod mixture;
pub mod prediction;
pub mod predictor;
pub mod reach;
mod refine;
pub(crate) mod reliability;
mod scalars;
mod score;
pub mod scoring;
mod smooth;
pub(crate) mod tiles;
pub mod weights;

pub use draws::Draws;
pub use importance::importance;
pub use mixture::Mixture;
pub use refine::refine;
pub use reliability::{ESS_SHARE_LIMIT, Estimate, LogProb, PARETO_K_LIMIT, Reliability, pareto_k};
pub use tiles::{CHUNK, MEMORY_BUDGET};

#[cfg(test)]
pub(crate) mod laws;
