//! Segments of a scalar target on which the score is linear. They end where a unit turns on or off.
//!
//! All layers are `ReLU(W x + b)`, so for one example `f(y)` is piecewise linear with some dozens of segments. A
//! candidate is scored by finding its segment. The gradient depends only on the total weight and the weighted mean of
//! the candidates on each segment. The function is the same; see docs/decisions/0019.

use pulp::{Simd, WithSimd};

use super::dense::TILE;
use super::head::Head;
use super::workspace::with_buffers;
use crate::math::lanes::{greatest, least};

/// Most segment ends that fit in a tile beside the observed target.
pub(super) const MOST: usize = TILE - 1;
/// Every candidate lies within this many scales of its component's mean, because normal draws are bounded.
const FARTHEST: f32 = 7.0;

/// Within this range the zero of a unit, by interpolation between the ends, is as exact as the unit itself.
pub(super) const SHORT: f32 = 32.0;

/// Zeros of the units that depend on the target only, ascending, between a lower and an upper bound of all candidates.
#[derive(Debug, Default)]
pub(super) struct SharedEnds(Vec<f32>);

impl SharedEnds {
    /// The segment ends that all examples of a step share; `None` if there are too many or the bounds are not finite.
    pub(super) fn new(arch: pulp::Arch, head: &Head, means: &[f32], log_scales: &[f32]) -> Option<Self> {
        let mut range = [f32::MAX, f32::MIN];
        for (mean, log_scale) in means.iter().zip(log_scales) {
            let reach = FARTHEST * log_scale.exp();
            range = [range[0].min(mean - reach), range[1].max(mean + reach)];
        }
        let finite = range.iter().all(|end| end.is_finite()) && range[0] < range[1];
        let with = |guides: &[f32]| {
            let ends = finite.then(|| ascending(range, guides))?;
            let found = with_buffers([TILE * head.rows()], |[tile]| arch.dispatch(Shared { head, ends, tile }));
            Some(found?.into_iter().filter(|end| !guides.contains(end)).collect())
        };
        // Where there is no room for them, the ends have to do without.
        let is_long = finite && (range[0] < -SHORT || range[1] > SHORT);
        let found = if is_long { with(&guides(range)) } else { None };
        found.or_else(|| with(&[])).map(Self)
    }
}

/// Points between the ends of a long range, an octave apart: interpolated between two of them, a zero is exact up to
/// rounding of its own size, where between the ends it would be exact up to rounding of theirs. No weight that is a
/// short decimal has its zero at one of them.
pub(super) fn guides([low, high]: [f32; 2]) -> Vec<f32> {
    let octaves = (0..128).map(|octave| 1.178_097_2 * 2_f32.powi(octave)).take_while(|at| at.is_finite());
    octaves.flat_map(|at| [-at, at]).filter(|&at| low < at && at < high).collect()
}

pub(super) fn ascending(range: [f32; 2], between: &[f32]) -> Vec<f32> {
    let mut all = [&range[..], between].concat();
    all.sort_by(f32::total_cmp);
    all
}

struct Shared<'a> {
    head: &'a Head,
    ends: Vec<f32>,
    tile: &'a mut [f32],
}

impl WithSimd for Shared<'_> {
    type Output = Option<Vec<f32>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let Self { head, mut ends, tile } = self;
        for index in 0..head.joint() {
            head.refine(simd, index, &[], &mut ends, MOST, tile)?;
        }
        Some(ends)
    }
}

/// One example's segments: their ends, the scores at the ends, and the slope of each segment.
#[derive(Default)]
pub(super) struct Segments {
    pub ends: Vec<f32>,
    pub scores: Vec<f32>,
    pub slopes: Vec<f32>,
}

/// The example and the range of targets whose segments are wanted.
pub(super) struct Wanted<'a> {
    pub head: &'a Head,
    pub from_features: &'a [f32],
    /// The lowest and the highest candidate.
    pub range: [f32; 2],
    /// The observed target.
    pub observed: f32,
}

impl Segments {
    /// Finds the segments in the wanted range and returns the score of the observed target. `None` if there are too
    /// many segments or the range is not within the shared ends.
    ///
    /// `tile` has room for [`Head::rows`] rows, `found` for one.
    #[inline(always)]
    pub(super) fn find<S: Simd>(
        &mut self,
        simd: S,
        SharedEnds(shared): &SharedEnds,
        Wanted { head, from_features, range: [low, high], observed }: Wanted<'_>,
        [tile, found]: [&mut [f32]; 2],
    ) -> Option<f32> {
        // Also false if an end is NaN.
        let inside = shared[0] <= low && low <= high && high <= shared[shared.len() - 1];
        if !inside {
            return None;
        }
        let between = shared.partition_point(|&end| end <= low)..shared.partition_point(|&end| end < high);
        self.ends.clear();
        self.ends.push(low);
        self.ends.extend(shared.get(between).unwrap_or_default());
        self.ends.push(high);
        for index in head.joint()..head.depth() {
            head.refine(simd, index, from_features, &mut self.ends, MOST, tile)?;
        }
        let count = self.ends.len();
        let padded = (count + 1).next_multiple_of(2 * S::F32_LANES);
        tile[..count].copy_from_slice(&self.ends);
        tile[count..padded].fill(observed);
        let scores = &mut S::as_mut_simd_f32s(found).0[..padded / S::F32_LANES];
        head.forward(simd, from_features, S::as_mut_simd_f32s(tile).0, scores);
        self.scores.clear();
        self.scores.extend(&found[..count]);
        self.slopes.clear();
        let pairs = self.ends.windows(2).zip(self.scores.windows(2));
        self.slopes.extend(pairs.map(|(end, score)| {
            let width = end[1] - end[0];
            if width > 0.0 { (score[1] - score[0]) / width } else { 0.0 }
        }));
        Some(found[count])
    }

