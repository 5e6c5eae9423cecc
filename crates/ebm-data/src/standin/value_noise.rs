//! Smooth random texture.

use super::stream::Stream;
use std::ops::RangeInclusive;

/// Grid values that one sample is made of: four of the cubic, each the mean of three.
const TAPS: usize = 6;

/// Value noise on a `width` × `height` raster, row by row, stretched to [0, 1].
///
/// `t = Σ_o 2^{−o} g_o`, then `(t − min t)/(max t − min t)`
///
/// `g_o` is a grid of 2^o × 2^o numbers uniform on [0, 1], averaged over 3 × 3 with zeros around the grid, and
/// stretched to the raster by cubic convolution. The zeros make the border darker than the middle. A raster on which
/// the noise is constant, such as a single pixel, is all zeros.
pub(super) fn value_noise(octaves: RangeInclusive<u32>, width: usize, height: usize, stream: &mut Stream) -> Vec<f32> {
    let mut texture = vec![0f32; width * height];
    for octave in octaves {
        let side = 1usize << octave;
        // 256 levels are enough for a picture of 256 grey levels.
        let mut grid = vec![0u8; side * side];
        stream.bytes(&mut grid);
        // Weight of the octave, and 1/255 for the bytes.
        let weight = 1.0 / (side as f32 * 255.0);
        let columns: Vec<Sampling> = (0..width).map(|x| Sampling::new(x, width, side)).collect();
        // All grid rows at the raster's columns, then the raster's rows.
        let mut stretched = vec![0f32; side * width];
        for (row, line) in grid.chunks_exact(side).zip(stretched.chunks_exact_mut(width)) {
            for (value, column) in line.iter_mut().zip(&columns) {
                *value = weight * (0..TAPS).map(|k| column.weights[k] * f32::from(row[column.at[k]])).sum::<f32>();
            }
        }
        for (y, line) in texture.chunks_exact_mut(width).enumerate() {
            let sampling = Sampling::new(y, height, side);
            for (at, factor) in sampling.at.into_iter().zip(sampling.weights) {
                for (value, source) in line.iter_mut().zip(&stretched[at * width..(at + 1) * width]) {
                    *value += factor * source;
                }
            }
        }
    }
    stretch_to_unit(&mut texture);
    texture
}

/// Maps the smallest value to 0 and the largest to 1.
fn stretch_to_unit(values: &mut [f32]) {
    let (lo, hi) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(lo, hi), &v| (lo.min(v), hi.max(v)));
    let scale = if hi > lo { 1.0 / (hi - lo) } else { 0.0 };
    for value in values {
        *value = (*value - lo) * scale;
    }
}

/// Where along one axis a sample takes its values, and their weights, which sum to 1 away from the border.
struct Sampling {
    at: [usize; TAPS],
    weights: [f32; TAPS],
}

impl Sampling {
    /// Pixel `i` of `pixels` on a grid of `side`; both span the same length.
    fn new(i: usize, pixels: usize, side: usize) -> Self {
        let position = (i as f32 + 0.5) * side as f32 / pixels as f32 - 0.5;
        let floor = position.floor();
        let mut weights = [0.0; TAPS];
        let last = side as isize - 1;
        let first = (floor as isize - 2).clamp(0, (side as isize - TAPS as isize).max(0));
        for (k, weight) in cubic_weights(position - floor).into_iter().enumerate() {
            // The averaged grid goes on beyond its border with its outermost values.
            let centre = (floor as isize - 1 + k as isize).clamp(0, last);
            for neighbour in (centre - 1).max(0)..=(centre + 1).min(last) {
                weights[(neighbour - first) as usize] += weight / 3.0;
            }
        }
        let at = std::array::from_fn(|k| (first as usize + k).min(side - 1));
        Self { at, weights }
    }
}

/// Weights of Keys's cubic convolution (a = −½) for the values at −1, 0, 1, 2, at `t` in [0, 1).
pub(super) fn cubic_weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [-0.5 * t + t2 - 0.5 * t3, 1.0 - 2.5 * t2 + 1.5 * t3, 0.5 * t + 2.0 * t2 - 1.5 * t3, -0.5 * t2 + 0.5 * t3]
}

#[cfg(test)]
mod tests {
    use super::super::stream::{Aspect, Key};
    use super::*;

    #[test]
    fn weights_sum_to_one_and_keep_straight_lines_straight() {
        for step in 0..16 {
            let t = step as f32 / 16.0;
            let weights = cubic_weights(t);
            let line: f32 = weights.iter().zip([-1.0, 0.0, 1.0, 2.0]).map(|(w, x)| w * x).sum();
            // Rounding of f32.
            assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!((line - t).abs() < 1e-6);
        }
    }

    #[test]
    fn noise_fills_the_unit_interval() {
        let mut stream = Key { family: 0, seed: 0, index: 0 }.stream(Aspect::Scene);
        for (width, height) in [(11, 12), (256, 256), (2, 1)] {
            let noise = value_noise(1..=4, width, height, &mut stream);
            assert_eq!(noise.len(), width * height);
            assert_eq!(noise.iter().copied().fold(f32::INFINITY, f32::min), 0.0);
            assert_eq!(noise.iter().copied().fold(0.0, f32::max), 1.0);
        }
        assert_eq!(value_noise(1..=4, 1, 1, &mut stream), [0.0]);
    }

    #[test]
    fn samples_average_three_neighbours_and_zeros_beyond_the_border() {
        let sum = |pixel| Sampling::new(pixel, 64, 8).weights.iter().sum::<f32>();
        // Rounding of f32.
        assert!((sum(32) - 1.0).abs() < 1e-6);
        assert!((sum(0) - 2.0 / 3.0).abs() < 0.03, "beyond the outermost centre, two of three and a cubic overshoot");
        assert_eq!(sum(0), sum(63));
    }

    #[test]
    fn low_octaves_are_smooth() {
        let mut stream = Key { family: 0, seed: 0, index: 1 }.stream(Aspect::Scene);
        let noise = value_noise(1..=2, 256, 256, &mut stream);
        // The steepest cubic through a grid of 4 values climbs 1.5 units in each of its 64-pixel cells.
        let steepest = noise.chunks_exact(256).flat_map(|row| row.windows(2)).map(|w| (w[1] - w[0]).abs());
        assert!(steepest.fold(0.0, f32::max) < 1.5 / 32.0);
    }
}
