//! Weights `[outputs, inputs, kernel, kernel]` in the layouts that convolutions read and write.

use rayon::prelude::*;

use super::super::gemm::LINE;
use super::geometry::Geometry;

/// Layout of the weights of a pair of blocks at each kernel position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Order {
    /// One row per input, for the output.
    InputsByOutputs,
    /// One row per output, for the gradient of the input.
    OutputsByInputs,
}

/// The weights as matrices `[input blocks, output blocks, taps]`, padded with zeros.
pub(super) fn pack(geometry: &Geometry, weights: &[f32], order: Order) -> Vec<f32> {
    let Geometry { input, output, .. } = *geometry;
    let (taps, matrix) = (geometry.taps(), input.block * output.block);
    let mut packed = vec![0.0; input.blocks() * output.blocks() * taps * matrix];
    packed.par_chunks_mut(taps * matrix).enumerate().for_each(|(index, packed)| {
        let (input_block, output_block) = (index / output.blocks(), index % output.blocks());
        let first = [output_block * output.block, input_block * input.block];
        let counts = [output.channels - first[0], input.channels - first[1]];
        let counts = [counts[0].min(output.block), counts[1].min(input.block)];
        let mut by_outputs = match order {
            Order::InputsByOutputs => vec![0.0; taps * matrix],
            Order::OutputsByInputs => Vec::new(),
        };
        let rows = if order == Order::InputsByOutputs { &mut by_outputs[..] } else { &mut *packed };
        for o in 0..counts[0] {
            let weights = &weights[((first[0] + o) * input.channels + first[1]) * taps..][..counts[1] * taps];
            for tap in 0..taps {
                let row = &mut rows[tap * matrix + o * input.block..][..counts[1]];
                for (to, from) in row.iter_mut().zip(weights.chunks_exact(taps)) {
                    *to = from[tap];
                }
            }
        }
        if order == Order::InputsByOutputs {
            for (packed, by_outputs) in packed.chunks_exact_mut(matrix).zip(by_outputs.chunks_exact(matrix)) {
                transpose(by_outputs, input.block, packed, output.block);
            }
        }
    });
    packed
}

/// `to[i, o] = from[o, i]`, tile by tile; rows are whole cache lines.
fn transpose(from: &[f32], from_width: usize, to: &mut [f32], to_width: usize) {
    for (o, i) in (0..to_width).step_by(LINE).flat_map(|o| (0..from_width).step_by(LINE).map(move |i| (o, i))) {
        let mut tile = [[0.0; LINE]; LINE];
        for (row, tile) in tile.iter_mut().enumerate() {
            tile.copy_from_slice(&from[(o + row) * from_width + i..][..LINE]);
        }
        for column in 0..LINE {
            let out = &mut to[(i + column) * to_width + o..][..LINE];
            for (out, row) in out.iter_mut().zip(&tile) {
                *out = row[column];
            }
        }
    }
}

/// Converts a gradient `[output blocks, input blocks, taps, outputs, inputs]` to `[outputs, inputs, kernel, kernel]`.
pub(super) fn unpack(geometry: &Geometry, packed: &[f32]) -> Vec<f32> {
    let Geometry { input, output, .. } = *geometry;
    let (taps, matrix) = (geometry.taps(), input.block * output.block);
    let mut weights = vec![0.0; output.channels * input.channels * taps];
    weights.par_chunks_mut(input.channels * taps).enumerate().for_each(|(o, weights)| {
        let (output_block, row) = (o / output.block, o % output.block);
        for (input_block, weights) in weights.chunks_mut(input.block * taps).enumerate() {
            let packed = &packed[(output_block * input.blocks() + input_block) * taps * matrix..];
            for tap in 0..taps {
                let row = &packed[tap * matrix + row * input.block..];
                for (to, from) in weights.chunks_exact_mut(taps).zip(row) {
                    to[tap] = *from;
                }
            }
        }
    });
    weights
}
