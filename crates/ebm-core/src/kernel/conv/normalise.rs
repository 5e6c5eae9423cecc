//! Batch normalisation, residual sum and activation in one pass.

use burn::tensor::Tensor;
use pulp::Arch;
use rayon::prelude::*;

use super::super::differentiable::{Numbers, Parent, differentiable};

/// Rows per work item. It fixes the order of the sums, so it must be a constant.
const PIECE: usize = 512;

/// The function applied after the normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    /// `max(0, x)`.
    Relu,
    /// The identity.
    None,
}

/// Mean and biased variance of every channel.
#[derive(Debug, Clone)]
pub(crate) enum Moments {
    /// Moments of the normalised maps themselves: gradients flow through them.
    OfTheMaps { mean: Tensor<1>, variance: Tensor<1> },
    /// Constants.
    Given { mean: Tensor<1>, variance: Tensor<1> },
}

/// Mean and biased variance of every channel, `[blocks · block]`. Sums are relative to the first row, so that a mean
/// far from 0 costs no precision.
pub(super) fn moments(numbers: &[f32], blocks: usize, block: usize) -> [Vec<f32>; 2] {
    let rows = numbers.len() / blocks / block;
    let (mut means, mut variances) = (Vec::with_capacity(blocks * block), Vec::with_capacity(blocks * block));
    for numbers in numbers.chunks_exact(rows * block) {
        let origin = &numbers[..block];
        let sums = sums_of_pieces(
            numbers.len(),
            block,
            #[inline(always)]
            |range, [first, second]| {
                for row in numbers[range].chunks_exact(block) {
                    let columns = first.iter_mut().zip(second.iter_mut()).zip(row).zip(origin);
                    for (((first, second), &x), &origin) in columns {
                        let x = x - origin;
                        *first += x;
                        *second += x * x;
                    }
                }
            },
        );
        for ((first, second), &origin) in sums[0].iter().zip(&sums[1]).zip(origin) {
            let mean = first / rows as f64;
            means.push((mean + f64::from(origin)) as f32);
            variances.push((second / rows as f64 - mean * mean).max(0.0) as f32);
        }
    }
    [means, variances]
}

/// Two sums per channel over a block of `length` values, by pieces.
fn sums_of_pieces(
    length: usize,
    block: usize,
    add: impl Fn(std::ops::Range<usize>, [&mut [f32]; 2]) + Sync,
) -> [Vec<f64>; 2] {
    let arch = Arch::new();
    let pieces: Vec<Vec<f32>> = (0..length.div_ceil(PIECE * block))
        .into_par_iter()
        .map(|piece| {
            let mut sums = vec![0.0; 2 * block];
            let (first, second) = sums.split_at_mut(block);
            let range = piece * PIECE * block..((piece + 1) * PIECE * block).min(length);
            arch.dispatch(
                #[inline(always)]
                || add(range, [first, second]),
            );
            sums
        })
        .collect();
    let sum = |part: usize| {
        let sums = (0..block).map(|channel| pieces.iter().map(|piece| f64::from(piece[part * block + channel])).sum());
        sums.collect()
    };
    [sum(0), sum(1)]
}

