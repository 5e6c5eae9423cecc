//! Scores as the piecewise linear functions that they are: see docs/decisions/0047.

use rayon::prelude::*;

use super::{
    Asked, ENERGY_TAILS, Role, Scalar, TAILS, around, ess_share, folded, merged, placed, reach, refined, scalar,
};
use crate::data::space::Target;
use crate::density::GaussianMixture;
use crate::kernel::{Head, kinks};
use crate::math::grid::linspace;
use crate::predict::curve::Curve;
use crate::predict::mixture::Mixture;

/// As [`crate::predict::scalars::scalars`], from projected features `[batch, hidden]`.
///
/// The knots are the kinks of the score between the outermost of some points: `m/8` around the components of the
/// proposal and `m/8` even ones over the range of the labels. At these points the density is compared with the proposal.
/// Where a curve is not exact between kinks, because the target is transformed, on a lattice, or pooled with others,
/// there are twice as many points, which are knots too, and so are `m/2` quantiles.
pub(in crate::predict) fn scalars(
    target: &Target,
    head: &Head,
    from_features: &[f32],
    proposal: Option<&GaussianMixture>,
    Asked { m, role, .. }: Asked,
) -> Vec<Scalar> {
    let ends = reach(target);
    let [low, high] = target.model_range();
    let needs_more = role == Role::Member || !target.is_linear() || target.kind.lattice().is_some();
    let count = if needs_more { m / 4 } else { m / 8 };
    let even = linspace(low, high, count.max(16));
    let points: Vec<(Vec<f64>, Option<Mixture>)> = match proposal {
        Some(proposal) => {
            let of = |mixture: Mixture| {
                let near = folded(ends, around(&mixture, count, &TAILS[..ENERGY_TAILS]));
                (placed(target, ends, [even.clone(), near].concat()), Some(mixture))
            };
            Mixture::from_batch(proposal).into_iter().map(of).collect()
        }
        None => {
            let even = placed(target, ends, even);
            (0..from_features.len() / head.hidden()).map(|_| (even.clone(), None)).collect()
        }
    };
    let ranges: Vec<[f32; 2]> =
        points.iter().map(|(points, _)| [points[0] as f32, points[points.len() - 1] as f32]).collect();
    let answer = |kinks: Vec<[f32; 2]>, points: Vec<f64>, mixture: Option<Mixture>| {
        // Rounding to f32 may exceed the ends.
        let knots: Vec<f64> = kinks.iter().map(|kink| f64::from(kink[0]).clamp(ends[0], ends[1])).collect();
        let scores: Vec<f64> = kinks.iter().map(|kink| f64::from(kink[1])).collect();
        let with = |knots: &[f64], scores: &[f64], more: &[f64]| {
            merged([knots, scores], [more, &on_lines(knots, scores, more)])
        };
        let [fine, fine_scores] = with(&knots, &scores, &points);
        let share = mixture.map(|mixture| ess_share(&fine, &fine_scores, &mixture.log_probs(&fine), m));
        if !needs_more {
            return scalar(target, knots, scores, share);
        }
        let more = refined(&Curve::new(&knots, &scores), m / 2);
        let [fine, fine_scores] = with(&fine, &fine_scores, &more);
        scalar(target, fine, fine_scores, share)
    };
    let found = kinks(head, from_features, &ranges).into_par_iter().zip(points);
    found.map(|(kinks, (points, mixture))| answer(kinks, points, mixture)).collect()
}

/// The piecewise linear function through some knots at ascending points, which are clamped to the range of the knots.
fn on_lines(knots: &[f64], values: &[f64], points: &[f64]) -> Vec<f64> {
    let mut at = 1;
    let value = |&point: &f64| {
        while at + 1 < knots.len() && knots[at] < point {
            at += 1;
        }
        let [from, to] = [knots[at - 1], knots[at]];
        let share = if from < to { ((point - from) / (to - from)).clamp(0.0, 1.0) } else { 1.0 };
        values[at - 1] + share * (values[at] - values[at - 1])
    };
    points.iter().map(value).collect()
}
