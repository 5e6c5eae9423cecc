//! The energy's loss and the weights that its gradient puts on the candidates of one example.

use pulp::Simd;

use super::elementary::exp;
use crate::loss::Objective;
use crate::math::lanes::greatest;

/// Log-density and score of the observed target, nats.
#[derive(Clone, Copy)]
pub(super) struct Observed {
    pub log_q: f32,
    pub score: f32,
}

/// Loss, `log Z` and slopes, from one example's log-weights `f − log q`.
pub(super) struct Contrast {
    /// The energy's loss, nats.
    pub loss: f64,
    /// `log (1/m) Σ exp(f − log q)`, nats: the proposal's loss.
    pub log_partition: f64,
    /// `∂loss/∂score_m = slope · weight_m`, with the unnormalised weight of candidate `m`.
    pub slope: f32,
    /// `∂loss/∂score` for the observed target.
    pub observed_slope: f32,
    /// `1 / Σ_m weight_m`, of the unnormalised weights.
    pub inverse_sum: f32,
    /// The largest log-weight, nats. Its unnormalised weight is 1.
    pub largest: f32,
}

/// Replaces the first `m` log-weights by unnormalised weights, of which the largest is 1. Later entries become 0.
#[inline(always)]
pub(super) fn contrast<S: Simd>(
    simd: S,
    log_weights: &mut [f32],
    m: usize,
    observed: Observed,
    objective: Objective,
) -> Contrast {
    // 0, or NaN if a log-weight is not finite. The maximum and exp alone would hide that.
    let zero = simd.splat_f32s(0.0);
    let (vectors, _) = S::as_simd_f32s(log_weights);
    let mut flaw = zero;
    for &x in vectors {
        flaw = simd.mul_add_e_f32s(x, zero, flaw);
    }
    let flaw = f64::from(simd.reduce_sum_f32s(flaw));

    log_weights[m..].fill(f32::NEG_INFINITY);
    let (vectors, _) = S::as_mut_simd_f32s(log_weights);
    let mut largest = simd.splat_f32s(f32::MIN);
    for &x in vectors.iter() {
        largest = greatest(simd, x, largest);
    }
    let largest = simd.reduce_max_f32s(largest);
    let shift = simd.splat_f32s(largest);
    let mut sum = zero;
    for x in vectors.iter_mut() {
        *x = exp(simd, simd.sub_f32s(*x, shift));
        sum = simd.add_f32s(sum, *x);
    }
    let sum = f64::from(simd.reduce_sum_f32s(sum));
    let [largest, score, log_q] = [largest, observed.score, observed.log_q].map(f64::from);
    let observed = score - log_q;
    let log_partition = largest + sum.ln() - (m as f64).ln() + flaw;
    let (loss, slope, observed_slope) = match objective {
        Objective::Nce => {
            let top = largest.max(observed);
            let factor = (largest - top).exp();
            let total = sum * factor + (observed - top).exp();
            (top + total.ln() - observed + flaw, factor / total, -sum * factor / total)
        }
        Objective::Importance => (log_partition - score, 1.0 / sum, -1.0),
    };
    Contrast {
        loss,
        log_partition,
        slope: slope as f32,
        observed_slope: observed_slope as f32,
        inverse_sum: (1.0 / sum) as f32,
        largest: largest as f32,
    }
}
