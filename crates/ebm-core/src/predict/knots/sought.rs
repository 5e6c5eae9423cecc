//! Scores sought point by point, for networks whose kinks no kernel finds: on other devices, with wide layers, on circles.

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use super::{Asked, ENERGY_TAILS, Scalar, TAILS, around, ess_share, folded, placed, reach, refined, scalar};
use crate::data::space::Target;
use crate::density::GaussianMixture;
use crate::math::grid::Grid;
use crate::math::host::to_host;
use crate::network::energy::EnergyNet;
use crate::predict::curve::Curve;
use crate::predict::mixture::Mixture;
use crate::predict::tiles::{Budget, score_candidates, table_of_scores};

/// As [`crate::predict::scalars::scalars`].
///
/// The first `m/2` knots lie around the components of the proposal; another `m/4` lie evenly over the range of the
/// labels, for modes that the proposal misses. Without a proposal, `m/2` lie evenly over that range. A second `m/2` lie
/// at the quantiles of the density through the first.
pub(in crate::predict) fn scalars(
    target: &Target,
    energy: &EnergyNet,
    features: &Tensor<2>,
    proposal: Option<&GaussianMixture>,
    Asked { m, budget, .. }: Asked,
) -> Vec<Scalar> {
    let batch = features.dims()[0];
    let ends = reach(target);
    let [low, high] = target.model_range();
    let even = Grid::line(low, high, if proposal.is_some() { m / 4 } else { m / 2 }.max(16));
    // Rounded to f32, as the network receives them.
    let even_knots: Vec<f64> = even.axis().iter().map(|&z| f64::from(z as f32)).collect();
    let on_grid = table_of_scores(energy, features, &even, budget);
    let mixtures = proposal.map(Mixture::from_batch);
    let ask = |knots: &[Vec<f64>]| look(energy, features, proposal, knots, budget);

    let mut found: Vec<Vec<[f64; 3]>> = (on_grid.chunks(even.len()))
        .map(|scores| even_knots.iter().zip(scores).map(|(&z, &score)| [z, score, f64::NAN]).collect())
        .collect();
    if let (Some(mixtures), Some(q)) = (&mixtures, proposal) {
        let log_q =
            to_host(q.log_prob(even.candidates(0..even.len(), &features.device()).expand([batch, even.len(), 1])));
        for (found, log_q) in found.iter_mut().zip(log_q.chunks(even.len())) {
            found.iter_mut().zip(log_q).for_each(|(knot, &log_q)| knot[2] = log_q);
        }
        let tails = &TAILS[..ENERGY_TAILS];
        let knots = mixtures.iter().map(|mixture| placed(target, ends, folded(ends, around(mixture, m / 2, tails))));
        merge(&mut found, ask(&knots.collect::<Vec<_>>()));
    }
    let coarse = |found: &Vec<[f64; 3]>| placed(target, ends, refined(&curve(found), m / 2));
    let knots: Vec<Vec<f64>> = found.par_iter().map(coarse).collect();
    merge(&mut found, ask(&knots));
    // Rounding to f32 may exceed the ends.
    found.iter_mut().flatten().for_each(|[z, ..]| *z = z.clamp(ends[0], ends[1]));
    let answer = |found: Vec<[f64; 3]>| {
        let [knots, scores, log_q] = [0, 1, 2].map(|i| found.iter().map(|knot| knot[i]).collect::<Vec<f64>>());
        let share = proposal.map(|_| ess_share(&knots, &scores, &log_q, m));
        scalar(target, knots, scores, share)
    };
    found.into_par_iter().map(answer).collect()
}

/// `[knot, score, log q]` at the knots of each input; NaN for `log q` without a proposal. All inputs have equally many
/// knots. `features`: `[batch, features]`.
fn look(
    energy: &EnergyNet,
    features: &Tensor<2>,
    proposal: Option<&GaussianMixture>,
    knots: &[Vec<f64>],
    budget: Budget,
) -> Vec<Vec<[f64; 3]>> {
    let n = knots[0].len();
    let flat: Vec<f32> = knots.iter().flatten().map(|&z| z as f32).collect();
    let y = Tensor::<3>::from_data(TensorData::new(flat.clone(), [knots.len(), n, 1]), &features.device());
    let score = score_candidates(energy, features, &y, budget);
    let log_q = proposal.map_or_else(|| vec![f64::NAN; flat.len()], |q| to_host(q.log_prob(y)));
    let all = flat.iter().zip(to_host(score)).zip(log_q);
    let all: Vec<[f64; 3]> = all.map(|((&z, score), log_q)| [f64::from(z), score, log_q]).collect();
    all.chunks(n).map(<[_]>::to_vec).collect()
}

/// Merges new knots into those of each input, in ascending order.
fn merge(found: &mut [Vec<[f64; 3]>], more: Vec<Vec<[f64; 3]>>) {
    for (found, more) in found.iter_mut().zip(more) {
        found.extend(more);
        found.sort_unstable_by(|a, b| a[0].total_cmp(&b[0]));
    }
}

fn curve(found: &[[f64; 3]]) -> Curve {
    let (knots, scores): (Vec<f64>, Vec<f64>) = found.iter().map(|[z, score, _]| (*z, *score)).unzip();
    Curve::new(&knots, &scores)
}
