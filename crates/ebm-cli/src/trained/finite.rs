//! Densities that are not finite: of damaged weights, and of a training that diverged.

use ebm_core::Prediction;
use ebm_core::evaluate::Assessment;

use crate::rows::not_finite;

/// Whether a prediction has a density.
pub fn is_finite(prediction: &Prediction<'_>) -> bool {
    (0..prediction.dimensions()).all(|dimension| prediction.marginal(dimension).mean().is_finite())
}

/// # Errors
/// When the density is not finite at any of the rows.
pub fn must_be_finite(assessments: &[Assessment]) -> anyhow::Result<()> {
    match assessments.iter().any(|assessment| assessment.log_prob.estimate.value.is_finite()) {
        true => Ok(()),
        false => Err(not_finite(assessments.len(), &"the first row")),
    }
}
