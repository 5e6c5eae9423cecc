//! Converts random words to uniform and normal numbers, many at a time.
//!
//! Plain loops, which the compiler vectorises for the available instruction set. Products and sums are not fused, so
//! every machine draws the same bits.

use pulp::{Arch, Simd, WithSimd};

use super::words::{GROUP, words};
use crate::math::num::{LN_2, LN_TAIL};

/// Key and stream of the words of one call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    pub key: [u32; 8],
    pub stream: u64,
}

/// `count` numbers with the distribution `law`.
pub(super) fn draw(source: Source, count: usize, law: Law) -> Vec<f32> {
    let mut groups = vec![[0; GROUP]; count.div_ceil(2 * GROUP) * 2];
    words(source.key, source.stream, &mut groups);
    let mut numbers = vec![0.0; groups.len() * GROUP];
    Arch::new().dispatch(Draw { groups: &groups, numbers: &mut numbers, law });
    numbers.truncate(count);
    numbers
}

/// A distribution of random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Law {
    /// Uniform on the multiples of 2⁻²⁴ in `[0, 1)`.
    Uniform,
    /// Standard normal, at most 6.6 in absolute value. Two words give the radius and the polar angle of a point in the
    /// plane, whose coordinates are two numbers (Box and Muller 1958).
    Normal,
}

struct Draw<'a> {
    groups: &'a [[u32; GROUP]],
    numbers: &'a mut [f32],
    law: Law,
}

