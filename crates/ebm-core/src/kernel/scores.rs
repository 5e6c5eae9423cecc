//! Scores on a grid shared by all examples.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::dense::TILE;
use super::head::Head;
use super::workspace::with_buffers;

/// Examples per work item. Each item embeds the grid again; with this many examples that costs little.
const PIECE: usize = 32;

/// Scores `[rows, y.len()]` of examples with projected features `from_features`, `[rows, hidden]`.
pub(crate) fn scores_of_narrow(head: &Head, from_features: &[f32], y: &[f32], scores: &mut [f32]) {
    let arch = Arch::new();
    let lengths = [TILE * head.rows(), TILE * 2 * head.hidden(), TILE];
    let pieces = scores.par_chunks_mut(PIECE * y.len()).zip(from_features.par_chunks(PIECE * head.hidden()));
    pieces.for_each(|(scores, from_features)| {
        with_buffers(lengths, |buffers| arch.dispatch(Piece { head, from_features, y, scores, buffers }));
    });
}

struct Piece<'a> {
    head: &'a Head,
    from_features: &'a [f32],
    y: &'a [f32],
    scores: &'a mut [f32],
    /// Tiles: the units before `h`, the units from `h` on, the scores.
    buffers: [&'a mut [f32]; 3],
}

impl WithSimd for Piece<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { head, from_features, y, scores, buffers: [tile, units, found] } = self;
        for start in (0..y.len()).step_by(TILE) {
            let count = (y.len() - start).min(TILE);
            // Vectors are processed in pairs.
            let vectors = count.div_ceil(2 * S::F32_LANES) * 2;
            tile[..count].copy_from_slice(&y[start..][..count]);
            tile[count..TILE].fill(0.0);
            let embedded = head.embed(simd, S::as_mut_simd_f32s(tile).0, vectors);
            let of_examples = from_features.chunks_exact(head.hidden()).zip(scores.chunks_exact_mut(y.len()));
            for (from_features, scores) in of_examples {
                let units = S::as_mut_simd_f32s(units).0;
                let score = &mut S::as_mut_simd_f32s(found).0[..vectors];
                head.combine(simd, from_features, embedded, units, score);
                scores[start..][..count].copy_from_slice(&found[..count]);
            }
        }
    }
}
