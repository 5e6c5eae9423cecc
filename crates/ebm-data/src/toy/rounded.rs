//! Cosine and logarithm rounded from twice the precision.
//!
//! Mathematical libraries differ in the last bit, and `3 cos t − 2` magnifies that bit where it
//! is near zero. The nearest `f64` to the exact value is the same everywhere, and it is what the
//! published draw holds.

use std::ops::{Add, Mul};

/// Terms of a power series: enough for 2e-32 at every argument below.
const TERMS: u32 = 32;
/// `log 2` to twice the precision.
const LOG_TWO: Double = Double { high: std::f64::consts::LN_2, low: 2.319_046_813_846_299_6e-17 };

/// An unevaluated sum of two numbers, the second at most half a last place of the first.
#[derive(Clone, Copy)]
struct Double {
    high: f64,
    low: f64,
}

impl Double {
    const ONE: Self = Self { high: 1.0, low: 0.0 };

    /// `a + b` exactly (Knuth).
    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let kept = high - a;
        Self { high, low: (a - (high - kept)) + (b - kept) }
    }

    /// `a·b` exactly.
    fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self { high, low: libm::fma(a, b, -high) }
    }

    /// The quotient by a whole number.
    fn over(self, divisor: f64) -> Self {
        let high = self.high / divisor;
        let rest = libm::fma(-high, divisor, self.high) + self.low;
        Self::sum(high, rest / divisor)
    }
}

impl Add for Double {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let high = Self::sum(self.high, other.high);
        let low = Self::sum(self.low, other.low);
        let sum = Self::sum(high.high, high.low + low.high);
        Self::sum(sum.high, sum.low + low.low)
    }
}

impl Mul for Double {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.high, other.high);
        let cross = libm::fma(self.high, other.low, self.low * other.high);
        Self::sum(product.high, product.low + cross)
    }
}

/// `cos t` for |t| ≤ 6, by its power series.
pub(super) fn cos(t: f64) -> f64 {
    let square = Double::product(-t, t);
    let (mut term, mut total) = (Double::ONE, Double::ONE);
    for k in 1..=TERMS {
        term = (term * square).over(f64::from((2 * k - 1) * 2 * k));
        total = total + term;
    }
    total.high
}

/// `log v` for normal v > 0, by one Newton step from the library's value.
///
/// With `v = m·2^e` and `l ≈ log m`: `log v = e log 2 + l + (m·e^{−l} − 1)`, to the square of the
/// last bracket.
pub(super) fn log(v: f64) -> f64 {
    let (mut mantissa, mut exponent) = libm::frexp(v);
    if mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        // Around 1 the exponent is zero, and nothing cancels.
        (mantissa, exponent) = (2.0 * mantissa, exponent - 1);
    }
    let guess = libm::log(mantissa);
    let (mut term, mut total) = (Double::ONE, Double::ONE);
    for k in 1..=TERMS {
        term = (term * Double { high: -guess, low: 0.0 }).over(f64::from(k));
        total = total + term;
    }
    let ratio = total * Double { high: mantissa, low: 0.0 };
    let step = (ratio.high - 1.0) + ratio.low;
    let log = LOG_TWO * Double { high: f64::from(exponent), low: 0.0 } + Double::sum(guess, step);
    log.high
}

#[cfg(test)]
mod tests {
    use super::*;
    use ebm_core::linspace;

    #[test]
    fn both_are_within_a_last_place_of_the_library() {
        for v in linspace(1e-3, 6.0, 5000) {
            // The library's own error is below one last place of a result of at most 1, or 7.
            assert!((cos(v) - libm::cos(v)).abs() <= f64::EPSILON / 2.0, "cos {v}");
            let error = log(v) - libm::log(v);
            assert!(error.abs() <= f64::EPSILON * libm::log(v).abs(), "log {v}");
        }
    }

    #[test]
    fn exact_values_are_exact() {
        assert_eq!(cos(0.0), 1.0);
        assert_eq!(log(1.0), 0.0);
        assert_eq!(log(2.0), std::f64::consts::LN_2);
        assert_eq!(log(0.125), -3.0 * std::f64::consts::LN_2);
    }

    #[test]
    fn hard_cases_round_to_nearest() {
        // Exact values (200 bits) within 3e-5 of a place of the middle between two numbers.
        assert_eq!(cos(3.4349758678093965), -0.9572709556333594);
        assert_eq!(cos(2.781619271004743), -0.9359061999758418);
        assert_eq!(cos(3.010323846266938), -0.9913966148657036);
        assert_eq!(cos(3.343912100255666), -0.979603139041495);
        assert_eq!(log(0.14001730497429263), -1.9659892570523103);
        assert_eq!(log(0.014375249588616653), -4.242247329763077);
        assert_eq!(log(0.7600295762078743), -0.2743979303959782);
        assert_eq!(log(0.0016046240114629701), -6.434865810614234);
    }
}
