//! Prediction with a trained model (paper, Sec. 3.2.2): a [`Predictor`](predictor::Predictor) makes one
//! [`Prediction`](prediction::Prediction) of each input, the density `p(y|x)` in the user's units.
//!
//! A scalar is answered from its exact [`Curve`](curve::Curve), so that quantiles, intervals and sets of highest density
//! agree with each other and with the density; no random number is involved. A vector is answered from weighted
//! [`Draws`], or exactly where it is a [`Mixture`]. [`importance`] is the paper's own estimate, eq. (7), with its error.

pub(crate) mod build;
pub mod config;
pub mod conformal;
pub mod curve;
pub(crate) mod draws;
pub(crate) mod importance;
mod joint;
pub(crate) mod knots;
pub mod marginal;
pub(crate) mod mixture;
pub mod prediction;
pub mod predictor;
mod refine;
pub(crate) mod reliability;
mod score;
pub mod scoring;
mod smooth;
pub(crate) mod tiles;

pub use draws::Draws;
pub use importance::importance;
pub use mixture::Mixture;
pub use refine::refine;
pub use reliability::{Estimate, LogProb, PARETO_K_LIMIT, Reliability, pareto_k};
pub use tiles::{CHUNK, MEMORY_BUDGET};

#[cfg(test)]
pub(crate) mod laws;
