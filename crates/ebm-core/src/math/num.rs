//! Sums of exponentials that stay in log space.

use burn::tensor::Tensor;

/// ln 2 in two parts: the product of the first part with an exponent is exact.
pub(crate) const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];

/// `(ln (1 + t) − t + ½ t²) / t³` for √½ ≤ 1 + t < √2, highest power first (Cephes).
pub(crate) const LN_TAIL: [f32; 9] = [
    7.037_683_6e-2,
    -0.115_146_1,
    0.116_769_98,
    -0.124_201_41,
    0.142_493_23,
    -0.166_680_57,
    0.200_007_15,
    -0.249_999_94,
    0.333_333_3,
];

/// `log Σ exp(values)` over `dim`, which is kept as a dimension of size 1.
///
/// The largest value is subtracted first, so finite values never overflow. If all values are `−∞` the result is `−∞`;
/// if one is `+∞` it is `+∞`.
///
/// # Shapes
/// `[a, dim, b]` → `[a, 1, b]`, with any dimensions before and after `dim`.
///
/// # Gradient
/// `softmax(values)`; the shift is a constant.
pub fn log_sum_exp<const D: usize>(values: Tensor<D>, dim: usize) -> Tensor<D> {
    let shift = values.clone().without_autodiff().max_dim(dim).clamp(f32::MIN, f32::MAX);
    (values - shift.clone()).exp().sum_dim(dim).log() + shift
}

/// `log (1/n) Σ exp(values)` over the second dimension. Shapes: `[batch, n]` → `[batch]`.
pub(crate) fn log_mean_exp(values: Tensor<2>) -> Tensor<1> {
    let [_, n] = values.dims();
    log_sum_exp(values, 1).squeeze_dim::<1>(1) - (n as f64).ln()
}

/// `log Σ exp(values)` on the host; `−∞` without values.
pub(crate) fn log_sum_exp_of(values: &[f64]) -> f64 {
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if max.is_infinite() {
        return max;
    }
    max + values.iter().map(|value| (value - max).exp()).sum::<f64>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use proptest::prelude::*;

    fn row(values: &[f32]) -> Tensor<2> {
        Tensor::<1>::from_floats(values, &Device::flex()).unsqueeze()
    }

    fn value(tensor: Tensor<2>) -> f32 {
        tensor.into_scalar::<f32>()
    }

    #[test]
    fn extreme_values_neither_overflow_nor_vanish() {
        assert_eq!(value(log_sum_exp(row(&[1e4, -1e4]), 1)), 1e4);
        assert_eq!(value(log_sum_exp(row(&[-1e4, -1e4]), 1)), -1e4 + 2f32.ln());
        assert_eq!(value(log_sum_exp(row(&[f32::NEG_INFINITY; 3]), 1)), f32::NEG_INFINITY);
        assert_eq!(value(log_sum_exp(row(&[f32::INFINITY, 0.0]), 1)), f32::INFINITY);
    }

    proptest! {
        #[test]
        fn shifting_every_value_shifts_the_result(values in prop::collection::vec(-50f32..50.0, 1..20), shift in -1e3f32..1e3) {
            let shifted: Vec<f32> = values.iter().map(|v| v + shift).collect();
            let difference = value(log_sum_exp(row(&shifted), 1)) - value(log_sum_exp(row(&values), 1));
            // f32 rounding at magnitude 1e3 is 6e-5 per value.
            prop_assert!((difference - shift).abs() < 5e-4);
        }

        #[test]
        fn lies_between_the_maximum_and_the_maximum_plus_log_n(values in prop::collection::vec(-1e4f32..1e4, 1..20)) {
            let max = values.iter().copied().fold(f32::MIN, f32::max);
            let result = value(log_sum_exp(row(&values), 1));
            prop_assert!(result >= max && result <= max + (values.len() as f32).ln() + 2e-3);
        }
    }
}