/// [`super::Maps::normalise`] on tensors.
pub(super) fn normalise(
    input: &Tensor<5>,
    [weight, bias]: [&Tensor<1>; 2],
    moments: &Moments,
    epsilon: f64,
    residual: Option<&Tensor<5>>,
    activation: Activation,
) -> Tensor<5> {
    let shape = input.dims();
    let [blocks, .., block] = shape;
    let (Moments::OfTheMaps { mean, variance } | Moments::Given { mean, variance }) = moments;
    let given = matches!(moments, Moments::Given { .. });
    let padded = |tensor: &Tensor<1>| {
        let mut numbers = Numbers::of(tensor).as_slice().to_vec();
        numbers.resize(blocks * block, 0.0);
        numbers
    };
    let inverse = padded(variance).into_iter().map(|variance| 1.0 / (variance + epsilon as f32).sqrt()).collect();
    let channels =
        Channels { weights: padded(weight), biases: padded(bias), means: padded(mean), inverse, given, block };
    let (x, added) = (Numbers::of(input), residual.map(Numbers::of));
    let output = channels.normalise(x.as_slice(), added.as_ref().map(Numbers::as_slice), activation);
    let output = Numbers::new(output, shape);
    let [count] = weight.dims();
    let active = (activation == Activation::Relu).then(|| output.clone());
    let backward = move |slopes: &[f32], asked: [bool; 4]| {
        let active = active.as_ref().map(Numbers::as_slice);
        let mut gradient = channels.gradient(slopes, x.as_slice(), active, asked);
        for of_channels in gradient[1..3].iter_mut().flatten() {
            of_channels.truncate(count);
        }
        gradient
    };
    let [input, weight, bias] = [Parent::new(input), Parent::new(weight), Parent::new(bias)];
    match residual {
        None => differentiable([input, weight, bias], output, move |slopes, [input, weight, bias]| {
            let [input, weight, bias, _] = backward(slopes, [input, weight, bias, false]);
            [input, weight, bias]
        }),
        Some(residual) => differentiable([input, weight, bias, Parent::new(residual)], output, backward),
    }
}

/// Parameters of a normalisation, `[blocks · block]` each.
struct Channels {
    weights: Vec<f32>,
    biases: Vec<f32>,
    means: Vec<f32>,
    /// Inverse standard deviations.
    inverse: Vec<f32>,
    /// Whether means and standard deviations are constants.
    given: bool,
    block: usize,
}

impl Channels {
    /// Calls `work` for each piece of rows in parallel, with the index of its block, its range and its piece of `out`.
    fn pieces(&self, out: &mut [f32], work: impl Fn(usize, std::ops::Range<usize>, &mut [f32]) + Sync) {
        let block_length = out.len() / (self.means.len() / self.block);
        let arch = Arch::new();
        out.par_chunks_mut(block_length).enumerate().for_each(|(block, out)| {
            out.par_chunks_mut(PIECE * self.block).enumerate().for_each(|(piece, out)| {
                let start = block * block_length + piece * PIECE * self.block;
                arch.dispatch(
                    #[inline(always)]
                    || work(block, start..start + out.len(), out),
                );
            });
        });
    }

    fn normalise(&self, x: &[f32], residual: Option<&[f32]>, activation: Activation) -> Vec<f32> {
        let factors: Vec<f32> =
            self.weights.iter().zip(&self.inverse).map(|(weight, inverse)| weight * inverse).collect();
        let offsets: Vec<f32> = self
            .biases
            .iter()
            .zip(&self.means)
            .zip(&factors)
            .map(|((bias, mean), factor)| bias - mean * factor)
            .collect();
        let least = if activation == Activation::Relu { 0.0 } else { f32::NEG_INFINITY };
        let mut out = vec![0.0; x.len()];
        self.pieces(
            &mut out,
            #[inline(always)]
            |block, range, out| {
                let own = block * self.block..(block + 1) * self.block;
                let (factors, offsets) = (&factors[own.clone()], &offsets[own]);
                let rows = x[range.clone()].chunks_exact(self.block);
                let out = out.chunks_exact_mut(self.block);
                match residual {
                    None => {
                        for (x, out) in rows.zip(out) {
                            for (((out, x), factor), offset) in out.iter_mut().zip(x).zip(factors).zip(offsets) {
                                *out = larger(x * factor + offset, least);
                            }
                        }
                    }
                    Some(residual) => {
                        let residual = residual[range].chunks_exact(self.block);
                        for ((x, residual), out) in rows.zip(residual).zip(out) {
                            let columns = out.iter_mut().zip(x).zip(residual).zip(factors).zip(offsets);
                            for ((((out, x), residual), factor), offset) in columns {
                                *out = larger(x * factor + offset + residual, least);
                            }
                        }
                    }
                }
            },
        );
        out
    }

