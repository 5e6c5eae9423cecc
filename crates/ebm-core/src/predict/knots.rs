//! Knots at which the score of a scalar is evaluated, and the curve through them, from which every answer is computed.

pub(super) mod exact;
pub(super) mod sought;

use crate::data::space::{Target, TargetKind};
use crate::loss::partition::integral;
use crate::math::axis::Axis;
use crate::math::exponential::exp_all;
use crate::math::grid::linspace;
use crate::predict::curve::Curve;
use crate::predict::marginal::Marginal;
use crate::predict::mixture::Mixture;
use crate::predict::tiles::Budget;

/// Tail knots of a component on either side of its mean, in scales. Energies use only the first [`ENERGY_TAILS`].
const TAILS: [f64; 11] = [4.5, 5.0, 6.0, 7.0, 8.5, 10.5, 13.0, 17.0, 22.0, 29.0, 38.0];
const ENERGY_TAILS: usize = 3;

/// The largest distance of knots in a transformed target (`scale · Δz`) where the density is not negligible. Linear
/// interpolation there costs `STEP²/8` nats in the user's units.
const STEP: f64 = 0.1;

/// [`STEP`] where the density is more than [`NEGLIGIBLE`] nats below its maximum.
const FAR_STEP: f64 = 0.5;
const NEGLIGIBLE: f64 = 40.0;

/// Knots on an energy's extrapolated tail where the support is unbounded, in nats below the outermost evaluated knot.
const FALLS: [f64; 11] = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 700.0];

/// What a curve is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is the answer.
    Answer,
    /// It is pooled with others: the logarithm of a mixture is not linear between their knots.
    Member,
}

/// How densities are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// Candidates for each input.
    pub m: usize,
    pub role: Role,
    pub budget: Budget,
}

/// The density of one scalar.
pub(crate) struct Scalar {
    pub marginal: Marginal,
    /// `log Z`, nats; for a mixture, the log of its mass on the support.
    pub log_partition: f64,
    /// Range of the standardised target on which the score was evaluated. Beyond it, the curve gives the density.
    pub asked: [f64; 2],
    /// Effective sample size of `m` draws from the proposal divided by `m`; `None` without a proposal.
    pub ess_share: Option<f64>,
}

/// Range of the standardised target on which energies are evaluated and extrapolated. For real targets, lattices
/// and angles it is the support. For the others it is the support, cut off at one label range beyond the labels on
/// either side: a slow tail in the logarithm would let the mean depend on targets far beyond the data.
fn reach(target: &Target) -> [f64; 2] {
    let [least, most] = target.model_support();
    let [low, high] = target.model_range();
    match target.kind {
        TargetKind::Real | TargetKind::Step { .. } | TargetKind::Angle { .. } => [least, most],
        _ => [least.max(2.0 * low - high), most.min(2.0 * high - low)],
    }
}

/// Folds knots outside `[low, high]` back inside, modulo its length. A component of a proposal may be arbitrarily wide
/// if few training candidates came from it, and the energy is untrained far out.
fn folded([low, high]: [f64; 2], mut knots: Vec<f64>) -> Vec<f64> {
    if low.is_finite() && high.is_finite() {
        let beyond = knots.iter_mut().filter(|z| !(low..=high).contains(*z));
        beyond.for_each(|z| *z = low + (*z - low).rem_euclid(high - low));
    }
    knots
}

/// Knots around the mean of each component: about `m` in total, plus `tails` on either side. They ascend within each
/// component, so that a sort finds them nearly sorted.
fn around(mixture: &Mixture, m: usize, tails: &[f64]) -> Vec<f64> {
    let components = mixture.scalar_components();
    let body = linspace(-4.0, 4.0, (m / components.clone().count()).max(9));
    let before = tails.iter().rev().map(|tail| -tail);
    let all: Vec<f64> = before.chain(body).chain(tails.iter().copied()).collect();
    components.flat_map(|(_, mean, scale)| all.iter().map(move |u| mean + scale * u)).collect()
}

/// Prepares knots for evaluation: clamps (or wraps) them to `[low, high]`, adds the ends of the support, and sorts.
fn placed(target: &Target, [low, high]: [f64; 2], mut knots: Vec<f64>) -> Vec<f64> {
    let [first, _] = target.model_range();
    for z in &mut knots {
        *z = match target.axis() {
            _ if !z.is_finite() => first,
            Axis::Circle => crate::math::axis::wrap(*z),
            Axis::Line => z.clamp(low, high),
        };
    }
    let ends = target.model_support().into_iter().filter(|end| end.is_finite() && (low..=high).contains(end));
    knots.extend(ends);
    // A stable sort merges what ascends already.
    knots.sort_by(f64::total_cmp);
    knots
}

