//! Operations on all lanes of a vector, with one instruction each on every instruction set.
//!
//! A browser's `min` and `max` propagate NaN and order zeros, and shifts by a vector do not exist there: each takes many
//! instructions of the processor. The forms used instead give what x86's instructions give.

use pulp::Simd;

/// The lesser number of each lane; that of `b` if one is NaN.
#[inline(always)]
pub(crate) fn least<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
    #[cfg(target_arch = "wasm32")]
    if S::F32_LANES == 4 {
        return wasm::back(wasm::f32x4_pmin(wasm::of(b), wasm::of(a)));
    }
    simd.min_f32s(a, b)
}

/// The greater number of each lane; that of `b` if one is NaN.
#[inline(always)]
pub(crate) fn greatest<S: Simd>(simd: S, a: S::f32s, b: S::f32s) -> S::f32s {
    #[cfg(target_arch = "wasm32")]
    if S::F32_LANES == 4 {
        return wasm::back(wasm::f32x4_pmax(wasm::of(b), wasm::of(a)));
    }
    simd.max_f32s(a, b)
}

/// Every lane shifted left by the same number of bits.
#[inline(always)]
pub(crate) fn shift_left<S: Simd>(simd: S, words: S::u32s, bits: u32) -> S::u32s {
    #[cfg(target_arch = "wasm32")]
    if S::U32_LANES == 4 {
        return wasm::back(wasm::u32x4_shl(wasm::of(words), bits));
    }
    simd.wrapping_dyn_shl_u32s(words, simd.splat_u32s(bits))
}

/// Every lane shifted right by the same number of bits; zeros come in.
#[inline(always)]
pub(crate) fn shift_right<S: Simd>(simd: S, words: S::u32s, bits: u32) -> S::u32s {
    #[cfg(target_arch = "wasm32")]
    if S::U32_LANES == 4 {
        return wasm::back(wasm::u32x4_shr(wasm::of(words), bits));
    }
    simd.wrapping_dyn_shr_u32s(words, simd.splat_u32s(bits))
}

/// Vectors of four lanes as a browser has them.
#[cfg(target_arch = "wasm32")]
mod wasm {
    use pulp::bytemuck::{Pod, cast};
    pub(super) use std::arch::wasm32::{f32x4_pmax, f32x4_pmin, u32x4_shl, u32x4_shr, v128};

    #[inline(always)]
    pub(super) fn of<V: Pod>(vector: V) -> v128 {
        cast(vector)
    }

    #[inline(always)]
    pub(super) fn back<V: Pod>(vector: v128) -> V {
        cast(vector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Arch, WithSimd};

    struct Every<'a>([&'a mut [f32]; 4]);

    impl WithSimd for Every<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let [a, b, low, high] = self.0.map(
                #[inline(always)]
                |of| S::as_mut_simd_f32s(of).0,
            );
            for i in 0..a.len() {
                low[i] = least(simd, a[i], b[i]);
                high[i] = greatest(simd, a[i], b[i]);
                let bits = simd.transmute_u32s_f32s(a[i]);
                a[i] = simd.transmute_f32s_u32s(shift_right(simd, shift_left(simd, bits, 3), 5));
            }
        }
    }

    #[test]
    fn lanes_are_compared_and_shifted_each_by_itself() {
        let numbers: Vec<f32> = (0..32).map(|i| (i as f32 * 0.7).sin()).collect();
        let others: Vec<f32> = numbers.iter().rev().copied().collect();
        for arch in [Arch::new(), Arch::Scalar] {
            let (mut a, mut b) = (numbers.clone(), others.clone());
            let (mut low, mut high) = (vec![0.0; 32], vec![0.0; 32]);
            arch.dispatch(Every([&mut a, &mut b, &mut low, &mut high]));
            for (i, (&x, &y)) in numbers.iter().zip(&others).enumerate() {
                assert_eq!([low[i], high[i]], [x.min(y), x.max(y)]);
                assert_eq!(a[i].to_bits(), x.to_bits() << 3 >> 5);
            }
        }
    }
}
