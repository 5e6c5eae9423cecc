//! Products of matrices whose rows are one cache line, as in the paper's 1D networks.
//!
//! Plain loops, which the compiler vectorises for the instruction set of the caller. Every product is rounded before it
//! is added, and gradients are added in a tree of [`LINE`] examples: the same bits for every instruction set.

use super::gemm::{LINE, Rows};

/// Rows computed together, to hide the latency of an addition.
const ROWS: usize = 4;

/// `out[r] += Σ_k a[r, k] b[k]`
#[inline(always)]
pub(super) fn multiply<'a>(mut a: impl Iterator<Item = &'a [f32]>, b: &[[f32; LINE]], out: &mut [[f32; LINE]]) {
    let (groups, rest) = out.as_chunks_mut::<ROWS>();
    for out in groups {
        let a: [&[f32]; ROWS] = std::array::from_fn(|_| a.next().expect("as many rows as results"));
        let mut sums = *out;
        for (k, b) in b.iter().enumerate() {
            for (sum, a) in sums.iter_mut().zip(a) {
                add(sum, a[k], b);
            }
        }
        *out = sums;
    }
    for (out, a) in rest.iter_mut().zip(a) {
        for (&a, b) in a.iter().zip(b) {
            add(out, a, b);
        }
    }
}

/// `out[i] += Σ_r a[r, i] b[r]`
#[inline(always)]
pub(super) fn outer(Rows { numbers, stride }: Rows<'_>, b: &[[f32; LINE]], out: &mut [[f32; LINE]]) {
    for (i, out) in out.iter_mut().enumerate() {
        let mut sums = [[0.0; LINE]; LINE];
        for (b, a) in b.chunks(LINE).zip(numbers.chunks(LINE * stride)) {
            for ((sum, b), a) in sums.iter_mut().zip(b).zip(a.chunks(stride)) {
                add(sum, a[i], b);
            }
        }
        halve(&mut sums);
        add(out, 1.0, &sums[0]);
    }
}

/// Adds the columns of every row of a matrix, whose rows are whole cache lines.
#[inline(always)]
pub(super) fn column_sums(Rows { numbers, stride }: Rows<'_>, out: &mut [f32]) {
    for (column, out) in out.as_chunks_mut::<LINE>().0.iter_mut().enumerate() {
        let mut sums = [[0.0; LINE]; LINE];
        for rows in numbers.chunks(LINE * stride) {
            for (sum, row) in sums.iter_mut().zip(rows.chunks(stride)) {
                add(sum, 1.0, &row.as_chunks().0[column]);
            }
        }
        halve(&mut sums);
        *out = sums[0];
    }
}

/// `sum += a b`
#[inline(always)]
fn add(sum: &mut [f32; LINE], a: f32, b: &[f32; LINE]) {
    for (sum, b) in sum.iter_mut().zip(b) {
        *sum += a * b;
    }
}

/// Adds all lines to the first, pair by pair.
#[inline(always)]
fn halve(lines: &mut [[f32; LINE]; LINE]) {
    let mut half = LINE / 2;
    while half > 0 {
        let (low, high) = lines.split_at_mut(half);
        low.iter_mut().zip(high).for_each(|(low, high)| add(low, 1.0, high));
        half /= 2;
    }
}