/// Knots next to the ends of a power scale's support: each ten times as far from its end as the one before, up to the
/// upper end of the labels.
///
/// What is left of a mixture whose mass lies far beyond an end falls off within `σ²/distance`, where no component has
/// knots.
fn from_the_ends(target: &Target) -> Vec<f64> {
    if !matches!(target.kind, TargetKind::Power { .. }) {
        return Vec::new();
    }
    let ([least, most], [_, high]) = (target.model_support(), target.model_range());
    let at = |distance: f64| [least + (high - least) * distance, most - (most - high) * distance];
    (0..13).flat_map(|digits| at(0.1f64.powi(digits))).collect()
}

/// The quantiles of a curve at the levels `(i + ½)/n`.
fn refined(curve: &Curve, n: usize) -> Vec<f64> {
    curve.quantiles((0..n).map(|i| (i as f64 + 0.5) / n as f64))
}

/// Converts a curve of the standardised target to a curve of `y`, on a lattice of `k + u`.
///
/// A nonlinear transform of the target bends the straight pieces between knots. Extra knots are therefore inserted, at
/// most [`STEP`] apart in the transformed target, and [`FAR_STEP`] where the density is negligible.
pub(super) fn in_units(target: &Target, knots: &[f64], logs: &[f64]) -> Curve {
    if target.is_linear() && knots.len() > 1 && logs.iter().all(|log| log.is_finite()) {
        let slope = target.log_jacobian_at_model(0.0);
        let y: Vec<f64> = knots.iter().map(|&z| target.continuous_from_model(z)).collect();
        return Curve::new(&y, &logs.iter().map(|log| log + slope).collect::<Vec<_>>());
    }
    let far = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max) - NEGLIGIBLE;
    let cell = |at: usize| {
        let [from, to] = [at, at + 1].map(|i| (knots[i], logs[i]));
        let step = if from.1.max(to.1) < far { FAR_STEP } else { STEP };
        let ends = [from.0, to.0];
        let parts = target.parts(ends, step);
        (0..parts as usize).map(move |part| {
            let share = target.part_begins(ends, part as f64, parts);
            (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
        })
    };
    let last = knots.len() - 1;
    let seen = (0..last)
        .flat_map(cell)
        .chain([(knots[last], logs[last])])
        .map(|(z, log)| (target.continuous_from_model(z), log + target.log_jacobian_at_model(z)));
    let (y, logs): (Vec<f64>, Vec<f64>) = seen.filter(|(y, log)| y.is_finite() && *log < f64::INFINITY).unzip();
    if y.len() < 2 {
        return Curve::new(&target.model_range().map(|z| target.continuous_from_model(z)), &[f64::NAN; 2]);
    }
    Curve::new(&y, &logs)
}

/// The marginal of a mixture restricted to the support of the target, and the log of its mass there, nats.
///
/// Of a positive target, whose logarithm the mixture describes, the marginal ends where that of an energy does: a wide
/// component would otherwise put the mean beyond anything that a label allows.
pub(super) fn mixture_marginal(target: &Target, mixture: &Mixture, m: usize) -> (Marginal, f64) {
    let ends = if target.kind == TargetKind::Positive { reach(target) } else { target.model_support() };
    let first = placed(target, ends, [around(mixture, m / 2, &TAILS), from_the_ends(target)].concat());
    let logs = mixture.log_probs(&first);
    let more = placed(target, ends, refined(&Curve::new(&first, &logs), m / 2));
    let [knots, logs] = merged([&first, &logs], [&more, &mixture.log_probs(&more)]);
    let curve = in_units(target, &knots, &logs);
    let log_mass = if target.kind.is_cut_off() { curve.log_mass() } else { 0.0 };
    (Marginal::new(*target, curve), log_mass)
}

/// Two ascending lists of knots with their log-densities as one.
fn merged([knots, logs]: [&[f64]; 2], [more, more_logs]: [&[f64]; 2]) -> [Vec<f64>; 2] {
    let mut found = [(); 2].map(|()| Vec::with_capacity(knots.len() + more.len()));
    let mut next = 0;
    for (&knot, &log) in more.iter().zip(more_logs) {
        let before = next + knots[next..].iter().take_while(|&&other| other <= knot).count();
        found[0].extend_from_slice(&knots[next..before]);
        found[1].extend_from_slice(&logs[next..before]);
        found[0].push(knot);
        found[1].push(log);
        next = before;
    }
    found[0].extend_from_slice(&knots[next..]);
    found[1].extend_from_slice(&logs[next..]);
    found
}

