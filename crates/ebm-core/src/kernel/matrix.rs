//! Matrices on the host, one row per example: SIMD lanes are the units of a layer.

use pulp::{Arch, Simd, WithSimd};

use super::gemm::{LINE, Rows, RowsMut, multiply, outer, stride};

/// A row-major matrix whose rows are padded to whole cache lines. Nothing reads the padding.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    numbers: Vec<f32>,
    rows: usize,
    width: usize,
}

impl Matrix {
    pub(crate) fn zeros(rows: usize, width: usize) -> Self {
        Self { numbers: vec![0.0; rows * stride(width)], rows, width }
    }

    pub(crate) fn zeros_like(&self) -> Self {
        Self::zeros(self.rows, self.width)
    }

    /// From rows of `width` numbers without padding.
    pub(crate) fn of(numbers: &[f32], width: usize) -> Self {
        let mut matrix = Self::zeros(numbers.len() / width, width);
        matrix.rows_mut().zip(numbers.chunks_exact(width)).for_each(|(to, from)| to.copy_from_slice(from));
        matrix
    }

    /// `rows` copies of a row.
    pub(super) fn repeat(row: &[f32], rows: usize) -> Self {
        let mut matrix = Self::zeros(rows, row.len());
        matrix.rows_mut().for_each(|to| to.copy_from_slice(row));
        matrix
    }

    /// The numbers without padding, row by row.
    pub(crate) fn to_numbers(&self) -> Vec<f32> {
        let mut numbers = Vec::with_capacity(self.rows * self.width);
        self.rows().for_each(|row| numbers.extend_from_slice(row));
        numbers
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub(super) fn height(&self) -> usize {
        self.rows
    }

    /// The rows without padding.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.numbers.chunks_exact(stride(self.width)).map(|row| &row[..self.width])
    }

    /// The rows without padding.
    pub(super) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.numbers.chunks_exact_mut(stride(self.width)).map(|row| &mut row[..self.width])
    }

    /// The matrix with rows and columns exchanged.
    pub(super) fn transposed(&self) -> Self {
        let mut transposed = Self::zeros(self.width, self.rows);
        let (from, to) = (stride(self.width), stride(self.rows));
        // By blocks, so that the cache lines of a block are written once.
        for first in (0..self.rows).step_by(LINE) {
            let rows = first..self.rows.min(first + LINE);
            for (column, out) in transposed.numbers.chunks_exact_mut(to).enumerate() {
                for row in rows.clone() {
                    out[row] = self.numbers[row * from + column];
                }
            }
        }
        transposed
    }

    /// `self += other`
    pub(super) fn add(&mut self, arch: Arch, other: &Self) {
        assert_eq!([self.rows, self.width], [other.rows, other.width], "matrices do not fit");
        arch.dispatch(
            #[inline(always)]
            || self.numbers.iter_mut().zip(&other.numbers).for_each(|(sum, number)| *sum += number),
        );
    }

    /// `self += a b`
    pub(super) fn add_product(&mut self, arch: Arch, a: &Self, b: &Self) {
        assert!([a.rows, a.width, b.width] == [self.rows, b.rows, self.width], "matrices do not fit");
        arch.dispatch(Product { a, b, out: self });
    }

    /// `self += aᵀ b`
    pub(super) fn add_outer(&mut self, arch: Arch, a: &Self, b: &Self) {
        assert!([a.width, a.rows, b.width] == [self.rows, b.rows, self.width], "matrices do not fit");
        arch.dispatch(Outer { a, b, out: self });
    }

    /// The sum of each column.
    pub(super) fn column_sums(&self, arch: Arch) -> Vec<f32> {
        let mut sums = vec![0.0; stride(self.width)];
        arch.dispatch(
            #[inline(always)]
            || super::narrow::column_sums(self.view(), &mut sums),
        );
        sums.truncate(self.width);
        sums
    }

    fn view(&self) -> Rows<'_> {
        Rows { numbers: &self.numbers, stride: stride(self.width) }
    }

    fn view_mut(&mut self) -> RowsMut<'_> {
        RowsMut { numbers: &mut self.numbers, stride: stride(self.width) }
    }

    /// All numbers, padding included.
    pub(super) fn padded(&self) -> &[f32] {
        &self.numbers
    }

    /// All numbers, padding included.
    pub(super) fn padded_mut(&mut self) -> &mut [f32] {
        &mut self.numbers
    }

    /// Whether a row is one cache line. Sums are then rounded as in [`narrow`](super::narrow).
    fn is_narrow(&self) -> bool {
        self.width <= LINE
    }
}

struct Product<'a> {
    a: &'a Matrix,
    b: &'a Matrix,
    out: &'a mut Matrix,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { a, b, out } = self;
        if out.is_narrow() {
            super::narrow::multiply(a.rows(), lines(&b.numbers), lines_mut(&mut out.numbers));
        } else {
            let sizes = [a.rows, a.width, out.width.next_multiple_of(LINE)];
            multiply(simd, sizes, a.view(), b.view(), &mut out.view_mut());
        }
    }
}

