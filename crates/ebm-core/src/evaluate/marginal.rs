//! The marginal density of the labels: what a model must beat.

use std::f64::consts::TAU;

use crate::data::space::TargetSpace;

/// Log-densities of `labels` under a density that ignores the inputs, nats in the user's units.
///
/// For every dimension a Gaussian of the standardised target, with the mean and the standard deviation of `fit`; the
/// dimensions are independent. Both sets of labels are in the user's units, row-major `[n, D]`. Returns `[n]`.
///
/// # Panics
/// If either is not whole rows, or `fit` is empty.
pub fn marginal_log_probs(space: &TargetSpace, fit: &[f64], labels: &[f64]) -> Vec<f64> {
    let dimensions = space.dimensions();
    let whole = |values: &[f64]| values.len().is_multiple_of(dimensions);
    assert!(whole(fit) && whole(labels) && !fit.is_empty(), "labels must be whole rows");
    let standardised = |values: &[f64]| values.chunks(dimensions).flat_map(|y| space.to_model(y)).collect::<Vec<_>>();
    let z = standardised(fit);
    let n = (z.len() / dimensions) as f64;
    let column = |d: usize| z.iter().skip(d).step_by(dimensions);
    let gaussian = |d: usize| {
        let mean = column(d).sum::<f64>() / n;
        let variance = column(d).map(|z| (z - mean).powi(2)).sum::<f64>() / n;
        (mean, variance.max(f64::MIN_POSITIVE))
    };
    let gaussians: Vec<(f64, f64)> = (0..dimensions).map(gaussian).collect();
    let log_prob = |y: &[f64]| {
        let terms = space.to_model(y).into_iter().zip(&gaussians);
        let terms = terms.map(|(z, (mean, variance))| -0.5 * ((z - mean).powi(2) / variance + (TAU * variance).ln()));
        terms.sum::<f64>() + space.log_jacobian(y)
    };
    labels.chunks(dimensions).map(log_prob).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::space::TargetKind;

    #[test]
    fn it_is_the_gaussian_of_the_labels_in_their_units() {
        let fit = [10.0, 20.0, 30.0, 40.0];
        let space = TargetSpace::fit(&[TargetKind::Real], &fit).unwrap();
        let found = marginal_log_probs(&space, &fit, &[25.0, 40.0]);
        let expected = |y: f64| -0.5 * ((y - 25.0f64).powi(2) / 125.0 + (TAU * 125.0).ln());
        for (found, y) in found.iter().zip([25.0, 40.0]) {
            assert!((found - expected(y)).abs() < 1e-9, "{found}");
        }
    }
}
