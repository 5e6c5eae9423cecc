//! Convolutions and their gradients as sums of matrix products.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::super::gemm::{Rows, RowsMut, multiply, outer};
use super::geometry::{Geometry, Run, Side};

/// Rows of a block of the weight gradient per work item.
const PIECE: usize = 32;

/// The convolution of `input` with weights in the layout [`super::Order::InputsByOutputs`].
pub(super) fn output(geometry: &Geometry, input: &[f32], weights: &[f32]) -> Vec<f32> {
    maps(geometry, Way::ToOutput, input, weights)
}

/// The gradient of the input from the slopes of the output, with weights in the layout
/// [`super::Order::OutputsByInputs`].
pub(super) fn input_gradient(geometry: &Geometry, slopes: &[f32], weights: &[f32]) -> Vec<f32> {
    maps(geometry, Way::ToInput, slopes, weights)
}

fn maps(geometry: &Geometry, way: Way, numbers: &[f32], weights: &[f32]) -> Vec<f32> {
    let [_, to] = way.sides(geometry);
    let row = to.width * geometry.batch * to.block;
    let mut found = vec![0.0; to.blocks() * to.height * row];
    let arch = Arch::new();
    found.par_chunks_mut(row).enumerate().for_each(|(index, out)| {
        arch.dispatch(PixelRow { geometry, way, numbers, weights, index, out });
    });
    found
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

/// Which way maps go through a convolution.
#[derive(Clone, Copy)]
enum Way {
    ToOutput,
    /// Slopes, backwards.
    ToInput,
}

impl Way {
    /// Where maps come from, and where they go.
    fn sides(self, geometry: &Geometry) -> [Side; 2] {
        match self {
            Self::ToOutput => [geometry.input, geometry.output],
            Self::ToInput => [geometry.output, geometry.input],
        }
    }

    /// The row that position `k` of the kernel takes to a row of the result.
    fn row(self, geometry: &Geometry, row: usize, k: usize) -> Option<usize> {
        match self {
            Self::ToOutput => geometry.input_row(row, k),
            Self::ToInput => geometry.output_row(row, k),
        }
    }

    /// The pixels where a run starts in what is read, and in the result.
    fn ends(self, run: &Run) -> [usize; 2] {
        match self {
            Self::ToOutput => [run.input, run.output],
            Self::ToInput => [run.output, run.input],
        }
    }
}

/// One row of pixels of one block of the result.
struct PixelRow<'a> {
    geometry: &'a Geometry,
    way: Way,
    numbers: &'a [f32],
    weights: &'a [f32],
    index: usize,
    out: &'a mut [f32],
}

impl WithSimd for PixelRow<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { geometry, way, numbers, weights, index, out } = self;
        let Geometry { batch, kernel, output: outputs, .. } = *geometry;
        let [from, to] = way.sides(geometry);
        let (block, row) = (index / to.height, index % to.height);
        for from_block in 0..from.blocks() {
            let [input_block, output_block] = match way {
                Way::ToOutput => [from_block, block],
                Way::ToInput => [block, from_block],
            };
            let pair = input_block * outputs.blocks() + output_block;
            let weights = &weights[pair * geometry.taps() * from.block * to.block..];
            for k in 0..kernel {
                let Some(from_row) = way.row(geometry, row, k) else { continue };
                let line = &numbers[(from_block * from.height + from_row) * from.width * batch * from.block..];
                for l in 0..kernel {
                    let tap = (k * kernel + l) * from.block * to.block;
                    for run in geometry.runs(l) {
                        let [read, written] = way.ends(&run);
                        multiply(
                            simd,
                            [run.count * batch, from.block, to.block],
                            Rows { numbers: &line[read * batch * from.block..], stride: from.block },
                            Rows { numbers: &weights[tap..], stride: to.block },
                            &mut RowsMut { numbers: &mut out[written * batch * to.block..], stride: to.block },
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
