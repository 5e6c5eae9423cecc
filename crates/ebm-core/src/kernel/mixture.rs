//! One example's Gaussian mixture: candidates, their log-density, and the gradient of weighted log-densities.

use std::f32::consts::TAU;

use pulp::Simd;

use super::dense::stride;
use super::elementary::{exp, ln};

/// The mixture of one example, a number a component in each field.
pub(super) struct Mixture<'a> {
    pub log_weights: &'a [f32],
    pub means: &'a [f32],
    pub log_scales: &'a [f32],
}

/// What [`Mixture`] is for the loops over candidates.
#[derive(Default)]
pub(super) struct Prepared {
    means: Vec<f32>,
    scales: Vec<f32>,
    inverse_scales: Vec<f32>,
    /// Log-density of a component at its mean, plus its log-weight.
    log_heights: Vec<f32>,
    /// A uniform number above the first n of these picks component n.
    edges: Vec<f32>,
}

impl Prepared {
    pub(super) fn set(&mut self, mixture: &Mixture<'_>) {
        self.means.clear();
        self.means.extend(mixture.means);
        self.scales.clear();
        self.scales.extend(mixture.log_scales.iter().map(|log_scale| log_scale.exp()));
        self.inverse_scales.clear();
        self.inverse_scales.extend(mixture.log_scales.iter().map(|log_scale| (-log_scale).exp()));
        self.log_heights.clear();
        let log_heights = mixture.log_weights.iter().zip(mixture.log_scales);
        self.log_heights.extend(log_heights.map(|(weight, scale)| weight - scale - 0.5 * TAU.ln()));
        self.edges.clear();
        let mut passed = 0.0;
        self.edges.extend(mixture.log_weights.iter().map(|log_weight| {
            passed += log_weight.exp();
            passed
        }));
        self.edges.pop(); // 1 up to rounding; leaving it out keeps the component inside.
    }

    /// Whether minimum and maximum can order the candidates.
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
        self.means.len()
    }

    /// Candidates from standard normal and uniform numbers.
    #[inline(always)]
    pub(super) fn draw<S: Simd>(&self, simd: S, normal: S::f32s, unit: S::f32s) -> S::f32s {
        let [mut mean, mut scale] = [&self.means, &self.scales].map(|of| simd.splat_f32s(of[0]));
        for ((&edge, &next_mean), &next_scale) in self.edges.iter().zip(&self.means[1..]).zip(&self.scales[1..]) {
            let beyond = simd.greater_than_f32s(unit, simd.splat_f32s(edge));
            mean = simd.select_f32s(beyond, simd.splat_f32s(next_mean), mean);
            scale = simd.select_f32s(beyond, simd.splat_f32s(next_scale), scale);
        }
        simd.mul_add_e_f32s(normal, scale, mean)
    }

    /// Log-density at `y`. Row k of `shares` gets, at vector `v`, component k's share of the density.
    #[inline(always)]
    pub(super) fn log_density<S: Simd>(&self, simd: S, y: S::f32s, v: usize, shares: &mut [S::f32s]) -> S::f32s {
        if self.components() == 1 {
            shares[v] = simd.splat_f32s(1.0);
            return self.component(simd, y, 0);
        }
        let at = |k: usize| k * stride::<S>() + v;
        let mut largest = simd.splat_f32s(f32::MIN);
        for k in 0..self.components() {
            let log_density = self.component(simd, y, k);
            shares[at(k)] = log_density;
            largest = simd.max_f32s(log_density, largest);
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

    /// Log-density of component k at `y`, plus its log-weight.
    #[inline(always)]
    fn component<S: Simd>(&self, simd: S, y: S::f32s, k: usize) -> S::f32s {
        let u = self.standardised(simd, y, k);
        let height = simd.splat_f32s(self.log_heights[k]);
        simd.mul_add_e_f32s(simd.mul_f32s(u, u), simd.splat_f32s(-0.5), height)
    }

    /// Adds the moments of the components' shares to `sums`, lane by lane: of each component, of `weight · share` the
    /// sum, the sum with `u`, and the sum with `u²`, where `u` is the distance from the mean in its scale.
    #[inline(always)]
    pub(super) fn moments<S: Simd>(
        &self,
        simd: S,
        y: &[S::f32s],
        weights: &[S::f32s],
        shares: &[S::f32s],
        sums: &mut [S::f32s],
    ) {
        for (k, sums) in sums.chunks_exact_mut(3).enumerate() {
            let [mut zeroth, mut first, mut second] = [sums[0], sums[1], sums[2]];
            let shares = &shares[k * stride::<S>()..][..weights.len()];
            for ((&y, &weight), &share) in y.iter().zip(weights).zip(shares) {
                let u = self.standardised(simd, y, k);
                let share = simd.mul_f32s(weight, share);
                let moment = simd.mul_f32s(share, u);
                zeroth = simd.add_f32s(zeroth, share);
                first = simd.add_f32s(first, moment);
                second = simd.mul_add_e_f32s(moment, u, second);
            }
            sums.copy_from_slice(&[zeroth, first, second]);
        }
    }

    /// The gradient of `−Σ weight · log_density` from its moments, by log-weight, mean and log-scale of component k.
    pub(super) fn gradient(&self, k: usize, [zeroth, first, second]: [f32; 3]) -> [f32; 3] {
        [-zeroth, -first * self.inverse_scales[k], zeroth - second]
    }

    /// Distance of `y` from the mean of component k, in its scale.
    #[inline(always)]
    fn standardised<S: Simd>(&self, simd: S, y: S::f32s, k: usize) -> S::f32s {
        let centred = simd.sub_f32s(y, simd.splat_f32s(self.means[k]));
        simd.mul_f32s(centred, simd.splat_f32s(self.inverse_scales[k]))
    }
}