    pub(super) fn count(&self) -> usize {
        self.slopes.len()
    }

    /// Whether no target up to `high` lies beyond segment `index`.
    #[inline(always)]
    fn is_last(&self, index: usize, high: f32) -> bool {
        index + 1 >= self.count() || self.ends[index + 1] >= high
    }

    /// Advances `index` to the segment that holds `low`.
    #[inline(always)]
    fn advance(&self, index: &mut usize, low: f32) {
        while !self.is_last(*index, low) {
            *index += 1;
        }
    }

    /// Scores of targets that ascend in each lane.
    #[inline(always)]
    pub(super) fn score<S: Simd>(&self, simd: S, y: &[S::f32s], scores: &mut [S::f32s]) {
        let mut first = 0;
        for (&y, score) in y.iter().zip(scores) {
            let high = simd.reduce_max_f32s(y);
            self.advance(&mut first, simd.reduce_min_f32s(y));
            let mut end = simd.splat_f32s(self.ends[first]);
            let mut height = simd.splat_f32s(self.scores[first]);
            let mut slope = simd.splat_f32s(self.slopes[first]);
            let mut index = first;
            while !self.is_last(index, high) {
                index += 1;
                let next = simd.splat_f32s(self.ends[index]);
                let beyond = simd.greater_than_f32s(y, next);
                end = simd.select_f32s(beyond, next, end);
                height = simd.select_f32s(beyond, simd.splat_f32s(self.scores[index]), height);
                slope = simd.select_f32s(beyond, simd.splat_f32s(self.slopes[index]), slope);
            }
            *score = simd.mul_add_e_f32s(slope, simd.sub_f32s(y, end), height);
        }
    }

    /// Sums over each segment, lane by lane: `Σ w` and `Σ w (y − end)`. The targets ascend in each lane.
    #[inline(always)]
    pub(super) fn gather<S: Simd>(&self, simd: S, y: &[S::f32s], weights: &[S::f32s], sums: &mut [[S::f32s; 2]]) {
        let zero = simd.splat_f32s(0.0);
        sums.fill([zero; 2]);
        let mut first = 0;
        for (&y, &weight) in y.iter().zip(weights) {
            let high = simd.reduce_max_f32s(y);
            self.advance(&mut first, simd.reduce_min_f32s(y));
            let mut rest = weight;
            let mut index = first;
            loop {
                let last = self.is_last(index, high);
                let mut own = rest;
                if !last {
                    let beyond = simd.greater_than_f32s(y, simd.splat_f32s(self.ends[index + 1]));
                    own = simd.select_f32s(beyond, zero, rest);
                    rest = simd.select_f32s(beyond, rest, zero);
                }
                let [sum, moment] = &mut sums[index];
                *sum = simd.add_f32s(*sum, own);
                let distance = simd.sub_f32s(y, simd.splat_f32s(self.ends[index]));
                *moment = simd.mul_add_e_f32s(own, distance, *moment);
                if last {
                    break;
                }
                index += 1;
            }
        }
    }

    /// Total weight of a segment and the weighted mean of its targets, from its sums.
    #[inline(always)]
    pub(super) fn centre<S: Simd>(&self, simd: S, index: usize, [sum, moment]: [S::f32s; 2]) -> [f32; 2] {
        let [low, high] = [self.ends[index], self.ends[index + 1]];
        let weight = simd.reduce_sum_f32s(sum);
        let mean = low + simd.reduce_sum_f32s(moment) / weight;
        // With weight 0 any target gives the same result.
        [weight, if weight > 0.0 { mean.clamp(low, high) } else { low }]
    }
}

/// Sorts each lane by itself: Batcher's merge exchange (Knuth, vol. 3, 5.2.2, algorithm M).
#[inline(always)]
pub(super) fn sort_columns<S: Simd>(simd: S, rows: &mut [S::f32s]) {
    let count = rows.len();
    let top = count.next_power_of_two() / 2;
    let mut p = top;
    while p > 0 {
        let [mut q, mut r, mut d] = [top, 0, p];
        loop {
            for base in (r..count.saturating_sub(d)).step_by(2 * p) {
                for i in base..(base + p).min(count - d) {
                    let [a, b] = [rows[i], rows[i + d]];
                    rows[i] = least(simd, a, b);
                    rows[i + d] = greatest(simd, a, b);
                }
            }
            if q == p {
                break;
            }
            d = q - p;
            q /= 2;
            r = p;
        }
        p /= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::{Noise, Purpose};
    use pulp::Arch;

    struct Sort<'a>(&'a mut [f32]);

    impl WithSimd for Sort<'_> {
        type Output = usize;

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) -> usize {
            sort_columns(simd, S::as_mut_simd_f32s(self.0).0);
            S::F32_LANES
        }
    }

    #[test]
    fn every_column_of_any_length_is_sorted_and_keeps_its_numbers() {
        for rows in [1, 2, 3, 5, 8, 13, 32, 63, 64] {
            let numbers = Noise::new(2, Purpose::Candidates, 0, 0).normals(16 * rows);
            for arch in [Arch::new(), Arch::Scalar] {
                let mut sorted = numbers.clone();
                let lanes = arch.dispatch(Sort(&mut sorted));
                for lane in 0..lanes {
                    let column = |of: &[f32]| of.iter().skip(lane).step_by(lanes).copied().collect::<Vec<f32>>();
                    let mut expected = column(&numbers);
                    expected.sort_by(f32::total_cmp);
                    assert_eq!(column(&sorted), expected, "{rows} rows, lane {lane}");
                }
            }
        }
    }
}
