//! Scores `b + w·ReLU(a + e)` of points shared by all examples, for a head with one hidden layer of any width.
//!
//! `w·ReLU(a + e) = w·a + w·max(−a, e)` takes two instructions per unit. SIMD lanes are points; a tile of points stays
//! in cache for all examples.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::math::lanes::greatest;

/// Points per tile: two of the longest vectors.
const TILE: usize = 32;
/// Examples computed together from each loaded unit. With two vectors each they fill the registers.
const ROWS: usize = 4;
/// Examples per work item.
const PIECE: usize = 4 * ROWS;

/// Embedded points `e = W_y h_y` and the layer that scores them.
pub(crate) struct OneLayer {
    /// `[tile][hidden][point of the tile]`
    tiles: Vec<f32>,
    points: usize,
    weights: Vec<f32>,
    bias: f32,
}

impl OneLayer {
    /// `embedded` is `[points, hidden]`.
    pub(crate) fn new(embedded: &[f32], weights: Vec<f32>, bias: f32) -> Self {
        let hidden = weights.len();
        let points = embedded.len() / hidden;
        let mut tiles = vec![0.0; points.div_ceil(TILE) * TILE * hidden];
        let packed = tiles.par_chunks_mut(TILE * hidden).zip(embedded.par_chunks(TILE * hidden));
        packed.for_each(|(tile, embedded)| {
            for (point, units) in embedded.chunks_exact(hidden).enumerate() {
                units.iter().enumerate().for_each(|(j, &unit)| tile[j * TILE + point] = unit);
            }
        });
        Self { tiles, points, weights, bias }
    }

    /// Scores `[rows, points]` of examples whose `a = W_x h_x + b` is `from_features`, `[rows, hidden]`.
    pub(crate) fn scores(&self, from_features: &[f32], scores: &mut [f32]) {
        let hidden = self.weights.len();
        let arch = Arch::new();
        let pieces = scores.par_chunks_mut(PIECE * self.points).zip(from_features.par_chunks(PIECE * hidden));
        pieces.for_each(|(scores, from_features)| arch.dispatch(Piece { layer: self, from_features, scores }));
    }
}

struct Piece<'a> {
    layer: &'a OneLayer,
    from_features: &'a [f32],
    scores: &'a mut [f32],
}

impl WithSimd for Piece<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { layer: OneLayer { tiles, points, weights, bias }, from_features, scores } = self;
        let hidden = weights.len();
        // −a of each group of examples, unit by unit, so that the loop reads consecutive values.
        let thresholds: Vec<[f32; ROWS]> = from_features
            .chunks(ROWS * hidden)
            .flat_map(|group| {
                let at = move |j: usize, row: usize| group.get(row * hidden + j).map_or(0.0, |a| -a);
                (0..hidden).map(move |j| std::array::from_fn(|row| at(j, row)))
            })
            .collect();
        let constant = |a: &[f32]| {
            let sum: f64 = a.iter().zip(weights).map(|(&a, &w)| f64::from(a) * f64::from(w)).sum();
            (sum + f64::from(*bias)) as f32
        };
        let constants: Vec<f32> = from_features.chunks(hidden).map(constant).collect();
        let mut found = [[0.0; TILE]; ROWS];
        for (tile, start) in tiles.chunks_exact(TILE * hidden).zip((0..*points).step_by(TILE)) {
            let count = (points - start).min(TILE);
            let groups =
                thresholds.chunks_exact(hidden).zip(constants.chunks(ROWS)).zip(scores.chunks_mut(ROWS * points));
            for ((thresholds, constants), scores) in groups {
                sums(simd, tile, thresholds, weights, &mut found);
                for ((constant, found), scores) in constants.iter().zip(&found).zip(scores.chunks_exact_mut(*points)) {
                    for (score, sum) in scores[start..][..count].iter_mut().zip(found) {
                        *score = constant + sum;
                    }
                }
            }
        }
    }
}

/// `Σ_j w_j max(t_j, e_j)` of each example at each point of a tile.
#[inline(always)]
fn sums<S: Simd>(simd: S, tile: &[f32], thresholds: &[[f32; ROWS]], weights: &[f32], found: &mut [[f32; TILE]; ROWS]) {
    let pair = (2 * S::F32_LANES).min(TILE);
    for first in (0..TILE).step_by(pair) {
        let mut sums = [[simd.splat_f32s(0.0); 2]; ROWS];
        for ((units, thresholds), &weight) in tile.chunks_exact(TILE).zip(thresholds).zip(weights) {
            let units = S::as_simd_f32s(&units[first..][..pair]).0;
            let [unit, next] = [units[0], units[1]];
            let weight = simd.splat_f32s(weight);
            for row in 0..ROWS {
                let threshold = simd.splat_f32s(thresholds[row]);
                let [sum, next_sum] = sums[row];
                sums[row] = [
                    simd.mul_add_e_f32s(weight, greatest(simd, threshold, unit), sum),
                    simd.mul_add_e_f32s(weight, greatest(simd, threshold, next), next_sum),
                ];
            }
        }
        for row in 0..ROWS {
            S::as_mut_simd_f32s(&mut found[row][first..][..pair]).0.copy_from_slice(&sums[row]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::{Noise, Purpose};

    #[test]
    fn scores_are_those_of_the_layer_in_double_precision_for_any_number_of_rows_and_points() {
        let noise = &mut Noise::new(3, Purpose::Prediction, 0, 0);
        for (rows, points, hidden) in [(1, 1, 1), (3, 31, 7), (4, 32, 64), (21, 100, 512)] {
            let embedded = noise.normals(points * hidden);
            let from_features = noise.normals(rows * hidden);
            let weights: Vec<f32> = noise.normals(hidden);
            let mut found = vec![f32::NAN; rows * points];
            OneLayer::new(&embedded, weights.clone(), 0.7).scores(&from_features, &mut found);
            for (row, a) in from_features.chunks(hidden).enumerate() {
                for (point, e) in embedded.chunks(hidden).enumerate() {
                    let units = a.iter().zip(e).map(|(&a, &e)| (f64::from(a) + f64::from(e)).max(0.0));
                    let score: f64 = units.zip(&weights).map(|(h, &w)| h * f64::from(w)).sum::<f64>() + 0.7;
                    let found = f64::from(found[row * points + point]);
                    // Sums of hundreds of terms of order 1.
                    assert!((found - score).abs() < 2e-7 * (hidden as f64 + 10.0), "{found} against {score}");
                }
            }
        }
    }
}
