//! exp and ln on SIMD vectors, by polynomials.

use pulp::Simd;

use crate::math::lanes::{greatest, least, shift_left, shift_right};
use crate::math::num::{LN_2, LN_TAIL};

/// Adding this rounds a small number to the nearest integer and leaves the integer in the low bits.
const ROUND: f32 = 12_582_912.0; // 1.5 · 2²³
/// Below this, e^x is less than the smallest normal number.
const LOWEST: f32 = -87.336_54;
const HIGHEST: f32 = 88.0;

/// `(e^r − 1 − r) / r²` for |r| ≤ ½ ln 2, highest power first.
const EXP: [f32; 6] = [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5];
#[inline(always)]
fn polynomial<S: Simd, const N: usize>(simd: S, x: S::f32s, coefficients: [f32; N]) -> S::f32s {
    let mut sum = simd.splat_f32s(coefficients[0]);
    for coefficient in &coefficients[1..] {
        sum = simd.mul_add_e_f32s(sum, x, simd.splat_f32s(*coefficient));
    }
    sum
}

/// e^x to 2 units in the last place for x ≤ 88; 0 if e^x is below the normal numbers.
#[inline(always)]
pub(super) fn exp<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let lowest = simd.splat_f32s(LOWEST);
    let held = least(simd, greatest(simd, x, lowest), simd.splat_f32s(HIGHEST));
    let round = simd.splat_f32s(ROUND);
    let shifted = simd.mul_add_e_f32s(held, simd.splat_f32s(std::f32::consts::LOG2_E), round);
    let exponent = simd.sub_f32s(shifted, round);
    let rest = simd.mul_add_e_f32s(exponent, simd.splat_f32s(-LN_2[0]), held);
    let rest = simd.mul_add_e_f32s(exponent, simd.splat_f32s(-LN_2[1]), rest);
    let tail = polynomial(simd, rest, EXP);
    let one = simd.splat_f32s(1.0);
    let value = simd.mul_add_e_f32s(tail, simd.mul_f32s(rest, rest), simd.add_f32s(rest, one));
    let biased = simd.add_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(127));
    let power = shift_left(simd, biased, 23);
    let value = simd.mul_f32s(value, simd.transmute_f32s_u32s(power));
    simd.select_f32s(simd.less_than_f32s(x, lowest), simd.splat_f32s(0.0), value)
}

/// ln x to 2 units in the last place for positive normal numbers.
#[inline(always)]
pub(super) fn ln<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    // x = 2^exponent · mantissa with √½ ≤ mantissa < √2. The exponent, biased by 127, is extracted by a shift.
    const ONE: u32 = 1f32.to_bits();
    const BIAS: u32 = ONE - std::f32::consts::FRAC_1_SQRT_2.to_bits();
    let bits = simd.transmute_u32s_f32s(x);
    let biased = shift_right(simd, simd.add_u32s(bits, simd.splat_u32s(BIAS)), 23);
    // 2²³ + n has n in its low bits.
    let power = simd.transmute_f32s_u32s(simd.or_u32s(biased, simd.splat_u32s(8_388_608f32.to_bits())));
    let exponent = simd.sub_f32s(power, simd.splat_f32s(8_388_608.0 + 127.0));
    let scaled = simd.sub_u32s(bits, shift_left(simd, biased, 23));
    let mantissa = simd.transmute_f32s_u32s(simd.add_u32s(scaled, simd.splat_u32s(ONE)));
    let t = simd.sub_f32s(mantissa, simd.splat_f32s(1.0));
    let square = simd.mul_f32s(t, t);
    let tail = simd.mul_f32s(simd.mul_f32s(polynomial(simd, t, LN_TAIL), t), square);
    let tail = simd.mul_add_e_f32s(exponent, simd.splat_f32s(LN_2[1]), tail);
    let tail = simd.mul_add_e_f32s(square, simd.splat_f32s(-0.5), tail);
    simd.mul_add_e_f32s(exponent, simd.splat_f32s(LN_2[0]), simd.add_f32s(t, tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Arch, Scalar, WithSimd};

    struct Map<'a> {
        values: &'a mut [f32],
        of: Function,
    }

    #[derive(Clone, Copy)]
    enum Function {
        Exp,
        Ln,
    }

    impl WithSimd for Map<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let (vectors, rest) = S::as_mut_simd_f32s(self.values);
            assert!(rest.is_empty());
            for x in vectors {
                *x = match self.of {
                    Function::Exp => exp(simd, *x),
                    Function::Ln => ln(simd, *x),
                };
            }
        }
    }

    /// Largest error in units in the last place, over the available instruction sets.
    fn worst(of: Function, inputs: &[f32], exact: fn(f64) -> f64) -> f64 {
        let mut values = [inputs.to_vec(), inputs.to_vec()];
        Arch::new().dispatch(Map { values: &mut values[0], of });
        Scalar.vectorize(Map { values: &mut values[1], of });
        let error = |(x, value): (&f32, &f32)| {
            let exact = exact(f64::from(*x));
            let unit = f64::from((exact as f32).abs().next_up()) - f64::from((exact as f32).abs());
            (f64::from(*value) - exact).abs() / unit
        };
        values.iter().flat_map(|values| inputs.iter().zip(values)).map(error).fold(0.0, f64::max)
    }

    fn range(low: f32, high: f32) -> Vec<f32> {
        (0..1 << 16).map(|i| low + (high - low) * i as f32 / 65_536.0).collect()
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        for (low, high) in [(-87.0, 88.0), (-1.0, 1.0), (-1e-3, 1e-3)] {
            let error = worst(Function::Exp, &range(low, high), libm::exp);
            assert!(error < 2.0, "{error} between {low} and {high}");
        }
    }

    #[test]
    fn ln_is_within_two_units_in_the_last_place() {
        for (low, high) in [(0.5, 2.0), (1.0, 20.0), (1e-30, 1e-20), (1e10, 1e38)] {
            let error = worst(Function::Ln, &range(low, high), libm::log);
            assert!(error < 2.0, "{error} between {low} and {high}");
        }
    }

    #[test]
    fn exp_vanishes_below_the_normal_numbers() {
        let mut values = [-87.4, -100.0, -1e30, f32::NEG_INFINITY].repeat(8);
        Arch::new().dispatch(Map { values: &mut values, of: Function::Exp });
        assert!(values.iter().all(|&value| value == 0.0), "{values:?}");
    }
}
