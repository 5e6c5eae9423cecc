//! One example's Gaussian mixture: candidates, their log-density, and the gradient of weighted log-densities.

use std::f32::consts::TAU;

use pulp::Simd;

use super::dense::stride;
use super::elementary::{exp, ln};
use crate::math::lanes::greatest;

/// The mixture of one example.
pub(super) struct Mixture<'a> {
    /// `[components]`
    pub log_weights: &'a [f32],
    /// `[target, components]`
    pub means: &'a [f32],
    /// `[target, components]`
    pub log_scales: &'a [f32],
}

/// A [`Mixture`] prepared for the loops over candidates.
#[derive(Default)]
pub(super) struct Prepared {
    /// Dimensions of the target.
    target: usize,
    means: Vec<f32>,
    scales: Vec<f32>,
    inverse_scales: Vec<f32>,
    /// Log-density of a component at its mean, plus its log-weight.
    log_heights: Vec<f32>,
    /// Cumulative weights: a uniform number above exactly the first `n` of them selects component `n`.
    edges: Vec<f32>,
}

impl Prepared {
    pub(super) fn set(&mut self, mixture: &Mixture<'_>) {
        let components = mixture.log_weights.len();
        self.target = mixture.means.len() / components;
        self.means.clear();
        self.means.extend(mixture.means);
        self.scales.clear();
        self.scales.extend(mixture.log_scales.iter().map(|log_scale| log_scale.exp()));
        self.inverse_scales.clear();
        self.inverse_scales.extend(mixture.log_scales.iter().map(|log_scale| (-log_scale).exp()));
        self.log_heights.clear();
        self.log_heights.extend(mixture.log_weights.iter().map(|weight| weight - 0.5 * self.target as f32 * TAU.ln()));
        for log_scales in mixture.log_scales.chunks_exact(components) {
            self.log_heights.iter_mut().zip(log_scales).for_each(|(height, scale)| *height -= scale);
        }
        self.edges.clear();
        let mut passed = 0.0;
        self.edges.extend(mixture.log_weights.iter().map(|log_weight| {
            passed += log_weight.exp();
            passed
        }));
        self.edges.pop(); // The last edge is 1 up to rounding; without it the index stays in range.
    }

    /// Whether all parameters are finite, so that minimum and maximum can sort the candidates.
    pub(super) fn is_finite(&self) -> bool {
        let mut sum = 0.0;
        for numbers in [&self.means, &self.scales, &self.log_heights] {
            for number in numbers {
                sum += number * 0.0;
            }
        }
        sum == 0.0
    }

    fn components(&self) -> usize {
        self.log_heights.len()
    }

    /// Dimension `d` of candidates from standard normal and uniform numbers.
    #[inline(always)]
    pub(super) fn draw<S: Simd>(&self, simd: S, d: usize, normal: S::f32s, unit: S::f32s) -> S::f32s {
        let [means, scales] = [&self.means, &self.scales].map(|of| &of[d * self.components()..]);
        let [mut mean, mut scale] = [means, scales].map(|of| simd.splat_f32s(of[0]));
        for ((&edge, &next_mean), &next_scale) in self.edges.iter().zip(&means[1..]).zip(&scales[1..]) {
            let beyond = simd.greater_than_f32s(unit, simd.splat_f32s(edge));
            mean = simd.select_f32s(beyond, simd.splat_f32s(next_mean), mean);
            scale = simd.select_f32s(beyond, simd.splat_f32s(next_scale), scale);
        }
        simd.mul_add_e_f32s(normal, scale, mean)
    }

    /// Log-density at vector `v` of the targets `y`, one row per dimension. Writes component `k`'s share of the density
    /// (its responsibility) to row `k` of `shares`, at `v`.
    #[inline(always)]
    pub(super) fn log_density<S: Simd>(&self, simd: S, y: &[S::f32s], v: usize, shares: &mut [S::f32s]) -> S::f32s {
        if self.components() == 1 {
            shares[v] = simd.splat_f32s(1.0);
            return self.component(simd, y, v, 0);
        }
        let at = |k: usize| k * stride::<S>() + v;
        let mut largest = simd.splat_f32s(f32::MIN);
        for k in 0..self.components() {
            let log_density = self.component(simd, y, v, k);
            shares[at(k)] = log_density;
            largest = greatest(simd, log_density, largest);
        }
        let mut sum = simd.splat_f32s(0.0);
        for k in 0..self.components() {
            let density = exp(simd, simd.sub_f32s(shares[at(k)], largest));
            shares[at(k)] = density;
            sum = simd.add_f32s(sum, density);
        }
        let inverse = simd.div_f32s(simd.splat_f32s(1.0), sum);
        for k in 0..self.components() {
            shares[at(k)] = simd.mul_f32s(shares[at(k)], inverse);
        }
        simd.add_f32s(largest, ln(simd, sum))
    }