/// From a score known at knots, and the effective sample size.
fn scalar(target: &Target, mut knots: Vec<f64>, mut scores: Vec<f64>, ess_share: Option<f64>) -> Scalar {
    let asked = [knots[0], knots[knots.len() - 1]];
    if target.axis() == Axis::Line {
        extend(target, &mut knots, &mut scores);
    } else {
        close(&mut knots, &mut scores);
    }
    let curve = in_units(target, &knots, &scores);
    Scalar { log_partition: curve.log_mass(), marginal: Marginal::new(*target, curve), asked, ess_share }
}

/// `1 / E_p[min(p/q, m)]`: the effective sample size of `m` draws from the proposal, divided by `m`. Knots ascend.
///
/// Without the bound `m` it would be 0 for every score with linear tails, because the ratio to a Gaussian is unbounded.
/// The bound means that one draw counts for at most all `m`: mass that the proposal misses enters with the factor `m`.
fn ess_share(knots: &[f64], scores: &[f64], log_q: &[f64], m: usize) -> f64 {
    let max = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let logs: Vec<f64> = scores.iter().map(|score| (score - max).max(-1e5)).collect();
    let mut densities = logs.clone();
    exp_all(&mut densities);
    let pair = |of: &[f64], i: usize| [of[i], of[i + 1]];
    let mass = |i: usize| integral(knots[i + 1] - knots[i], pair(&logs, i), pair(&densities, i));
    let masses: Vec<f64> = (0..knots.len() - 1).map(mass).collect();
    let all: f64 = masses.iter().sum();
    let log_all = all.ln();
    let mut ratios: Vec<f64> = logs.iter().zip(log_q).map(|(log, log_q)| log - log_all - log_q).collect();
    exp_all(&mut ratios);
    ratios.iter_mut().for_each(|ratio| *ratio = ratio.min(m as f64));
    let terms = masses.iter().zip(ratios.windows(2)).map(|(mass, ratios)| 0.5 * mass * (ratios[0] + ratios[1]));
    (all / terms.sum::<f64>()).min(1.0)
}

/// Extrapolates both tails linearly in the log where they fall, within [`reach`].
fn extend(target: &Target, knots: &mut Vec<f64>, logs: &mut Vec<f64>) {
    let limits = reach(target);
    let n = knots.len();
    // Long enough for the slope to be accurate despite rounding.
    let stretch = 1e-3 * (knots[n - 1] - knots[0]);
    let all = || knots.iter().copied().zip(logs.iter().copied());
    let slopes = [slope_from(all(), stretch), slope_from(all().rev(), stretch)];
    let beyond = |side: usize, end: f64, log: f64| -> Vec<[f64; 2]> {
        let (sign, reach) = if side == 0 { (-1.0, end - limits[0]) } else { (1.0, limits[1] - end) };
        let Some(slope) = slopes[side].filter(|_| reach > 0.0) else { return Vec::new() };
        let steps: Vec<f64> =
            if reach.is_finite() { vec![reach] } else { FALLS.iter().map(|fall| fall / slope).collect() };
        steps.into_iter().map(|step| [end + sign * step, log - slope * step]).collect()
    };
    let before = beyond(0, knots[0], logs[0]);
    let after = beyond(1, knots[n - 1], logs[n - 1]);
    let (z, log): (Vec<f64>, Vec<f64>) = before.into_iter().rev().map(|[z, log]| (z, log)).unzip();
    knots.splice(0..0, z);
    logs.splice(0..0, log);
    knots.extend(after.iter().map(|knot| knot[0]));
    logs.extend(after.iter().map(|knot| knot[1]));
}

/// The slope of the log-density from the first knot inwards; `None` unless it rises.
fn slope_from(mut knots: impl Iterator<Item = (f64, f64)>, stretch: f64) -> Option<f64> {
    let (end, log_end) = knots.next()?;
    let (inner, log_inner) = knots.find(|(z, _)| (z - end).abs() > stretch)?;
    Some((log_inner - log_end) / (inner - end).abs()).filter(|&slope| slope > 0.0)
}

/// Closes the circle: the ends are ∓π and have the same log-density.
fn close(knots: &mut [f64], logs: &mut [f64]) {
    use std::f64::consts::PI;
    let last = knots.len() - 1;
    [knots[0], knots[last]] = [-PI, PI];
    let log = 0.5 * (logs[0] + logs[last]);
    [logs[0], logs[last]] = [log; 2];
}

#[cfg(test)]
pub(crate) mod laws;
