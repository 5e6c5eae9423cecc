//! Lattices, such as counts: converts a density of `k + u` to probabilities of `k`.

use crate::predict::curve::Curve;

/// The bulk of the mass gets one step per value if it spans at most this many values.
const OWN_STEPS: f64 = 2048.0;

/// The most steps between two neighbouring edges outside the bulk.
const PARTS: usize = 16;

/// A step function with edges at integers from `least` on and the masses of a continuous density, `P(k) = ∫_k^{k+1}`.
/// Nearly all of the mass gets one step for each value, unless that takes thousands of steps. Elsewhere, where knots are
/// further apart than values, neighbouring values share one probability.
pub(super) fn steps(curve: &Curve, least: f64) -> Curve {
    let [low, high] = curve.support();
    let whole = |from: f64, to: f64| {
        let n = (to - from).clamp(0.0, OWN_STEPS) as usize;
        (0..=n).map(move |i| from + i as f64)
    };
    let [first, last] = [low.floor().max(least), high.floor().max(least) + 1.0];
    let [bulk_low, bulk_high] = [1e-7, 1.0 - 1e-7].map(|p| curve.quantile(p).floor().max(least));
    let mut edges = vec![first, last];
    edges.extend(curve.points().iter().map(|[y, _]| y.floor()).filter(|y| *y > first && *y < last));
    if bulk_high + 1.0 - bulk_low <= OWN_STEPS {
        edges.extend(whole(bulk_low, bulk_high + 1.0));
    }
    edges.sort_unstable_by(f64::total_cmp);
    edges.dedup();
    let within = edges.windows(2).flat_map(|pair| {
        let parts = ((pair[1] - pair[0]) as usize).clamp(1, PARTS);
        let width = (pair[1] - pair[0]) / parts as f64;
        (0..parts).map(move |part| (pair[0] + width * part as f64).floor())
    });
    let mut all: Vec<f64> = within.chain([last]).collect();
    all.dedup();
    Curve::steps(&all, &curve.masses(&all))
}

/// `Σ_k (P(Y ≤ k) − 1{observed ≤ k})²`
///
/// Source: Czado, Gneiting, Held, "Predictive model assessment for count data", Biometrics 65 (2009), eq. (3).
pub(super) fn crps(steps: &Curve, observed: f64) -> f64 {
    let edges: Vec<f64> = steps.points().iter().map(|[y, _]| *y).collect();
    let [low, high] = steps.support();
    let mut edges: Vec<f64> =
        edges.into_iter().chain([observed].into_iter().filter(|y| low < *y && *y < high)).collect();
    edges.sort_unstable_by(f64::total_cmp);
    edges.dedup();
    // Over k counts of probability p each, starting from F: Σ_{j=1..k} (F + j p)².
    let sum = |from: f64, p: f64, k: f64| {
        k * from * from + from * p * k * (k + 1.0) + p * p * k * (k + 1.0) * (2.0 * k + 1.0) / 6.0
    };
    let masses = steps.masses(&edges);
    let cells = || edges.windows(2).zip(&masses).map(|(pair, mass)| (pair[0], pair[1] - pair[0], *mass));
    let up_to = cells().take_while(|(from, ..)| *from < observed).scan(0.0, |below, (_, k, mass)| {
        let found = sum(*below, mass / k, k);
        *below += mass;
        Some(found)
    });
    // The same sum of 1 − F, from the upper end, in reverse order: the tail may be as long as numbers go.
    let beyond = cells().rev().take_while(|(from, ..)| *from >= observed).scan(0.0, |above, (_, k, mass)| {
        let found = sum(*above, mass / k, k - 1.0) + *above * *above;
        *above += mass;
        Some(found)
    });
    (low - observed).max(0.0) + (observed - high).max(0.0) + up_to.sum::<f64>() + beyond.sum::<f64>()
}