    /// Log-density of component `k` at vector `v` of the targets, plus its log-weight.
    #[inline(always)]
    fn component<S: Simd>(&self, simd: S, y: &[S::f32s], v: usize, k: usize) -> S::f32s {
        let u = self.standardised(simd, y[v], k);
        let mut squares = simd.mul_f32s(u, u);
        for d in 1..self.target {
            let u = self.standardised(simd, y[d * stride::<S>() + v], d * self.components() + k);
            squares = simd.mul_add_e_f32s(u, u, squares);
        }
        let height = simd.splat_f32s(self.log_heights[k]);
        simd.mul_add_e_f32s(squares, simd.splat_f32s(-0.5), height)
    }

    /// Sums per component in [`Prepared::moments`].
    pub(super) const fn moments_of_a_component(target: usize) -> usize {
        1 + 2 * target
    }

    /// Adds the moments of each component to `sums`, lane by lane: `Σ weight · share`, then for each dimension
    /// `Σ weight · share · u` and `Σ weight · share · u²`, where `u = (y − mean) / scale`.
    #[inline(always)]
    pub(super) fn moments<S: Simd>(
        &self,
        simd: S,
        y: &[S::f32s],
        weights: &[S::f32s],
        shares: &[S::f32s],
        sums: &mut [S::f32s],
    ) {
        for (k, sums) in sums.chunks_exact_mut(Self::moments_of_a_component(self.target)).enumerate() {
            let shares = &shares[k * stride::<S>()..][..weights.len()];
            let before = sums[0];
            for d in 0..self.target {
                let [mut zeroth, mut first, mut second] = [before, sums[1 + 2 * d], sums[2 + 2 * d]];
                for ((&y, &weight), &share) in y[d * stride::<S>()..].iter().zip(weights).zip(shares) {
                    let u = self.standardised(simd, y, d * self.components() + k);
                    let share = simd.mul_f32s(weight, share);
                    let moment = simd.mul_f32s(share, u);
                    zeroth = simd.add_f32s(zeroth, share);
                    first = simd.add_f32s(first, moment);
                    second = simd.mul_add_e_f32s(moment, u, second);
                }
                [sums[0], sums[1 + 2 * d], sums[2 + 2 * d]] = [zeroth, first, second];
            }
        }
    }

    /// The gradient of `−Σ weight · log_density` from its moments, with respect to the log-weight of each component and
    /// its mean and log-scale in each dimension.
    #[inline(always)]
    pub(super) fn gradient<S: Simd>(
        &self,
        simd: S,
        moments: &[S::f32s],
        log_weights: &mut [f32],
        means: &mut [f32],
        log_scales: &mut [f32],
    ) {
        for (k, moments) in moments.chunks_exact(Self::moments_of_a_component(self.target)).enumerate() {
            let zeroth = simd.reduce_sum_f32s(moments[0]);
            log_weights[k] = -zeroth;
            for (d, moments) in moments[1..].chunks_exact(2).enumerate() {
                let [first, second] = [moments[0], moments[1]].map(
                    #[inline(always)]
                    |moment| simd.reduce_sum_f32s(moment),
                );
                let at = d * self.components() + k;
                means[at] = -first * self.inverse_scales[at];
                log_scales[at] = zeroth - second;
            }
        }
    }

    /// `(y − mean) / scale`, with the mean and the scale at index `at`.
    #[inline(always)]
    fn standardised<S: Simd>(&self, simd: S, y: S::f32s, at: usize) -> S::f32s {
        let centred = simd.sub_f32s(y, simd.splat_f32s(self.means[at]));
        simd.mul_f32s(centred, simd.splat_f32s(self.inverse_scales[at]))
    }
}