impl WithSimd for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let pairs = self.groups.as_chunks::<2>().0.iter().zip(self.numbers.chunks_exact_mut(2 * GROUP));
        for ([first, second], numbers) in pairs {
            let (one, other) = numbers.split_at_mut(GROUP);
            match self.law {
                Law::Uniform => {
                    for (number, word) in one.iter_mut().zip(first).chain(other.iter_mut().zip(second)) {
                        *number = uniform(*word);
                    }
                }
                Law::Normal => {
                    for (((one, other), radius), angle) in one.iter_mut().zip(other).zip(first).zip(second) {
                        [*one, *other] = normal_pair(*radius, *angle);
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn uniform(word: u32) -> f32 {
    (word >> 8) as i32 as f32 * (1.0 / 16_777_216.0)
}

/// A point of the plane whose coordinates are independent and standard normal.
#[inline(always)]
fn normal_pair(radius: u32, angle: u32) -> [f32; 2] {
    // Uniform on (0, 1]: the square of the radius is exponential.
    let unit = ((radius >> 1) as i32 as f32 + 1.0) * (1.0 / 2_147_483_648.0);
    let radius = (-2.0 * ln(unit)).max(0.0).sqrt();
    // Two bits select a quarter of the circle, the others an angle within ±π/4 of its middle.
    let x = (angle << 2) as i32 as f32 * (std::f32::consts::FRAC_PI_4 / 2_147_483_648.0);
    let square = x * x;
    let sine = x + x * square * ((SINE[0] * square + SINE[1]) * square + SINE[2]);
    let cosine = 1.0 - 0.5 * square + square * square * ((COSINE[0] * square + COSINE[1]) * square + COSINE[2]);
    let cosine = f32::from_bits(cosine.to_bits() ^ (angle & 0x8000_0000));
    let swapped = angle & 0x4000_0000 != 0;
    [radius * if swapped { sine } else { cosine }, radius * if swapped { cosine } else { sine }]
}

/// `(sin x − x) / x³` and `(cos x − 1 + ½ x²) / x⁴` for |x| ≤ π/4, highest power first (Cephes).
const SINE: [f32; 3] = [-1.951_529_6e-4, 8.332_161e-3, -0.166_666_55];
const COSINE: [f32; 3] = [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2];
/// ln x of a positive normal number.
#[inline(always)]
fn ln(x: f32) -> f32 {
    const ONE: u32 = 1f32.to_bits();
    const BIAS: u32 = ONE - std::f32::consts::FRAC_1_SQRT_2.to_bits();
    let biased = (x.to_bits() + BIAS) >> 23;
    let exponent = (biased as i32 - 127) as f32;
    let t = f32::from_bits(x.to_bits().wrapping_sub(biased << 23).wrapping_add(ONE)) - 1.0;
    let square = t * t;
    let mut tail = LN_TAIL[0];
    for coefficient in &LN_TAIL[1..] {
        tail = tail * t + coefficient;
    }
    exponent * LN_2[0] + (t + (tail * t * square - 0.5 * square + exponent * LN_2[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw_normals(count: usize) -> Vec<f32> {
        draw(SOURCE, count, Law::Normal)
    }

    fn draw_uniforms(count: usize) -> Vec<f32> {
        draw(SOURCE, count, Law::Uniform)
    }

    const SOURCE: Source = Source { key: [1, 2, 3, 4, 5, 6, 7, 8], stream: 9 };

    #[test]
    fn every_instruction_set_draws_the_same_bits() {
        for law in [Law::Uniform, Law::Normal] {
            let mut groups = vec![[0; GROUP]; 8];
            words(SOURCE.key, SOURCE.stream, &mut groups);
            let [mut best, mut scalar] = [(); 2].map(|()| vec![0f32; 8 * GROUP]);
            Arch::new().dispatch(Draw { groups: &groups, numbers: &mut best, law });
            pulp::Scalar.vectorize(Draw { groups: &groups, numbers: &mut scalar, law });
            assert!(best.iter().zip(&scalar).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }

    #[test]
    fn a_pair_is_the_point_of_its_radius_and_angle() {
        let mut words_of = [[0; GROUP]; 8];
        words(SOURCE.key, SOURCE.stream, &mut words_of);
        for (radius, angle) in words_of[..4].iter().flatten().zip(words_of[4..].iter().flatten()) {
            let [a, b] = normal_pair(*radius, *angle).map(f64::from);
            let unit = f64::from((radius >> 1) as f32 + 1.0) / 2f64.powi(31);
            let expected = (-2.0 * unit.ln()).sqrt();
            // The polynomials are evaluated in f32.
            assert!((a.hypot(b) - expected).abs() < 1e-6 * (1.0 + expected), "{a} {b} {expected}");
            let offset = f64::from((angle << 2) as i32) / 2f64.powi(31) * std::f64::consts::FRAC_PI_4;
            let quarter = if angle & 0x4000_0000 == 0 { b } else { a };
            assert!((quarter - expected * offset.sin()).abs() < 1e-6 * (1.0 + expected));
        }
    }

    #[test]
    fn the_ends_of_the_words_give_finite_numbers() {
        for radius in [0, 1, u32::MAX] {
            for angle in [0, 1, 0x1fff_ffff, 0x2000_0000, 0x3fff_ffff, 0x8000_0000, u32::MAX] {
                let pair = normal_pair(radius, angle);
                assert!(pair.iter().all(|number| number.abs() < 6.6), "{radius:x} {angle:x}: {pair:?}");
            }
        }
        assert_eq!((uniform(0), uniform(u32::MAX)), (0.0, 1.0 - 1.0 / 16_777_216.0));
    }

    #[test]
    fn the_normal_numbers_have_the_distribution_they_are_named_after() {
        const N: usize = 400_000;
        let numbers = draw_normals(N);
        let share = |limit: f64| numbers.iter().filter(|&&z| f64::from(z) < limit).count() as f64 / N as f64;
        for limit in [-3.0f64, -2.0, -1.0, -0.1, 0.0, 0.3, 1.0, 2.5, 3.5] {
            let expected = 0.5 * libm::erfc(-limit / std::f64::consts::SQRT_2);
            // Five standard errors of a share.
            let bound = 5.0 * (expected * (1.0 - expected) / N as f64).sqrt();
            assert!((share(limit) - expected).abs() < bound, "{limit}: {} against {expected}", share(limit));
        }
        // The two numbers of a pair are independent, and so are their squares.
        let pairs = || numbers.chunks_exact(2 * GROUP).flat_map(|pair| pair[..GROUP].iter().zip(&pair[GROUP..]));
        let count = pairs().count() as f64;
        let product =
            |f: fn(f64) -> f64| pairs().map(|(a, b)| f(f64::from(*a)) * f(f64::from(*b))).sum::<f64>() / count;
        assert!(product(|z| z).abs() < 5.0 / count.sqrt());
        assert!(product(|z| z * z - 1.0).abs() < 5.0 * 2.0 / count.sqrt());
    }

    #[test]
    fn a_longer_draw_begins_with_the_shorter_one() {
        assert_eq!(draw_normals(2000)[..700], draw_normals(700)[..]);
        assert_eq!(draw_uniforms(2000)[..3], draw_uniforms(3)[..]);
    }
}
