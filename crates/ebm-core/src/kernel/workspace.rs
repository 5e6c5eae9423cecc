//! Buffers of a thread for one example, reused from step to step.

use std::cell::RefCell;

use super::dense::TILE;
use super::head::Head;

/// `f32` values in a cache line, and in the longest vector.
const LINE: usize = 16;

thread_local! {
    static MEMORY: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Buffers for one example, aligned to cache lines. Their initial contents are arbitrary.
pub(super) struct Workspace<'a> {
    /// Per candidate: log-weights, then unnormalised weights.
    pub log_weights: &'a mut [f32],
    /// Per candidate: log-densities, then slopes of the energy's loss.
    pub slopes: &'a mut [f32],
    /// Per candidate: normal numbers, then weights of the log-densities in the mixture's loss.
    pub normals: &'a mut [f32],
    /// Per candidate: uniform numbers.
    pub uniforms: &'a mut [f32],
    /// Tiles of the head's units; the candidates are the first row.
    pub units: &'a mut [f32],
    /// Tiles of the components' shares.
    pub shares: &'a mut [f32],
    /// Tiles of the slopes of a layer's units and of the previous layer's units.
    pub deltas: [&'a mut [f32]; 2],
    /// One vector per sum: the gradient of the parameters, then three sums per component.
    pub sums: &'a mut [f32],
}

/// Calls `work` with this thread's buffers for examples of `m` candidates and the observed target.
pub(super) fn with_workspace<T>(head: &Head, components: usize, m: usize, work: impl FnOnce(Workspace<'_>) -> T) -> T {
    let tiles = (m + 1).next_multiple_of(TILE);
    let delta = TILE * head.widest();
    let lengths = [
        tiles,
        tiles,
        tiles,
        tiles,
        tiles * head.rows(),
        tiles * components,
        delta,
        delta,
        LINE * (head.parameters() + 3 * components),
    ];
    with_buffers(lengths, |[log_weights, slopes, normals, uniforms, units, shares, delta, next, sums]| {
        let deltas = [delta, next];
        work(Workspace { log_weights, slopes, normals, uniforms, units, shares, deltas, sums })
    })
}

/// Calls `work` with buffers of this thread, at least as long as `lengths`.
pub(super) fn with_buffers<const N: usize, T>(lengths: [usize; N], work: impl FnOnce([&mut [f32]; N]) -> T) -> T {
    let lengths = lengths.map(|length| length.next_multiple_of(LINE));
    MEMORY.with_borrow_mut(|memory| {
        let needed = lengths.iter().sum::<usize>() + LINE;
        if memory.len() < needed {
            memory.resize(needed, 0.0);
        }
        let start = memory.as_ptr().align_offset(LINE * size_of::<f32>());
        let mut rest = &mut memory[start..];
        work(lengths.map(|length| {
            let (buffer, after) = std::mem::take(&mut rest).split_at_mut(length);
            rest = after;
            buffer
        }))
    })
}