    /// Gradients of the input, the weights, the biases and the residual. `active` is the output, if a ReLU follows.
    fn gradient(
        &self,
        slopes: &[f32],
        x: &[f32],
        active: Option<&[f32]>,
        [of_input, of_weights, of_biases, of_residual]: [bool; 4],
    ) -> [Option<Vec<f32>>; 4] {
        // The slopes before the activation, which are also the gradient of the residual.
        let passed = active.map(|active| {
            let mut passed = vec![0.0; slopes.len()];
            self.pieces(
                &mut passed,
                #[inline(always)]
                |_, range, out| {
                    for ((out, &slope), &active) in out.iter_mut().zip(&slopes[range.clone()]).zip(&active[range]) {
                        *out = if active > 0.0 { slope } else { 0.0 };
                    }
                },
            );
            passed
        });
        let slopes = passed.as_deref().unwrap_or(slopes);
        let block_length = x.len() / (self.means.len() / self.block);
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        for (block, slopes) in slopes.chunks_exact(block_length).enumerate() {
            let own = block * self.block..(block + 1) * self.block;
            let (means, x) = (&self.means[own.clone()], &x[block * block_length..]);
            let [of_biases, of_weights] = sums_of_pieces(
                block_length,
                self.block,
                #[inline(always)]
                |range, [first, second]| {
                    let rows = slopes[range.clone()].chunks_exact(self.block).zip(x[range].chunks_exact(self.block));
                    for (slopes, x) in rows {
                        let columns = first.iter_mut().zip(second.iter_mut()).zip(slopes).zip(x).zip(means);
                        for ((((first, second), &slope), x), mean) in columns {
                            *first += slope;
                            *second += slope * (x - mean);
                        }
                    }
                },
            );
            biases.extend(of_biases.iter().map(|&sum| sum as f32));
            weights.extend(of_weights.iter().zip(&self.inverse[own]).map(|(&sum, &inverse)| sum as f32 * inverse));
        }
        let rows = (block_length / self.block) as f32;
        let input = of_input.then(|| self.input_gradient(slopes, x, &weights, &biases, rows));
        let residual = of_residual.then(|| slopes.to_vec());
        [input, of_weights.then_some(weights), of_biases.then_some(biases), residual]
    }

    /// `w/σ (slope − mean slope − u · mean (slope · u))` with the normalised input `u`; `w/σ slope` for given moments.
    fn input_gradient(&self, slopes: &[f32], x: &[f32], weights: &[f32], biases: &[f32], rows: f32) -> Vec<f32> {
        // The gradient is a · slope + b · x + c.
        let mut factors = Vec::with_capacity(self.means.len());
        for channel in 0..self.means.len() {
            let a = self.weights[channel] * self.inverse[channel];
            if self.given {
                factors.push([a, 0.0, 0.0]);
                continue;
            }
            let b = -a * self.inverse[channel] * weights[channel] / rows;
            factors.push([a, b, -a * biases[channel] / rows - b * self.means[channel]]);
        }
        let [a, b, c] = [0, 1, 2].map(|which| factors.iter().map(|factors| factors[which]).collect::<Vec<_>>());
        let mut out = vec![0.0; x.len()];
        self.pieces(
            &mut out,
            #[inline(always)]
            |block, range, out| {
                let own = block * self.block..(block + 1) * self.block;
                let (a, b, c) = (&a[own.clone()], &b[own.clone()], &c[own]);
                let rows = slopes[range.clone()].chunks_exact(self.block).zip(x[range].chunks_exact(self.block));
                for ((slopes, x), out) in rows.zip(out.chunks_exact_mut(self.block)) {
                    let columns = out.iter_mut().zip(slopes).zip(x).zip(a).zip(b).zip(c);
                    for (((((out, slope), x), a), b), c) in columns {
                        *out = a * slope + b * x + c;
                    }
                }
            },
        );
        out
    }
}

/// `max(x, least)`, but NaN if `x` is NaN.
#[inline(always)]
fn larger(x: f32, least: f32) -> f32 {
    if x < least { least } else { x }
}
