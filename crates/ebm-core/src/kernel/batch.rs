//! A batch's step: examples shared out among threads, gradients summed in one order.

use pulp::Arch;
use rayon::prelude::*;

use super::example::Examples;
use super::segments::SharedEnds;
use super::step::{AnyHead, Outcome, Rows, Step, Sums};
use super::wide;
use super::workspace::with_workspace;

/// Examples of one piece of work. It decides the order of sums, so it depends on nothing.
const PIECE: usize = 2;

/// Losses and gradients of a step. The number of threads changes no bit of them.
pub(crate) fn run(step: &Step<'_>) -> Outcome {
    run_on(Arch::new(), step)
}

/// The same by a given instruction set.
pub(super) fn run_on(arch: Arch, step: &Step<'_>) -> Outcome {
    let shared = match step.head {
        AnyHead::Narrow(head) if Examples::has_segments(step.m) => {
            SharedEnds::new(arch, head, step.means, step.log_scales)
        }
        AnyHead::Narrow(_) | AnyHead::Wide(_) => None,
    };
    run_by(arch, step, shared.as_ref())
}

/// The same, every candidate scored by itself where there are no shared ends of segments.
pub(super) fn run_by(arch: Arch, step: &Step<'_>, shared: Option<&SharedEnds>) -> Outcome {
    let batch = step.targets.len() / step.target;
    let hidden = step.head.hidden();
    let components = if step.mixture.is_some() { step.components } else { 0 };
    let pieces = batch.div_ceil(PIECE);
    let count = step.head.parameters();
    let mut partial = vec![0.0; pieces * count];
    let mut losses = vec![Sums::default(); pieces];
    let mut from_features = vec![0.0; batch * hidden];
    let widths = [components, step.target * components, step.target * components];
    let [mut log_weights, mut means, mut log_scales] = widths.map(|width| vec![0.0; batch * width]);

    let rows = from_features.chunks_mut(PIECE * hidden);
    let [weights_width, width, _] = widths.map(|width| PIECE * width);
    let mut of_mixture =
        [Pieces(&mut log_weights, weights_width), Pieces(&mut means, width), Pieces(&mut log_scales, width)];
    let pieces: Vec<_> = rows
        .zip(partial.chunks_mut(count))
        .zip(&mut losses)
        .enumerate()
        .map(|(piece, ((from_features, parameters), losses))| {
            let [log_weights, means, log_scales] = of_mixture.each_mut().map(Pieces::next);
            let gradients = Rows { from_features, log_weights, means, log_scales };
            Piece { first: piece * PIECE, gradients, parameters, losses }
        })
        .collect();
    let work = |Piece { first, gradients, parameters, losses }: Piece<'_>| {
        *losses = match step.head {
            AnyHead::Narrow(head) => with_workspace(head, step.components, step.m, |workspace| {
                arch.dispatch(Examples { head, step, first, gradients, parameters, workspace, shared })
            }),
            AnyHead::Wide(head) => wide::Examples { head, step, first, gradients, parameters }.run(arch),
        };
    };
    if rayon::current_num_threads() == 1 {
        pieces.into_iter().for_each(work);
    } else {
        pieces.into_par_iter().for_each(work);
    }

    let mut parameters = vec![0.0; count];
    for partial in partial.chunks_exact(count) {
        parameters.iter_mut().zip(partial).for_each(|(sum, part)| *sum += part);
    }
    let mean = |of: fn(&Sums) -> f64| losses.iter().map(of).sum::<f64>() / batch as f64;
    let losses = Sums {
        energy: mean(|sums| sums.energy),
        proposal_kl: mean(|sums| sums.proposal_kl),
        nll: mean(|sums| sums.nll),
    };
    Outcome { losses, parameters, from_features, log_weights, means, log_scales }
}

struct Piece<'a> {
    first: usize,
    gradients: Rows<'a>,
    parameters: &'a mut [f32],
    losses: &'a mut Sums,
}

/// Pieces of a slice, one after the other, for as long as there are any.
struct Pieces<'a>(&'a mut [f32], usize);

impl<'a> Pieces<'a> {
    fn next(&mut self) -> &'a mut [f32] {
        let rest = std::mem::take(&mut self.0);
        let (piece, rest) = rest.split_at_mut(self.1.min(rest.len()));
        self.0 = rest;
        piece
    }
}
