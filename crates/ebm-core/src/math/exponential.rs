//! `exp` and `ln` in `f64` without branches, for loops that the compiler vectorises.
//!
//! Products are rounded before they are added, so the results are the same bits for every instruction set.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2, LOG2_E};

use pulp::{Arch, Simd, WithSimd};

/// Adding this rounds a small number to the nearest integer and leaves the integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2⁵²
/// ln 2 in two parts: the product of the first part with an exponent is exact.
const LN_2_PARTS: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
/// Below this, e^x is less than the smallest normal number.
const LOWEST: f64 = -708.0;
const HIGHEST: f64 = 709.0;

/// `(e^r − 1 − r) / r²` for |r| ≤ ½ ln 2 by interpolation at Chebyshev's points, highest power first.
const EXP: [f64; 11] = [
    2.091_475_532_589_32e-9,
    2.510_531_272_962_210_3e-8,
    2.755_727_347_871_858e-7,
    2.755_725_517_000_089e-6,
    2.480_158_732_567_746e-5,
    1.984_126_987_500_228e-4,
    1.388_888_888_888_371_1e-3,
    8.333_333_333_326_084e-3,
    4.166_666_666_666_667e-2,
    0.166_666_666_666_666_7,
    0.5,
];

/// e^x to 2 units in the last place for −708 ≤ x ≤ 709; 0 below.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let held = if x > LOWEST { x } else { LOWEST };
    let held = if held < HIGHEST { held } else { HIGHEST };
    let shifted = held * LOG2_E + ROUND;
    let exponent = shifted - ROUND;
    let r = (held - exponent * LN_2_PARTS[0]) - exponent * LN_2_PARTS[1];
    let mut tail = EXP[0];
    for coefficient in &EXP[1..] {
        tail = tail * r + coefficient;
    }
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    let value = (1.0 + (r + tail * (r * r))) * power;
    if x < LOWEST { 0.0 } else { value }
}

/// ln x to 3 units in the last place for positive normal numbers.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    // x = 2^exponent · mantissa with √½ ≤ mantissa < √2.
    const ONE: u64 = 1f64.to_bits();
    const BIAS: u64 = ONE - FRAC_1_SQRT_2.to_bits();
    let bits = x.to_bits();
    let biased = bits.wrapping_add(BIAS) >> 52;
    // 2⁵² + n has n in its low bits.
    let exponent = f64::from_bits(biased | 4_503_599_627_370_496f64.to_bits()) - (4_503_599_627_370_496.0 + 1023.0);
    let mantissa = f64::from_bits(bits.wrapping_sub(biased << 52).wrapping_add(ONE));
    // ln m = 2 artanh t
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let square = t * t;
    let mut tail = 1.0 / 21.0;
    for odd in [19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        tail = tail * square + 1.0 / odd;
    }
    exponent * LN_2_PARTS[0] + (2.0 * t + (2.0 * t * square * tail + exponent * LN_2_PARTS[1]))
}

/// Replaces each number by its exponential.
pub(crate) fn exp_all(numbers: &mut [f64]) {
    Arch::new().dispatch(Every(numbers));
}

struct Every<'a>(&'a mut [f64]);

impl WithSimd for Every<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for x in self.0 {
            *x = exp(*x);
        }
    }
}

const _: () = assert!(LN_2 > LN_2_PARTS[0]);

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest error in units in the last place.
    fn worst(of: fn(f64) -> f64, exact: fn(f64) -> f64, [low, high]: [f64; 2]) -> f64 {
        let error = |i: i32| {
            let x = low + (high - low) * f64::from(i) / 100_003.0;
            let exact = exact(x);
            (of(x) - exact).abs() / (exact.abs().next_up() - exact.abs())
        };
        (0..100_003).map(error).fold(0.0, f64::max)
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        for range in [[-708.0, 709.0], [-1.0, 1.0], [-1e-3, 1e-3]] {
            let error = worst(exp, libm::exp, range);
            assert!(error <= 2.0, "{error} in {range:?}");
        }
        assert_eq!([exp(0.0), exp(-709.0), exp(-1e300), exp(f64::NEG_INFINITY)], [1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn ln_is_within_three_units_in_the_last_place() {
        for range in [[0.5, 2.0], [1.0, 20.0], [1e-300, 1e-290], [1e10, 1e300]] {
            let error = worst(ln, libm::log, range);
            assert!(error <= 3.0, "{error} in {range:?}");
        }
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn many_are_the_bits_of_one() {
        let numbers: Vec<f64> = (0..1003).map(|i| 0.37 * f64::from(i) - 300.0).collect();
        let mut found = numbers.clone();
        exp_all(&mut found);
        assert!(found.iter().zip(&numbers).all(|(found, &x)| found.to_bits() == exp(x).to_bits()));
    }
}
