//! Products of row-major matrices: SIMD lanes are columns, sums stay in registers, blocks stay in cache.
//!
//! Rows consist of whole cache lines. [`stride`] pads a row to an odd number of lines, so that the rows of a block do
//! not compete for the same cache sets.

use std::array::from_fn;

use pulp::Simd;

/// `f32` values in a cache line, a multiple of the lanes of a vector.
pub(super) const LINE: usize = 16;
/// Terms that are added before a sum is stored. Their rows of the second factor fit in the L1 cache.
const DEPTH: usize = 128;

/// Padded length of a row of `width` values.
pub(super) const fn stride(width: usize) -> usize {
    (width.div_ceil(LINE) | 1) * LINE
}

/// A matrix whose rows are `stride` values apart.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub numbers: &'a [f32],
    pub stride: usize,
}

/// A mutable matrix whose rows are `stride` values apart.
pub(super) struct RowsMut<'a> {
    pub numbers: &'a mut [f32],
    pub stride: usize,
}

/// `out[r, c] += Σ_k a[r, k] b[k, c]` for `[rows, depth, columns]` of `r`, `k`, `c`; columns are whole cache lines.
#[inline(always)]
pub(super) fn multiply<S: Simd>(simd: S, sizes: [usize; 3], a: Rows<'_>, b: Rows<'_>, out: &mut RowsMut<'_>) {
    product(simd, sizes, Plain(a), b, out);
}

/// `out[i, c] += Σ_r a[r, i] b[r, c]` for `[rows, inputs, columns]` of `r`, `i`, `c`; columns are whole cache lines.
#[inline(always)]
pub(super) fn outer<S: Simd>(
    simd: S,
    [rows, inputs, columns]: [usize; 3],
    a: Rows<'_>,
    b: Rows<'_>,
    out: &mut RowsMut<'_>,
) {
    product(simd, [inputs, rows, columns], Transposed(a), b, out);
}

/// The first factor of a product.
trait First: Copy {
    /// For each term of `[first, count]`, its numbers in `R` rows from `row` on.
    fn terms<const R: usize>(&self, row: usize, terms: [usize; 2]) -> impl Fn(usize) -> [f32; R];
}

/// A factor whose rows are those of the product.
#[derive(Clone, Copy)]
struct Plain<'a>(Rows<'a>);

impl First for Plain<'_> {
    #[inline(always)]
    fn terms<const R: usize>(&self, row: usize, [first, count]: [usize; 2]) -> impl Fn(usize) -> [f32; R] {
        let rows: [&[f32]; R] = from_fn(|r| &self.0.numbers[(row + r) * self.0.stride + first..][..count]);
        #[inline(always)]
        move |k| from_fn(|r| rows[r][k])
    }
}

/// A factor whose columns are the rows of the product.
#[derive(Clone, Copy)]
struct Transposed<'a>(Rows<'a>);

impl First for Transposed<'_> {
    #[inline(always)]
    fn terms<const R: usize>(&self, row: usize, [first, count]: [usize; 2]) -> impl Fn(usize) -> [f32; R] {
        let stride = self.0.stride;
        let numbers = &self.0.numbers[first * stride + row..][..(count - 1) * stride + R];
        #[inline(always)]
        move |k| {
            let column = &numbers[k * stride..][..R];
            from_fn(|r| column[r])
        }
    }
}

#[inline(always)]
fn product<S: Simd>(simd: S, [rows, depth, columns]: [usize; 3], a: impl First, b: Rows<'_>, out: &mut RowsMut<'_>) {
    let product = Product { a, b, rows };
    for first in (0..depth).step_by(DEPTH) {
        let terms = [first, (depth - first).min(DEPTH)];
        let mut c = 0;
        let vectors = columns / S::F32_LANES;
        if S::REGISTER_COUNT >= 32 {
            while c + 4 <= vectors {
                product.columns::<S, 6, 4>(simd, terms, c, out);
                c += 4;
            }
        }
        while c + 2 <= vectors {
            product.columns::<S, 6, 2>(simd, terms, c, out);
            c += 2;
        }
        while c < vectors {
            product.columns::<S, 6, 1>(simd, terms, c, out);
            c += 1;
        }
    }
}

struct Product<'a, A> {
    a: A,
    b: Rows<'a>,
    rows: usize,
}

impl<A: First> Product<'_, A> {
    /// All rows of `C` vectors of columns, from vector `c` on.
    #[inline(always)]
    fn columns<S: Simd, const R: usize, const C: usize>(
        &self,
        simd: S,
        terms: [usize; 2],
        c: usize,
        out: &mut RowsMut<'_>,
    ) {
        let mut row = 0;
        while row + R <= self.rows {
            self.block::<S, R, C>(simd, terms, [row, c], out);
            row += R;
        }
        while row + 2 <= self.rows {
            self.block::<S, 2, C>(simd, terms, [row, c], out);
            row += 2;
        }
        if row < self.rows {
            self.block::<S, 1, C>(simd, terms, [row, c], out);
        }
    }

    #[inline(always)]
    fn block<S: Simd, const R: usize, const C: usize>(
        &self,
        simd: S,
        terms: [usize; 2],
        [row, c]: [usize; 2],
        out: &mut RowsMut<'_>,
    ) {
        let [first, count] = terms;
        let a = self.a.terms::<R>(row, terms);
        let stride = self.b.stride / S::F32_LANES;
        let b = &vectors::<S>(&self.b.numbers[first * self.b.stride..])[c..][..(count - 1) * stride + C];
        let out_stride = out.stride / S::F32_LANES;
        let out = &mut vectors_mut::<S>(&mut out.numbers[row * out.stride..])[c..][..(R - 1) * out_stride + C];
        let mut sums = [[simd.splat_f32s(0.0); C]; R];
        for (r, sums) in sums.iter_mut().enumerate() {
            sums.copy_from_slice(&out[r * out_stride..][..C]);
        }
        for k in 0..count {
            let a = a(k);
            let b = &b[k * stride..][..C];
            for r in 0..R {
                let a = simd.splat_f32s(a[r]);
                for c in 0..C {
                    sums[r][c] = simd.mul_add_e_f32s(a, b[c], sums[r][c]);
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            out[r * out_stride..][..C].copy_from_slice(sums);
        }
    }
}

/// The values as SIMD vectors.
#[inline(always)]
pub(super) fn vectors<S: Simd>(numbers: &[f32]) -> &[S::f32s] {
    S::as_simd_f32s(numbers).0
}

/// The values as SIMD vectors.
#[inline(always)]
pub(super) fn vectors_mut<S: Simd>(numbers: &mut [f32]) -> &mut [S::f32s] {
    S::as_mut_simd_f32s(numbers).0
}
