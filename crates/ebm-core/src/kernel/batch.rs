//! The training step of a batch: threads share the examples, gradients are summed in a fixed order.

use pulp::Arch;
use rayon::prelude::*;

use super::example::Examples;
use super::segments::SharedEnds;
use super::step::{AnyHead, Outcome, Rows, Step, Sums};
use super::wide;
use super::workspace::with_workspace;

/// Examples per work item. It fixes the order of the sums, so it must be a constant.
const PIECE: usize = 2;

/// Losses and gradients of a step, bitwise the same for any number of threads.
pub(crate) fn run(step: &Step<'_>) -> Outcome {
    run_on(Arch::new(), step)
}

/// [`run`] with a given instruction set.
pub(super) fn run_on(arch: Arch, step: &Step<'_>) -> Outcome {
    let shared = match step.head {
        AnyHead::Narrow(head) if Examples::has_segments(step.m) => {
            SharedEnds::new(arch, head, step.means, step.log_scales)
        }
        AnyHead::Narrow(_) | AnyHead::Wide(_) => None,
    };
    run_by(arch, step, shared.as_ref())
}

/// [`run_on`] with given shared segment ends. If `shared` is `None`, candidates are scored one by one.
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

/// Consecutive pieces of a slice, each of the given length; empty once the slice is used up.
struct Pieces<'a>(&'a mut [f32], usize);

impl<'a> Pieces<'a> {
    fn next(&mut self) -> &'a mut [f32] {
        let rest = std::mem::take(&mut self.0);
        let (piece, rest) = rest.split_at_mut(self.1.min(rest.len()));
        self.0 = rest;
        piece
    }
}
