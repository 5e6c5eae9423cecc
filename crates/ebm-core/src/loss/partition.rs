//! All estimates of `log Z(x) = log ∫ e^{f(x, y)} dy`, in nats. Paper: eq. (1).
//!
//! | from | function | error | used by |
//! |---|---|---|---|
//! | candidates on a device, differentiable | [`log_partition`] | Monte-Carlo | training, eq. (2) |
//! | candidates on the host | `weigh` | Monte-Carlo, or quadrature | [`Draws`](crate::predict::Draws) |
//! | points of a grid | `on_grid` | quadrature | the paper's tables |
//! | the score of a scalar target, piecewise linear | `exact` | none | [`Curve`](crate::predict::curve::Curve) |

use burn::tensor::Tensor;

use super::Candidates;
use crate::math::grid::Grid;
use crate::math::num::log_mean_exp;

/// Importance-sampled `log Z(x)` in nats.
///
/// `log (1/M) Σ_m exp(f(x, y_m) − log q(y_m|x))`, `y_m ~ q`. Unbiased for `Z`; biased low for `log Z` by O(1/M).
///
/// # Shapes
/// - both fields of the candidates: `[batch, m]`
/// - returns: `[batch]`
///
/// # Gradient
/// Flows through both fields. The losses built on it stop what they must not train.
///
/// Paper: the first term of eq. (2).
pub fn log_partition(candidates: Candidates) -> Tensor<1> {
    log_mean_exp(candidates.log_weights())
}

/// [`log_partition`] of one input on the host: `log (1/M) Σ e^{log w_m}` in nats. The log-weights are `f − log q`, or
/// `f + log(volume)` for a quadrature. They are replaced by normalised weights, whose sum is 1.
pub(crate) fn weigh(log_weights: &mut [f64]) -> f64 {
    let max = log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    log_weights.iter_mut().for_each(|w| *w = (*w - max).exp());
    let sum: f64 = log_weights.iter().sum();
    log_weights.iter_mut().for_each(|w| *w /= sum);
    max + (sum / log_weights.len() as f64).ln()
}

/// `log Z` on the box of a grid, `log Σ e^f + log(volume) − log(points)`, from the log-sum of all its points.
pub(crate) fn on_grid(log_sum: f64, grid: &Grid) -> f64 {
    log_sum + (grid.log_volume() - (grid.len() as f64).ln())
}

/// `log(e^a + e^b)`: adds the log-sums of two parts of a grid. NaN if either is NaN.
pub(crate) fn log_add_exp(a: f64, b: f64) -> f64 {
    if a == b { a + std::f64::consts::LN_2 } else { a.max(b) + (-(a - b).abs()).exp().ln_1p() }
}

/// `log Z` from the integrals of `e^{f − shift}` over cells of the real line, computed by [`integral`].
pub(crate) fn exact(cells: impl Iterator<Item = f64>, shift: f64) -> f64 {
    shift + cells.sum::<f64>().ln()
}

/// `∫ e^f` over a cell of length `width` on which `f` is linear; `ends` are the values of `f` at both ends, and `exps`
/// those of `e^f`.
pub(crate) fn integral(width: f64, ends: [f64; 2], exps: [f64; 2]) -> f64 {
    let fall = (ends[1] - ends[0]).abs();
    let [low, high] = [exps[0].min(exps[1]), exps[0].max(exps[1])];
    // The logarithmic mean of both ends. Where they are nearly equal, the high one times (1 − e^−r)/r as a series, whose
    // next term is 0.05⁹/10! = 5e-19.
    let mean = if fall < 0.05 {
        let terms = [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0].into_iter();
        high * terms.fold(1.0 - fall / 9.0, |sum, k| 1.0 - sum * (fall / k))
    } else {
        (high - low) / fall
    };
    width * mean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::grid::linspace;
    use burn::tensor::Device;

    #[test]
    fn candidates_a_grid_and_the_exact_integral_of_one_score_agree() {
        // f(y) = −2|y|: Z = 1 − e^−24. Candidates are evenly spaced quantiles of the uniform density on [−12, 12].
        let score = |y: f64| -2.0 * y.abs();
        let grid = Grid::fine(-12.0, 12.0, 24_000, 1);
        let scores: Vec<f64> = grid.axis().iter().map(|&y| score(y)).collect();
        let knots = linspace(-12.0, 12.0, 7);
        let cells = || {
            knots.windows(2).map(|ends| {
                let scores = [ends[0], ends[1]].map(score);
                integral(ends[1] - ends[0], scores, scores.map(f64::exp))
            })
        };
        assert!((exact(cells(), 5.0) - 5.0).abs() < 1e-9);
        let on_grid = on_grid(scores.iter().copied().fold(f64::NEG_INFINITY, log_add_exp), &grid);
        assert!(on_grid.abs() < 1e-6, "{on_grid}");
        let mut weights: Vec<f64> = scores.iter().map(|score| score + 24f64.ln()).collect();
        assert!((weigh(&mut weights) - on_grid).abs() < 1e-9);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let row = |values: Vec<f32>| Tensor::<1>::from_floats(&values[..], &Device::flex()).unsqueeze::<2>();
        let candidates = Candidates {
            score: row(scores.iter().map(|&score| score as f32).collect()),
            log_q: row(vec![-(24f32.ln()); scores.len()]),
        };
        assert!((f64::from(log_partition(candidates).into_scalar::<f32>()) - on_grid).abs() < 1e-4);
    }
}