struct Outer<'a> {
    a: &'a Matrix,
    b: &'a Matrix,
    out: &'a mut Matrix,
}

impl WithSimd for Outer<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { a, b, out } = self;
        if out.is_narrow() {
            super::narrow::outer(a.view(), lines(&b.numbers), lines_mut(&mut out.numbers));
        } else {
            let sizes = [a.rows, a.width, out.width.next_multiple_of(LINE)];
            outer(simd, sizes, a.view(), b.view(), &mut out.view_mut());
        }
    }
}

/// The rows of a narrow matrix.
#[inline(always)]
fn lines(numbers: &[f32]) -> &[[f32; LINE]] {
    numbers.as_chunks().0
}

/// The rows of a narrow matrix.
#[inline(always)]
fn lines_mut(numbers: &mut [f32]) -> &mut [[f32; LINE]] {
    numbers.as_chunks_mut().0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::noise::{Noise, Purpose};

    fn random(rows: usize, width: usize, noise: &mut Noise) -> Matrix {
        Matrix::of(&noise.normals(rows * width), width)
    }

    /// Checks `found` against `Σ_k a[r][k] b[k][c]` in double precision.
    fn assert_product(found: &Matrix, depth: usize, a: impl Fn(usize, usize) -> f32, b: impl Fn(usize, usize) -> f32) {
        for (r, row) in found.rows().enumerate() {
            for (c, &found) in row.iter().enumerate() {
                let expected: f64 = (0..depth).map(|k| f64::from(a(r, k)) * f64::from(b(k, c))).sum();
                // Sums of terms of order 1.
                let bound = 1e-6 * (2.0 + depth as f64).sqrt() * 4.0;
                assert!((f64::from(found) - expected).abs() < bound, "{r}, {c}, {depth}: {found} against {expected}");
            }
        }
    }

    #[test]
    fn products_are_those_of_double_precision_for_every_size_and_instruction_set() {
        let noise = &mut Noise::new(2, Purpose::Prediction, 0, 0);
        for (rows, depth, width) in
            [(1, 1, 1), (5, 3, 10), (32, 64, 16), (33, 17, 17), (7, 300, 64), (32, 40, 130), (50, 7, 5)]
        {
            let (a, b, c) = (random(rows, depth, noise), random(depth, width, noise), random(rows, width, noise));
            let [a_at, b_at, c_at] = [&a, &b, &c].map(|of| {
                let rows: Vec<Vec<f32>> = of.rows().map(<[f32]>::to_vec).collect();
                move |row: usize, column: usize| rows[row][column]
            });
            for arch in [Arch::new(), Arch::Scalar] {
                let mut product = Matrix::zeros(rows, width);
                product.add_product(arch, &a, &b);
                assert_product(&product, depth, &a_at, &b_at);
                let mut outer = Matrix::zeros(depth, width);
                outer.add_outer(arch, &a, &c);
                assert_product(&outer, rows, |i, r| a_at(r, i), &c_at);
                let sums = Matrix::of(&c.column_sums(arch), width);
                assert_product(&sums, rows, |_, _| 1.0, &c_at);
            }
            let transposed = a.transposed();
            assert!(
                transposed.rows().enumerate().all(|(i, row)| row.iter().enumerate().all(|(r, &x)| x == a_at(r, i)))
            );
        }
    }

    #[test]
    fn sums_start_from_what_is_there() {
        for width in [3, 40] {
            let mut sum = Matrix::repeat(&vec![2.0; width], 5);
            sum.add_product(Arch::new(), &Matrix::repeat(&[1.0, 3.0], 5), &Matrix::repeat(&vec![1.0; width], 2));
            sum.add_outer(Arch::new(), &Matrix::repeat(&[1.0; 5], 2), &Matrix::repeat(&vec![10.0; width], 2));
            assert!(sum.to_numbers().iter().all(|&number| number == 2.0 + 4.0 + 20.0));
        }
    }

    #[test]
    fn narrow_sums_have_the_same_bits_for_every_instruction_set() {
        let noise = &mut Noise::new(3, Purpose::Prediction, 0, 0);
        let (a, b, c) = (random(37, 20, noise), random(20, 11, noise), random(37, 11, noise));
        let [best, scalar] = [Arch::new(), Arch::Scalar].map(|arch| {
            let (mut product, mut outer) = (Matrix::zeros(37, 11), Matrix::zeros(20, 11));
            product.add_product(arch, &a, &b);
            outer.add_outer(arch, &a, &c);
            let numbers = [product.to_numbers(), outer.to_numbers(), c.column_sums(arch)].concat();
            numbers.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        });
        assert_eq!(best, scalar);
    }
}
