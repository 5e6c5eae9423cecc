//! The first convolution: few channels and a large kernel. Windows are copied to rows (im2col).

use burn::tensor::Tensor;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use super::super::differentiable::{Numbers, Parent, differentiable};
use super::super::gemm::{LINE, Rows, RowsMut, multiply, outer, stride as padded};
use super::geometry::{Geometry, Side};

/// [`super::Maps::of_images`] on tensors: `[batch, channels, height, width]` → `[blocks, height, width, batch, block]`.
pub(super) fn convolve(images: &Tensor<4>, weight: &Tensor<4>, stride: usize) -> Tensor<5> {
    let [batch, inputs, height, width] = images.dims();
    let [outputs, of_images, kernel, _] = weight.dims();
    assert_eq!(of_images, inputs, "channels of the images");
    let geometry = Geometry::new(batch, [inputs, outputs], [height, width], kernel, stride);
    let (pixels, weights) = (Numbers::of(images), Numbers::of(weight));
    let numbers = output(&geometry, &with_borders(&geometry, pixels.as_slice()), weights.as_slice());
    let numbers = Numbers::new(numbers, geometry.output_shape());
    let parents = [Parent::new(images), Parent::new(weight)];
    differentiable(parents, numbers, move |slopes, [of_images, of_weight]| {
        let of_weight =
            of_weight.then(|| weight_gradient(&geometry, slopes, &with_borders(&geometry, pixels.as_slice())));
        [of_images.then(|| image_gradient(&geometry, slopes, weights.as_slice())), of_weight]
    })
}

/// Height and width of an image with its borders of zeros.
fn bordered(geometry: &Geometry) -> [usize; 2] {
    [geometry.input.height, geometry.input.width].map(|side| side + 2 * (geometry.kernel / 2))
}

/// The images, `[batch, channels, height, width]`, each channel with borders of zeros.
fn with_borders(geometry: &Geometry, images: &[f32]) -> Vec<f32> {
    let Side { height, width, .. } = geometry.input;
    let ([tall, wide], border) = (bordered(geometry), geometry.kernel / 2);
    let mut out = vec![0.0; images.len() / (height * width) * tall * wide];
    out.par_chunks_mut(tall * wide).zip(images.par_chunks(height * width)).for_each(|(out, image)| {
        for (out, row) in out.chunks_exact_mut(wide).skip(border).zip(image.chunks_exact(width)) {
            out[border..][..width].copy_from_slice(row);
        }
    });
    out
}

/// Values per window.
fn window(geometry: &Geometry) -> usize {
    geometry.input.channels * geometry.taps()
}

/// Copies the windows of all examples at one output pixel to rows, `padded(window)` values apart.
fn windows(geometry: &Geometry, images: &[f32], [row, column]: [usize; 2], rows: &mut [f32]) {
    let &Geometry { batch, input, kernel, stride, .. } = geometry;
    let [tall, wide] = bordered(geometry);
    let images = images.chunks_exact(input.channels * tall * wide);
    for (image, out) in images.zip(rows.chunks_exact_mut(padded(window(geometry)))).take(batch) {
        let mut out = out.chunks_exact_mut(kernel);
        for channel in image.chunks_exact(tall * wide) {
            for line in channel.chunks_exact(wide).skip(row * stride).take(kernel) {
                let out = out.next().expect("room for a window");
                out.copy_from_slice(&line[column * stride..][..kernel]);
            }
        }
    }
}

fn output(geometry: &Geometry, images: &[f32], weights: &[f32]) -> Vec<f32> {
    let Side { channels, block, height, width } = geometry.output;
    let (window, blocks) = (window(geometry), geometry.output.blocks());
    // `[blocks, window, block]`
    let mut matrix = vec![0.0; blocks * window * block];
    for (channel, weights) in weights.chunks_exact(window).enumerate().take(channels) {
        for (i, weight) in weights.iter().enumerate() {
            matrix[(channel / block * window + i) * block + channel % block] = *weight;
        }
    }
    let pixel = geometry.batch * block;
    let mut out = vec![0.0; blocks * height * width * pixel];
    let arch = Arch::new();
    out.par_chunks_mut(width * pixel).enumerate().for_each(|(index, out)| {
        let (of_block, row) = (index / height, index % height);
        let matrix = &matrix[of_block * window * block..][..window * block];
        let mut rows = vec![0.0; geometry.batch * padded(window)];
        for (column, out) in out.chunks_exact_mut(pixel).enumerate() {
            windows(geometry, images, [row, column], &mut rows);
            arch.dispatch(Pixel { size: [geometry.batch, window, block], rows: &rows, matrix, out });
        }
    });
    out
}

