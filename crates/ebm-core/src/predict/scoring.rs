//! Proper scoring rules, which evaluate a predictive density at the observed target.
//!
//! Negatively oriented: lower is better. Each is *proper*: the expected score is minimal when the true distribution is
//! predicted. They are functions of weighted draws `y_m`, `w_m` (sum 1), or of a mixture, and independent of any model.
//!
//! Source: Gneiting, Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 102 (2007).

mod crps;
mod energy_score;
mod pit;

pub use crps::{crps, mixture_crps};
pub use energy_score::energy_score;
pub(crate) use energy_score::energy_score_by;
pub use pit::pit;

#[cfg(test)]
mod laws;
