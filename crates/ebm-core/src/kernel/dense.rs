//! Matrix products over a tile: SIMD lanes are candidates, weights are broadcast, sums stay in registers.
//!
//! A row holds the values of one unit for the candidates of a tile. Rows are [`TILE`] values apart.

use std::array::from_fn;

use pulp::Simd;

/// Capacity of a tile, in candidates.
pub(super) const TILE: usize = 192;
/// Units computed at once. With two vectors of candidates they fill the registers and hide the latency of an addition.
const BLOCK: usize = 5;

/// Vectors per row of a tile. Even for every instruction set, like the number of vectors in use.
pub(super) const fn stride<S: Simd>() -> usize {
    TILE / S::F32_LANES
}

/// A matrix `[inputs, outputs]` in the order in which [`product`] reads it.
pub(super) struct Packed {
    weights: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

impl Packed {
    pub(super) fn new(inputs: usize, outputs: usize, weight: impl Fn(usize, usize) -> f32) -> Self {
        let whole = outputs / BLOCK;
        let blocks = (0..whole).map(|block| block * BLOCK..(block + 1) * BLOCK);
        let blocks = blocks.chain((whole * BLOCK..outputs).map(|output| output..output + 1));
        let weight = &weight;
        let weights =
            blocks.flat_map(|block| (0..inputs).flat_map(move |i| block.clone().map(move |o| weight(i, o)))).collect();
        Self { weights, inputs, outputs }
    }
}

/// `finish(o, v, init(o, v) + Σ_i w[i, o] x[i, v])` for every output `o` and every pair of vectors `v`, `v + 1`.
#[inline(always)]
pub(super) fn product<S: Simd>(
    simd: S,
    matrix: &Packed,
    x: &[S::f32s],
    vectors: usize,
    init: impl Fn(usize, usize) -> [S::f32s; 2],
    mut finish: impl FnMut(usize, usize, [S::f32s; 2]),
) {
    let whole = matrix.outputs / BLOCK;
    let (blocks, singles) = matrix.weights.split_at(whole * BLOCK * matrix.inputs);
    let x = &x[..matrix.inputs * stride::<S>()];
    for (block, weights) in blocks.chunks_exact(BLOCK * matrix.inputs).enumerate() {
        product_block::<S, BLOCK>(simd, weights, x, vectors, block * BLOCK, &init, &mut finish);
    }
    for (single, weights) in singles.chunks_exact(matrix.inputs).enumerate() {
        product_block::<S, 1>(simd, weights, x, vectors, whole * BLOCK + single, &init, &mut finish);
    }
}

#[inline(always)]
fn product_block<S: Simd, const N: usize>(
    simd: S,
    weights: &[f32],
    x: &[S::f32s],
    vectors: usize,
    first: usize,
    init: &impl Fn(usize, usize) -> [S::f32s; 2],
    finish: &mut impl FnMut(usize, usize, [S::f32s; 2]),
) {
    for v in (0..vectors).step_by(2) {
        let mut sums = [[simd.splat_f32s(0.0); 2]; N];
        for (n, sum) in sums.iter_mut().enumerate() {
            *sum = init(first + n, v);
        }
        for (weights, row) in weights.as_chunks::<N>().0.iter().zip(x.chunks_exact(stride::<S>())) {
            let x = [row[v], row[v + 1]];
            for (sum, &weight) in sums.iter_mut().zip(weights) {
                let weight = simd.splat_f32s(weight);
                sum[0] = simd.mul_add_e_f32s(weight, x[0], sum[0]);
                sum[1] = simd.mul_add_e_f32s(weight, x[1], sum[1]);
            }
        }
        for (n, sum) in sums.into_iter().enumerate() {
            finish(first + n, v, sum);
        }
    }
}

/// Adds `Σ_v x[i, v] · delta[o, v]` to `sums[i, o]`, lane by lane: the gradient of a matrix.
#[inline(always)]
pub(super) fn outer<S: Simd>(
    simd: S,
    x: &[S::f32s],
    delta: &[S::f32s],
    [inputs, outputs]: [usize; 2],
    vectors: usize,
    sums: &mut [S::f32s],
) {
    let mut i = 0;
    if S::REGISTER_COUNT >= 32 {
        while i + 5 <= inputs {
            outer_rows::<S, 5>(simd, x, delta, i, outputs, vectors, sums);
            i += 5;
        }
    }
    while i + 2 <= inputs {
        outer_rows::<S, 2>(simd, x, delta, i, outputs, vectors, sums);
        i += 2;
    }
    while i < inputs {
        outer_rows::<S, 1>(simd, x, delta, i, outputs, vectors, sums);
        i += 1;
    }
}

#[inline(always)]
fn outer_rows<S: Simd, const A: usize>(
    simd: S,
    x: &[S::f32s],
    delta: &[S::f32s],
    i: usize,
    outputs: usize,
    vectors: usize,
    sums: &mut [S::f32s],
) {
    let whole = outputs / BLOCK * BLOCK;
    for o in (0..whole).step_by(BLOCK) {
        outer_block::<S, A, BLOCK>(simd, x, delta, [i, o], outputs, vectors, sums);
    }
    for o in whole..outputs {
        outer_block::<S, A, 1>(simd, x, delta, [i, o], outputs, vectors, sums);
    }
}

#[inline(always)]
fn outer_block<S: Simd, const A: usize, const B: usize>(
    simd: S,
    x: &[S::f32s],
    delta: &[S::f32s],
    [i, o]: [usize; 2],
    outputs: usize,
    vectors: usize,
    sums: &mut [S::f32s],
) {
    let stride = stride::<S>();
    let x: [&[S::f32s]; A] = from_fn(|a| &x[(i + a) * stride..][..vectors]);
    let delta: [&[S::f32s]; B] = from_fn(|b| &delta[(o + b) * stride..][..vectors]);
    let mut block = [[simd.splat_f32s(0.0); B]; A];
    for (a, row) in block.iter_mut().enumerate() {
        row.copy_from_slice(&sums[(i + a) * outputs + o..][..B]);
    }
    for v in 0..vectors {
        for a in 0..A {
            let x = x[a][v];
            for b in 0..B {
                block[a][b] = simd.mul_add_e_f32s(x, delta[b][v], block[a][b]);
            }
        }
    }
    for (a, row) in block.into_iter().enumerate() {
        sums[(i + a) * outputs + o..][..B].copy_from_slice(&row);
    }
}
