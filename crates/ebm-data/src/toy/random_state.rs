//! NumPy's legacy `RandomState`, as far as the published draw of the second problem needs it.
//!
//! Matsumoto and Nishimura's MT19937 seeded by `init_genrand`, and on top of it the textbook
//! algorithms NumPy froze: 53-bit uniforms, Marsaglia's polar method for normals, Jöhnk's method
//! for the beta distribution, and the Fisher–Yates shuffle with bounded integers by masked
//! rejection. Transcendental functions are the same on every
//! platform, so that the bits depend on the seed alone.

use super::rounded;
use rand_mt::Mt;

/// A stream of random numbers equal to `numpy.random.RandomState(seed)`.
pub(super) struct RandomState {
    bits: Mt,
    /// The polar method makes normals in pairs; this is the one not yet handed out.
    spare_normal: Option<f64>,
}

impl RandomState {
    /// The state after `numpy.random.RandomState(seed)`.
    pub(super) fn new(seed: u32) -> Self {
        Self { bits: Mt::new(seed), spare_normal: None }
    }

    /// Uniform on [0, 1) with 53 random bits, the high word drawn first.
    pub(super) fn standard_uniform(&mut self) -> f64 {
        let high = f64::from(self.bits.next_u32() >> 5);
        let low = f64::from(self.bits.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    /// Uniform on [lo, hi): `lo + (hi − lo)·u`.
    pub(super) fn uniform(&mut self, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * self.standard_uniform()
    }

    /// Standard normal, by Marsaglia's polar method.
    pub(super) fn standard_normal(&mut self) -> f64 {
        if let Some(normal) = self.spare_normal.take() {
            return normal;
        }
        loop {
            let first = 2.0 * self.standard_uniform() - 1.0;
            let second = 2.0 * self.standard_uniform() - 1.0;
            let square = first * first + second * second;
            if square < 1.0 && square != 0.0 {
                let factor = libm::sqrt(-2.0 * rounded::log(square) / square);
                self.spare_normal = Some(factor * first);
                return factor * second;
            }
        }
    }

    /// `Beta(a, b)` for `a, b ≤ 1`, by Jöhnk's method.
    ///
    /// NumPy's second, logarithmic formula is not here: it serves `u^{1/a} + v^{1/b} = 0`, which
    /// takes two uniforms that are zero or underflow; such a pair is drawn again.
    pub(super) fn beta(&mut self, a: f64, b: f64) -> f64 {
        loop {
            let first = libm::pow(self.standard_uniform(), 1.0 / a);
            let second = libm::pow(self.standard_uniform(), 1.0 / b);
            let sum = first + second;
            if sum <= 1.0 && sum > 0.0 {
                return first / sum;
            }
        }
    }

    /// Shuffles in place, from the last element down.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.at_most(last as u32);
            items.swap(last, other as usize);
        }
    }

    /// Uniform integer in `0..=max`, `max ≥ 1`: mask to the bits of `max`, draw again while too large.
    fn at_most(&mut self, max: u32) -> u32 {
        let mask = u32::MAX >> max.leading_zeros();
        loop {
            let value = self.bits.next_u32() & mask;
            if value <= max {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounding of the last bit is all that two mathematical libraries may differ by.
    fn assert_same(ours: f64, numpy: f64) {
        assert!((ours - numpy).abs() <= f64::EPSILON * numpy.abs(), "{ours} {numpy}");
    }

    #[test]
    fn core_is_the_reference_mt19937() {
        // The 10 000th word after seed 5489 is fixed by the C++ standard.
        let mut mt = Mt::new(5489);
        let word = (0..10_000).map(|_| mt.next_u32()).last();
        assert_eq!(word, Some(4_123_659_995));
    }

    #[test]
    fn seeding_is_the_one_of_numpy() {
        let mut state = RandomState::new(41);
        let words: Vec<u32> = (0..3).map(|_| state.bits.next_u32()).collect();
        assert_eq!(words, [1_077_708_736, 2_923_037_603, 197_980_044]);
    }

    #[test]
    fn uniforms_are_the_ones_of_numpy() {
        let mut state = RandomState::new(41);
        for expected in [0.250_923_623_744_940_15, 0.046_095_820_672_611_754] {
            assert_eq!(state.standard_uniform(), expected);
        }
        let mut state = RandomState::new(41);
        assert_eq!(state.uniform(-4.5, -3.0), -4.123_614_564_382_589);
    }

    #[test]
    fn normals_are_the_ones_of_numpy_and_the_spare_is_used() {
        let mut state = RandomState::new(41);
        for expected in
            [-0.270_712_323_067_320_5, 0.104_848_052_609_740_06, 0.250_527_815_723_571_97, -0.925_199_965_278_076_7]
        {
            assert_same(state.standard_normal(), expected);
        }
        assert_eq!(state.standard_uniform(), 0.190_930_662_779_739_14);
    }

    #[test]
    fn betas_are_the_ones_of_numpy() {
        let mut state = RandomState::new(41);
        for expected in
            [0.577_329_353_070_873_1, 0.913_329_656_485_060_3, 0.021_953_410_934_931_163, 0.051_710_719_356_243_77]
        {
            assert_same(state.beta(0.5, 1.0), expected);
        }
        assert_eq!(state.standard_uniform(), 0.917_447_848_870_896_7);
    }

    #[test]
    fn shuffle_is_the_one_of_numpy() {
        let mut state = RandomState::new(41);
        let mut items: Vec<u32> = (0..10).collect();
        state.shuffle(&mut items);
        assert_eq!(items, [5, 6, 7, 8, 1, 9, 2, 4, 3, 0]);
        assert_eq!(state.standard_uniform(), 0.924_358_238_308_621_1);
    }
}
