//! The two one-dimensional problems of the paper, with their exact densities.
//!
//! The densities are the truth that a fitted model is compared with, and their entropies are floors: no
//! model has a lower expected negative log-likelihood.

mod random_state;
mod rounded;
pub mod toy_1;
pub mod toy_2;
