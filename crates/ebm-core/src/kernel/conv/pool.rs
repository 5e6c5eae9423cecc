//! Max pooling.

use burn::tensor::Tensor;
use pulp::Arch;
use rayon::prelude::*;

use super::super::differentiable::{Numbers, Parent, differentiable};
use super::geometry::Geometry;

const KERNEL: usize = 3;
const STRIDE: usize = 2;

/// [`super::Maps::max_pool`] on tensors. Among equal pixels the first one gets the gradient, as in PyTorch.
pub(super) fn max_pool(input: &Tensor<5>) -> Tensor<5> {
    let [blocks, height, width, batch, block] = input.dims();
    let geometry = Geometry::new(batch, [block; 2], [height, width], KERNEL, STRIDE);
    let [_, out_height, out_width, ..] = geometry.output_shape();
    let pixel = batch * block;
    let numbers = Numbers::of(input);
    let x = numbers.as_slice();
    let mut largest = vec![f32::NEG_INFINITY; blocks * out_height * out_width * pixel];
    let mut taps = vec![0u8; largest.len()];
    let arch = Arch::new();
    let rows = largest.par_chunks_mut(out_width * pixel).zip(taps.par_chunks_mut(out_width * pixel));
    rows.enumerate().for_each(|(index, (largest, taps))| {
        let (of_block, row) = (index / out_height * height, index % out_height);
        for k in 0..KERNEL {
            let Some(line) = geometry.input_row(row, k) else { continue };
            for l in 0..KERNEL {
                for run in geometry.runs(l) {
                    let x = &x[((of_block + line) * width + run.input) * pixel..][..pixel];
                    let own = run.output * pixel..(run.output + 1) * pixel;
                    let (largest, taps) = (&mut largest[own.clone()], &mut taps[own]);
                    arch.dispatch(
                        #[inline(always)]
                        || {
                            for ((largest, tap), &x) in largest.iter_mut().zip(taps).zip(x) {
                                // NaN wins and stays.
                                let wins = x > *largest || x.is_nan();
                                *largest = if wins { x } else { *largest };
                                *tap = if wins { (k * KERNEL + l) as u8 } else { *tap };
                            }
                        },
                    );
                }
            }
        }
    });

    let output = Numbers::new(largest, [blocks, out_height, out_width, batch, block]);
    differentiable([Parent::new(input)], output, move |slopes, _| {
        let mut gradient = vec![0.0; blocks * height * width * pixel];
        gradient.par_chunks_mut(width * pixel).enumerate().for_each(|(index, gradient)| {
            let (of_block, line) = (index / height * out_height, index % height);
            for k in 0..KERNEL {
                let Some(row) = geometry.output_row(line, k) else { continue };
                for l in 0..KERNEL {
                    for run in geometry.runs(l) {
                        let from = ((of_block + row) * out_width + run.output) * pixel..;
                        let (slopes, taps) = (&slopes[from.clone()][..pixel], &taps[from][..pixel]);
                        let gradient = &mut gradient[run.input * pixel..][..pixel];
                        arch.dispatch(
                            #[inline(always)]
                            || {
                                for ((sum, &slope), &tap) in gradient.iter_mut().zip(slopes).zip(taps) {
                                    *sum += if tap == (k * KERNEL + l) as u8 { slope } else { 0.0 };
                                }
                            },
                        );
                    }
                }
            }
        });
        [Some(gradient)]
    })
}
