//! Weights of the forms of an ensemble, by held-out likelihood.

/// Iterations of the weights.
const ITERATIONS: usize = 2000;

/// A weight below this is set to 0: its members are not worth their time.
const LEAST: f64 = 0.02;

/// The weights `w ≥ 0`, `Σ w = 1`, that maximise the held-out log-likelihood of a mixture,
/// `Σ_n log Σ_f w_f p_f(y_n|x_n)`.
///
/// `log_probs` has one row of log-densities for each form `f`, at the same held-out examples `n`. A density of 0 (`−∞`, or NaN) at
/// an example does not forbid a form. The problem is concave; each iteration of expectation-maximisation raises the
/// likelihood. Weights below 0.02 are set to 0.
///
/// Source: Yao, Vehtari, Simpson, Gelman, "Using stacking to average Bayesian predictive distributions", Bayesian
/// Analysis 13 (2018), eq. (3).
///
/// # Panics
/// If there is no form, or the rows differ in length.
pub fn stacking_weights(log_probs: &[Vec<f64>]) -> Vec<f64> {
    let forms = log_probs.len();
    assert!(forms > 0, "there must be a form");
    assert!(log_probs.iter().all(|of| of.len() == log_probs[0].len()), "every form needs all examples");
    // Densities relative to the best form of the example, example by example.
    let densities: Vec<f64> = (0..log_probs[0].len())
        .flat_map(|n| {
            let best = log_probs.iter().map(|of| of[n]).fold(f64::NEG_INFINITY, f64::max);
            log_probs.iter().map(move |of| if best.is_finite() { (of[n] - best).exp().max(0.0) } else { 1.0 })
        })
        .collect();
    let fit = |allowed: &[bool]| {
        let open = allowed.iter().filter(|open| **open).count() as f64;
        let mut weights: Vec<f64> = allowed.iter().map(|&is_open| if is_open { 1.0 / open } else { 0.0 }).collect();
        for _ in 0..ITERATIONS {
            let mut next = vec![0.0; forms];
            for of in densities.chunks(forms) {
                let total: f64 = weights.iter().zip(of).map(|(w, density)| w * density).sum();
                if total > 0.0 {
                    next.iter_mut().zip(&weights).zip(of).for_each(|((next, w), density)| *next += w * density / total);
                }
            }
            let sum: f64 = next.iter().sum();
            if sum <= 0.0 {
                break;
            }
            let change = next.iter_mut().zip(&weights).map(|(next, w)| {
                *next /= sum;
                (*next - w).abs()
            });
            let change = change.fold(0.0, f64::max);
            weights = next;
            if change < 1e-7 {
                break;
            }
        }
        weights
    };
    let weights = fit(&vec![true; forms]);
    let allowed: Vec<bool> = weights.iter().map(|&w| w >= LEAST).collect();
    if allowed.contains(&true) && allowed.contains(&false) { fit(&allowed) } else { weights }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_forms_that_are_right_about_different_examples_get_their_shares() {
        // p_1 is 1 on three examples of four and nearly 0 on the last; p_2 the other way round.
        let [high, low] = [0.0, -30.0];
        let weights = stacking_weights(&[vec![high, high, high, low], vec![low, low, low, high]]);
        assert!((weights[0] - 0.75).abs() < 1e-4 && (weights[1] - 0.25).abs() < 1e-4, "{weights:?}");
    }

    #[test]
    fn a_form_that_is_worse_everywhere_gets_no_weight() {
        let weights = stacking_weights(&[vec![-1.0; 50], vec![-3.0; 50], vec![f64::NEG_INFINITY; 50]]);
        assert_eq!(weights, [1.0, 0.0, 0.0]);
    }

    #[test]
    fn the_weights_are_a_maximum() {
        let log_probs = [vec![-0.3f64, -2.0, -0.9, -1.4, -0.1], vec![-1.1, -0.4, -1.0, -0.6, -1.9]];
        let likelihood = |weight: f64| -> f64 {
            (0..5).map(|n| (weight * log_probs[0][n].exp() + (1.0 - weight) * log_probs[1][n].exp()).ln()).sum()
        };
        let weight = stacking_weights(&log_probs)[0];
        assert!(weight > 0.05 && weight < 0.95);
        for step in [-0.01, 0.01] {
            assert!(likelihood(weight) > likelihood(weight + step));
        }
    }

    #[test]
    fn examples_that_nobody_can_explain_change_nothing() {
        let with = stacking_weights(&[vec![-1.0, -2.0, f64::NEG_INFINITY], vec![-2.0, -1.0, f64::NAN]]);
        assert!((with[0] - 0.5).abs() < 1e-6);
    }
}
