//! The score of a scalar target as the piecewise linear function that it is: its kinks, and the scores there.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::dense::TILE;
use super::head::Head;
use super::segments::{MOST, SHORT, ascending, guides};
use super::workspace::with_buffers;

/// Examples of a work item.
const PIECE: usize = 16;

/// Points `[y, score]` of each example, ascending in `y`, between which its score is linear. The first and the last are
/// the ends of its range.
///
/// `from_features`: `[rows, hidden]`, the projected features. A range that is empty or not finite has its ends alone.
pub(crate) fn kinks(head: &Head, from_features: &[f32], ranges: &[[f32; 2]]) -> Vec<Vec<[f32; 2]>> {
    let arch = Arch::new();
    let of_rows = from_features.par_chunks(head.hidden()).zip(ranges).with_min_len(PIECE);
    of_rows
        .map(|(from_features, &range)| {
            with_buffers([TILE * head.rows(), TILE], |buffers| {
                arch.dispatch(Kinks { head, from_features, range, buffers })
            })
        })
        .collect()
}

struct Kinks<'a> {
    head: &'a Head,
    from_features: &'a [f32],
    range: [f32; 2],
    /// A tile of the units, and a row of scores.
    buffers: [&'a mut [f32]; 2],
}

impl WithSimd for Kinks<'_> {
    type Output = Vec<[f32; 2]>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<[f32; 2]> {
        let Self { head, from_features, range, buffers: [tile, scores] } = self;
        let mut found: Vec<[f32; 2]> = Vec::with_capacity(TILE);
        let mut points = Vec::with_capacity(TILE);
        // A range with more kinks than a tile holds is halved. The lower half is on top.
        let mut open = vec![range];
        while let Some([low, high]) = open.pop() {
            let is_long = low < -SHORT || SHORT < high;
            points.clear();
            points.extend(ascending([low, high], &if is_long { guides([low, high]) } else { Vec::new() }));
            let mut fits = Some(());
            for index in 0..head.depth() {
                if fits.is_some() {
                    fits = head.refine(simd, index, from_features, &mut points, MOST, tile);
                }
            }
            if fits.is_none() {
                let middle = 0.5 * low + 0.5 * high;
                if low < middle && middle < high {
                    open.extend([[middle, high], [low, middle]]);
                    continue;
                }
                points.clear();
                points.extend([low, high]);
            }
            let count = points.len();
            let padded = count.next_multiple_of(2 * S::F32_LANES);
            tile[..count].copy_from_slice(&points);
            tile[count..padded].fill(high);
            let into = &mut S::as_mut_simd_f32s(scores).0[..padded / S::F32_LANES];
            head.forward(simd, from_features, S::as_mut_simd_f32s(tile).0, into);
            // The end of a half is where the next one begins.
            found.pop();
            found.extend(points.iter().zip(scores.iter()).map(|(&y, &score)| [y, score]));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::math::host::host;
    use crate::math::noise::{Noise, Purpose};
    use crate::network::energy::{EnergyConfig, EnergyNet};

    fn energy(hidden: usize, device: &Device) -> EnergyNet {
        let target_widths = vec![16, 16];
        let config = EnergyConfig { features: 6, target: 1, target_widths, hidden, residual: true, axes: vec![] };
        config.init(&mut Noise::new(3, Purpose::Weights, 0, 0), device)
    }

    /// The score of every point and, by interpolation, of the kinks.
    fn compare(width: usize, range: [f32; 2], tolerance: f32) -> usize {
        let device = Device::flex();
        let energy = energy(width, &device);
        let features = Noise::new(4, Purpose::Prediction, 0, 0).normal([5, 6], &device);
        let head = energy.narrow_head().expect("narrow layers");
        let found = kinks(&head, &host(&energy.project(features.clone())), &[range; 5]);
        let points: Vec<f32> = (0..=4000).map(|i| range[0] + (range[1] - range[0]) * i as f32 / 4000.0).collect();
        let y = Tensor::<1>::from_floats(&points[..], &device).reshape([1, -1, 1]);
        let scores = host(&energy.score(features, y));
        for (kinks, scores) in found.iter().zip(scores.chunks(points.len())) {
            assert!(kinks[0][0] == range[0] && kinks[kinks.len() - 1][0] == range[1]);
            assert!(kinks.windows(2).all(|pair| pair[0][0] <= pair[1][0]));
            for (&y, &score) in points.iter().zip(scores) {
                let at = kinks.partition_point(|kink| kink[0] <= y).clamp(1, kinks.len() - 1);
                let [[from, low], [to, high]] = [kinks[at - 1], kinks[at]];
                let line = low + (high - low) * ((y - from) / (to - from).max(f32::MIN_POSITIVE));
                assert!((line - score).abs() < tolerance, "{line} is not {score} at {y}");
            }
        }
        found.iter().map(Vec::len).max().unwrap()
    }

    #[test]
    fn the_score_is_linear_between_its_kinks() {
        // f32 at scores of about 1, and of about 1e3.
        compare(32, [-5.0, 6.0], 5e-6);
        compare(32, [-1e4, 3e3], 5e-2);
        compare(64, [-1.0, -0.9], 5e-6);
    }

    #[test]
    fn a_range_of_all_numbers_is_halved_and_one_without_end_has_its_ends_alone() {
        let device = Device::flex();
        let energy = energy(32, &device);
        let head = energy.narrow_head().expect("narrow layers");
        let features = Tensor::<2>::zeros([3, 6], &device);
        let ranges = [[f32::MIN, f32::MAX], [f32::NEG_INFINITY, f32::INFINITY], [2.0, 2.0]];
        let found = kinks(&head, &host(&energy.project(features)), &ranges);
        assert!(found[0].len() > TILE && found[0].windows(2).all(|pair| pair[0][0] <= pair[1][0]));
        for (found, range) in found.iter().zip(ranges).skip(1) {
            assert!(found[0][0] == range[0] && found[found.len() - 1][0] == range[1], "{found:?}");
        }
    }
}