/// `out += rows · matrix`
struct Pixel<'a> {
    size: [usize; 3],
    rows: &'a [f32],
    matrix: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for Pixel<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { size, rows, matrix, out } = self;
        let [_, window, block] = size;
        let rows = Rows { numbers: rows, stride: padded(window) };
        multiply(
            simd,
            size,
            rows,
            Rows { numbers: matrix, stride: block },
            &mut RowsMut { numbers: out, stride: block },
        );
    }
}

/// The gradient of the weights, `[outputs, inputs, kernel, kernel]`.
fn weight_gradient(geometry: &Geometry, slopes: &[f32], images: &[f32]) -> Vec<f32> {
    let Side { channels, block, height, width } = geometry.output;
    let (window, blocks, pixel) = (window(geometry), geometry.output.blocks(), geometry.batch * block);
    let apart = padded(window);
    let arch = Arch::new();
    // One partial sum per row of pixels, added in a fixed order.
    let partial: Vec<Vec<f32>> = (0..height)
        .into_par_iter()
        .map(|row| {
            let mut sums = vec![0.0; blocks * block * apart];
            let mut rows = vec![0.0; geometry.batch * apart];
            for column in 0..width {
                windows(geometry, images, [row, column], &mut rows);
                for (of_block, sums) in sums.chunks_exact_mut(block * apart).enumerate() {
                    let slopes = &slopes[((of_block * height + row) * width + column) * pixel..][..pixel];
                    arch.dispatch(PixelOfWeights { size: [geometry.batch, block, window], slopes, rows: &rows, sums });
                }
            }
            sums
        })
        .collect();
    let mut gradient = Vec::with_capacity(channels * window);
    for channel in 0..channels {
        let own = channel * apart..channel * apart + window;
        let mut sum = vec![0.0; window];
        for partial in &partial {
            sum.iter_mut().zip(&partial[own.clone()]).for_each(|(sum, part)| *sum += part);
        }
        gradient.extend(sum);
    }
    gradient
}

/// `sums += slopesᵀ · rows`
struct PixelOfWeights<'a> {
    size: [usize; 3],
    slopes: &'a [f32],
    rows: &'a [f32],
    sums: &'a mut [f32],
}

impl WithSimd for PixelOfWeights<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { size: [batch, block, window], slopes, rows, sums } = self;
        let apart = padded(window);
        let size = [batch, block, window.next_multiple_of(LINE)];
        let slopes = Rows { numbers: slopes, stride: block };
        outer(simd, size, slopes, Rows { numbers: rows, stride: apart }, &mut RowsMut { numbers: sums, stride: apart });
    }
}

/// The gradient of the images. Training does not need it, so it is not optimised.
fn image_gradient(geometry: &Geometry, slopes: &[f32], weights: &[f32]) -> Vec<f32> {
    let (from, to) = (geometry.output, geometry.input);
    let mut gradient = vec![0.0; geometry.batch * to.channels * to.height * to.width];
    let images = gradient.par_chunks_mut(to.channels * to.height * to.width).enumerate();
    images.for_each(|(example, image)| {
        for (row, column) in (0..from.height).flat_map(|row| (0..from.width).map(move |column| (row, column))) {
            for channel in 0..from.channels {
                let pixel = (channel / from.block * from.height + row) * from.width + column;
                let slope = slopes[(pixel * geometry.batch + example) * from.block + channel % from.block];
                let weights = &weights[channel * window(geometry)..];
                for (input, k) in (0..to.channels).flat_map(|input| (0..geometry.kernel).map(move |k| (input, k))) {
                    let Some(line) = geometry.input_row(row, k) else { continue };
                    for l in 0..geometry.kernel {
                        let at = (column * geometry.stride + l).checked_sub(geometry.kernel / 2);
                        let Some(at) = at.filter(|&at| at < to.width) else { continue };
                        let weight = weights[(input * geometry.kernel + k) * geometry.kernel + l];
                        image[(input * to.height + line) * to.width + at] += slope * weight;
                    }
                }
            }
        }
    });
    gradient
}
