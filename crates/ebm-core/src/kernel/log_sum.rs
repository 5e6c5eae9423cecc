//! `log Σ e^x` of many numbers.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::elementary::exp;
use crate::math::lanes::greatest;

/// Numbers that are summed in `f32` before their sum is added in `f64`.
const BLOCK: usize = 1024;

/// `log Σ e^x` of each row of `width` numbers, nats.
pub(crate) fn log_sums(rows: &[f32], width: usize) -> Vec<f64> {
    let arch = Arch::new();
    rows.par_chunks(width).map(|row| log_sum_exp(arch, row)).collect()
}

/// `log Σ e^x`, nats. The largest number is subtracted first, so finite numbers never overflow. NaN if a number is not
/// finite.
fn log_sum_exp(arch: Arch, values: &[f32]) -> f64 {
    arch.dispatch(LogSum(values))
}

struct LogSum<'a>(&'a [f32]);

impl WithSimd for LogSum<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let (vectors, rest) = S::as_simd_f32s(self.0);
        let zero = simd.splat_f32s(0.0);
        let mut largest = simd.splat_f32s(f32::MIN);
        // 0, or NaN if a number is not finite. The maximum and exp alone would hide that.
        let mut flaw = zero;
        for &x in vectors {
            largest = greatest(simd, x, largest);
            flaw = simd.mul_add_e_f32s(x, zero, flaw);
        }
        let largest = rest.iter().fold(simd.reduce_max_f32s(largest), |largest, &x| largest.max(x));
        let flaw = rest.iter().fold(simd.reduce_sum_f32s(flaw), |flaw, &x| flaw + x * 0.0);
        let shift = simd.splat_f32s(largest);
        let mut sum = f64::from(flaw);
        for block in vectors.chunks(BLOCK / S::F32_LANES) {
            let mut part = zero;
            for &x in block {
                part = simd.add_f32s(part, exp(simd, simd.sub_f32s(x, shift)));
            }
            sum += f64::from(simd.reduce_sum_f32s(part));
        }
        for &x in rest {
            let x = exp(simd, simd.splat_f32s(x - largest));
            sum += f64::from(simd.reduce_max_f32s(x));
        }
        f64::from(largest) + sum.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::{Noise, Purpose};

    #[test]
    fn sums_are_those_of_double_precision_for_any_number_of_values() {
        for (count, scale) in [(1, 1.0), (15, 3.0), (16, 30.0), (2050, 10.0), (2050, 1e4)] {
            let values: Vec<f32> = Noise::new(1, Purpose::Prediction, 0, 0).normals(count);
            let values: Vec<f32> = values.into_iter().map(|z| z * scale).collect();
            let exact =
                |largest: f64| largest + values.iter().map(|&x| (f64::from(x) - largest).exp()).sum::<f64>().ln();
            let expected = exact(f64::from(values.iter().copied().fold(f32::MIN, f32::max)));
            for arch in [Arch::new(), Arch::Scalar] {
                let found = log_sum_exp(arch, &values);
                assert!((found - expected).abs() < 1e-6, "{count}, {scale}: {found} against {expected}");
            }
        }
    }

    #[test]
    fn a_number_that_is_not_finite_is_not_lost() {
        for flaw in [f32::NAN, f32::INFINITY] {
            for at in [0, 20, 40] {
                let mut values = vec![1.0; 41];
                values[at] = flaw;
                assert!(log_sum_exp(Arch::new(), &values).is_nan());
            }
        }
    }
}
