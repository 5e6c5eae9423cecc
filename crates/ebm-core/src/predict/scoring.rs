//! Scoring rules: how good a predictive density was, once the target is seen.
//!
//! Negatively oriented, lower is better. Each is *proper*: nobody expects a lower score by predicting anything but what
//! they believe. They are functions of weighted draws `y_m`, `w_m` (sum 1), or of a mixture; nothing here knows a model.
//!
//! Source: Gneiting, Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 102 (2007).

mod crps;
mod energy_score;
mod pit;

pub use crps::{crps, mixture_crps};
pub use energy_score::energy_score;
pub(crate) use energy_score::energy_score_by;
pub use pit::{covers, pit};

#[cfg(test)]
mod laws;
