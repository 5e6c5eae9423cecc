//! Convolutions and their gradients as sums of matrix products.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::super::gemm::{Rows, RowsMut, multiply, outer};
use super::geometry::Geometry;

/// Rows of a block of the weight gradient per work item.
const PIECE: usize = 32;

/// The convolution of `input` with weights in the layout [`super::Order::InputsByOutputs`].
pub(super) fn output(geometry: &Geometry, input: &[f32], weights: &[f32]) -> Vec<f32> {
    let row = geometry.output.width * geometry.batch * geometry.output.block;
    let mut numbers = vec![0.0; geometry.output.blocks() * geometry.output.height * row];
    let arch = Arch::new();
    numbers.par_chunks_mut(row).enumerate().for_each(|(index, out)| {
        arch.dispatch(OutputRow { geometry, input, weights, index, out });
    });
    numbers
}

/// The gradient of the input from the slopes of the output, with weights in the layout
/// [`super::Order::OutputsByInputs`].
pub(super) fn input_gradient(geometry: &Geometry, slopes: &[f32], weights: &[f32]) -> Vec<f32> {
    let row = geometry.input.width * geometry.batch * geometry.input.block;
    let mut numbers = vec![0.0; geometry.input.blocks() * geometry.input.height * row];
    let arch = Arch::new();
    numbers.par_chunks_mut(row).enumerate().for_each(|(index, out)| {
        arch.dispatch(InputRow { geometry, slopes, weights, index, out });
    });
    numbers
}

/// The gradient of the weights, `[output blocks, input blocks, taps, outputs, inputs]`.
pub(super) fn weight_gradient(geometry: &Geometry, slopes: &[f32], input: &[f32]) -> Vec<f32> {
    let rows = if geometry.output.block.is_multiple_of(PIECE) { PIECE } else { geometry.output.block };
    let blocks = geometry.output.blocks() * geometry.input.blocks();
    let mut numbers = vec![0.0; blocks * geometry.taps() * geometry.output.block * geometry.input.block];
    let arch = Arch::new();
    numbers.par_chunks_mut(rows * geometry.input.block).enumerate().for_each(|(index, out)| {
        arch.dispatch(WeightPiece { geometry, slopes, input, index, rows, out });
    });
    numbers
}

/// One row of pixels of one block of the output.
struct OutputRow<'a> {
    geometry: &'a Geometry,
    input: &'a [f32],
    weights: &'a [f32],
    index: usize,
    out: &'a mut [f32],
}

impl WithSimd for OutputRow<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { geometry, input, weights, index, out } = self;
        let Geometry { batch, input: from, output: to, kernel, .. } = *geometry;
        let (block, row) = (index / to.height, index % to.height);
        for from_block in 0..from.blocks() {
            let weights = &weights[(from_block * to.blocks() + block) * geometry.taps() * from.block * to.block..];
            for k in 0..kernel {
                let Some(from_row) = geometry.input_row(row, k) else { continue };
                let line = &input[(from_block * from.height + from_row) * from.width * batch * from.block..];
                for l in 0..kernel {
                    let tap = (k * kernel + l) * from.block * to.block;
                    for run in geometry.runs(l) {
                        multiply(
                            simd,
                            [run.count * batch, from.block, to.block],
                            Rows { numbers: &line[run.input * batch * from.block..], stride: from.block },
                            Rows { numbers: &weights[tap..], stride: to.block },
                            &mut RowsMut { numbers: &mut out[run.output * batch * to.block..], stride: to.block },
                        );
                    }
                }
            }
        }
    }
}

/// One row of pixels of one block of the input's gradient.
struct InputRow<'a> {
    geometry: &'a Geometry,
    slopes: &'a [f32],
    weights: &'a [f32],
    index: usize,
    out: &'a mut [f32],
}

impl WithSimd for InputRow<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { geometry, slopes, weights, index, out } = self;
        let Geometry { batch, input: to, output: from, kernel, .. } = *geometry;
        let (block, row) = (index / to.height, index % to.height);
        for from_block in 0..from.blocks() {
            let weights = &weights[(block * from.blocks() + from_block) * geometry.taps() * from.block * to.block..];
            for k in 0..kernel {
                let Some(from_row) = geometry.output_row(row, k) else { continue };
                let line = &slopes[(from_block * from.height + from_row) * from.width * batch * from.block..];
                for l in 0..kernel {
                    let tap = (k * kernel + l) * from.block * to.block;
                    for run in geometry.runs(l) {
                        multiply(
                            simd,
                            [run.count * batch, from.block, to.block],
                            Rows { numbers: &line[run.output * batch * from.block..], stride: from.block },
                            Rows { numbers: &weights[tap..], stride: to.block },
                            &mut RowsMut { numbers: &mut out[run.input * batch * to.block..], stride: to.block },
                        );
                    }
                }
            }
        }
    }
}

/// The weight gradient of some outputs and all inputs of a pair of blocks, at one kernel position.
struct WeightPiece<'a> {
    geometry: &'a Geometry,
    slopes: &'a [f32],
    input: &'a [f32],
    index: usize,
    /// Outputs per work item.
    rows: usize,
    out: &'a mut [f32],
}

impl WithSimd for WeightPiece<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { geometry, slopes, input, index, rows, out } = self;
        let Geometry { batch, input: inputs, output: outputs, kernel, .. } = *geometry;
        let pieces = outputs.block / rows;
        let (tap, first) = (index / pieces % geometry.taps(), index % pieces * rows);
        let pair = index / pieces / geometry.taps();
        let (output_block, input_block) = (pair / inputs.blocks(), pair % inputs.blocks());
        let mut out = RowsMut { numbers: out, stride: inputs.block };
        for row in 0..outputs.height {
            let Some(input_row) = geometry.input_row(row, tap / kernel) else { continue };
            let slopes = &slopes[(output_block * outputs.height + row) * outputs.width * batch * outputs.block..];
            let input = &input[(input_block * inputs.height + input_row) * inputs.width * batch * inputs.block..];
            for run in geometry.runs(tap % kernel) {
                outer(
                    simd,
                    [run.count * batch, rows, inputs.block],
                    Rows { numbers: &slopes[run.output * batch * outputs.block + first..], stride: outputs.block },
                    Rows { numbers: &input[run.input * batch * inputs.block..], stride: inputs.block },
                    &mut out,
                );
            }
        }
    }
}
