//! Laws of the layers: values and gradients are those of Burn's layers, for all sizes and numbers of threads.

use burn::tensor::activation::relu;
use burn::tensor::module::{batch_norm_train, conv2d, max_pool2d};
use burn::tensor::ops::{ConvOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor};

use super::{Activation, Maps, Moments, Recording, geometry};
use crate::math::noise::{Noise, Purpose};

/// Batch, channels, height and width.
const SIZES: [[usize; 4]; 6] =
    [[1, 64, 1, 1], [3, 5, 7, 6], [2, 128, 2, 2], [7, 16, 5, 9], [2, 64, 8, 8], [1, 96, 4, 3]];

fn random<const D: usize>(shape: [usize; D], step: usize) -> Tensor<D> {
    Noise::new(2, Purpose::Prediction, 0, step).normal(shape, &Device::flex())
}

fn leaf<const D: usize>(shape: [usize; D], step: usize) -> Tensor<D> {
    random(shape, step).autodiff().require_grad()
}

fn read<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.clone().into_data().try_to_vec().unwrap()
}

/// Feature maps from `[batch, channels, height, width]`, by tensor operations.
fn maps(planes: &Tensor<4>) -> Maps {
    let [batch, channels, height, width] = planes.dims();
    let block = geometry::block(channels);
    let blocks = channels.div_ceil(block);
    let rest = Tensor::zeros([batch, blocks * block - channels, height, width], &planes.device());
    let padded = if blocks * block == channels { planes.clone() } else { Tensor::cat(vec![planes.clone(), rest], 1) };
    let numbers = padded.reshape([batch, blocks, block, height, width]).permute([1, 3, 4, 0, 2]);
    Maps { numbers, channels, recording: Recording::On }
}

/// The maps as `[batch, channels, height, width]`.
fn planes(maps: &Maps) -> Tensor<4> {
    let [blocks, height, width, batch, block] = maps.numbers.dims();
    let planes = maps.numbers.clone().permute([3, 0, 4, 1, 2]).reshape([batch, blocks * block, height, width]);
    planes.slice([0..batch, 0..maps.channels])
}

/// Checks that two outputs have the same values and the same gradients with respect to the leaves, up to rounding of
/// sums of thousands of products of order 1.
fn assert_same<const N: usize>(found: &Tensor<4>, expected: &Tensor<4>, leaves: [&dyn Gradient; N], case: &str) {
    assert_eq!(found.dims(), expected.dims(), "{case}");
    let weigh = random(found.dims(), 9).autodiff();
    let close = |found: &[f32], expected: &[f32], what: &str| {
        assert_eq!(found.len(), expected.len(), "{case}, {what}");
        let scale = expected.iter().fold(1f32, |scale, x| scale.max(x.abs()));
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5 * scale, "{case}, {what}: {found} against {expected} of {scale}");
        }
    };
    close(&read(found), &read(expected), "output");
    let [found, expected] = [found, expected].map(|output| (output.clone() * weigh.clone()).sum().backward());
    for (index, leaf) in leaves.iter().enumerate() {
        close(&leaf.gradient(&found), &leaf.gradient(&expected), &format!("gradient {index}"));
    }
}

trait Gradient {
    fn gradient(&self, gradients: &burn::tensor::Gradients) -> Vec<f32>;
}

impl<const D: usize> Gradient for Tensor<D> {
    fn gradient(&self, gradients: &burn::tensor::Gradients) -> Vec<f32> {
        read(&self.grad(gradients).expect("a gradient"))
    }
}

#[test]
fn a_convolution_is_burns() {
    for [batch, channels, height, width] in SIZES {
        for (out, kernel, stride) in [(64, 3, 1), (64, 3, 2), (128, 1, 2), (5, 3, 1), (16, 1, 1), (7, 5, 3)] {
            let input = leaf([batch, channels, height, width], 0);
            let weight = leaf([out, channels, kernel, kernel], 1);
            let options = ConvOptions::new([stride; 2], [kernel / 2; 2], [1; 2], 1);
            let expected = conv2d(input.clone(), weight.clone(), None, options);
            let found = planes(&maps(&input).convolve(&weight, stride));
            let case = format!("{batch} of {channels} × {height} × {width}, to {out} by {kernel}, stride {stride}");
            assert_same(&found, &expected, [&input, &weight], &case);
        }
    }
}

#[test]
fn the_convolution_of_images_is_burns() {
    for ([batch, channels, height, width], (out, kernel, stride)) in [
        ([3, 3, 16, 16], (64, 7, 2)),
        ([1, 3, 9, 12], (2, 7, 2)),
        ([2, 1, 5, 5], (70, 3, 1)),
        ([2, 3, 8, 8], (128, 5, 2)),
    ] {
        let images = leaf([batch, channels, height, width], 0);
        let weight = leaf([out, channels, kernel, kernel], 1);
        let options = ConvOptions::new([stride; 2], [kernel / 2; 2], [1; 2], 1);
        let expected = conv2d(images.clone(), weight.clone(), None, options);
        let found = planes(&Maps::of_images(&images, &weight, stride, Recording::On));
        assert_same(&found, &expected, [&images, &weight], &format!("{batch} of {channels} × {height} × {width}"));
    }
}

#[test]
fn a_normalisation_is_burns() {
    const EPSILON: f64 = 1e-5;
    for shape @ [batch, channels, height, width] in SIZES {
        if batch * height * width == 1 {
            continue;
        }
        let input = leaf(shape, 0);
        // A mean far from 0, so that sums of squares lose precision.
        let shifted = || input.clone() + 30.0;
        let (weight, bias) = (leaf([channels], 1), leaf([channels], 2));
        let residual = leaf(shape, 3);
        for (added, activation) in [(false, Activation::Relu), (false, Activation::None), (true, Activation::Relu)] {
            let normalised = batch_norm_train(shifted(), weight.clone(), bias.clone(), EPSILON);
            let expected = if added { normalised.output + residual.clone() } else { normalised.output };
            let expected = if activation == Activation::Relu { relu(expected) } else { expected };
            let own = maps(&shifted());
            let moments = own.moments();
            let Moments::OfTheMaps { mean, variance } = &moments else { unreachable!("the maps' own") };
            let close = |found: &Tensor<1>, expected: &Tensor<1>| {
                let largest: f32 = (found.clone() - expected.clone().without_autodiff()).abs().max().into_scalar();
                assert!(largest < 1e-4, "{largest}");
            };
            close(mean, &normalised.mean);
            close(variance, &normalised.variance);
            let of_residual = added.then(|| maps(&residual));
            let found = own.normalise([&weight, &bias], &moments, EPSILON, of_residual.as_ref(), activation);
            let last: &dyn Gradient = if added { &residual } else { &bias };
            let case = format!("{shape:?}, {added}, {activation:?}");
            assert_near(&planes(&found), &expected, [&input, &weight, &bias, last], &case);
        }
    }
}

#[test]
fn a_normalisation_by_given_moments_is_a_product_and_a_sum() {
    for shape @ [_, channels, ..] in SIZES {
        let (input, weight, bias) = (leaf(shape, 0), leaf([channels], 1), leaf([channels], 2));
        let (mean, variance) = (random([channels], 3), random([channels], 4).abs() + 0.5);
        let column = |tensor: &Tensor<1>| tensor.clone().reshape([1, channels, 1, 1]);
        let centred = input.clone() - column(&mean).autodiff();
        let expected = centred / column(&variance).sqrt().autodiff() * column(&weight) + column(&bias);
        let moments = Moments::Given { mean, variance };
        let found = maps(&input).normalise([&weight, &bias], &moments, 0.0, None, Activation::None);
        assert_same(&planes(&found), &expected, [&input, &weight, &bias], &format!("{shape:?}"));
    }
}

/// [`assert_same`] with the lower precision that a mean of 30 leaves.
fn assert_near<const N: usize>(found: &Tensor<4>, expected: &Tensor<4>, leaves: [&dyn Gradient; N], case: &str) {
    let weigh = random(found.dims(), 9).autodiff();
    let close = |found: &[f32], expected: &[f32], what: &str| {
        let scale = expected.iter().fold(1f32, |scale, x| scale.max(x.abs()));
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 2e-4 * scale, "{case}, {what}: {found} against {expected} of {scale}");
        }
    };
    close(&read(found), &read(expected), "output");
    // Where the ReLU's argument is 0 up to rounding, its slope may be 0 or 1.
    let sure = expected.clone().abs().greater_elem(1e-3).float();
    let sure = if read(expected).iter().all(|&x| x >= 0.0) { sure } else { sure.ones_like() };
    let weigh = weigh * sure.without_autodiff().autodiff();
    let [found, expected] = [found, expected].map(|output| (output.clone() * weigh.clone()).sum());
    let (found, expected) = (found.backward(), expected.backward());
    for (index, leaf) in leaves.iter().enumerate() {
        close(&leaf.gradient(&found), &leaf.gradient(&expected), &format!("gradient {index}"));
    }
}

#[test]
fn the_largest_of_neighbouring_pixels_is_burns() {
    for shape in SIZES {
        let input = leaf(shape, 0);
        let options = MaxPoolOptions::new([3, 3]).with_stride([2, 2]).with_padding([1, 1]);
        let expected = max_pool2d(input.clone(), options);
        assert_same(&planes(&maps(&input).max_pool()), &expected, [&input], &format!("{shape:?}"));
    }
}

#[test]
fn means_over_the_pixels_are_burns() {
    for shape in SIZES {
        let input = leaf(shape, 0);
        let expected = input.clone().flatten::<3>(2, 3).mean_dim(2).unsqueeze_dim::<4>(3);
        let found = maps(&input).mean().unsqueeze_dim::<3>(2).unsqueeze_dim::<4>(3);
        assert_same(&found, &expected, [&input], &format!("{shape:?}"));
    }
}

#[test]
fn what_is_not_recorded_is_a_constant() {
    let (images, weight) = (leaf([2, 3, 8, 8], 0), leaf([64, 3, 7, 7], 1));
    let (next, scale, bias) = (leaf([16, 64, 3, 3], 2), leaf([16], 3), leaf([16], 4));
    let of = |images: &Tensor<4>, recording| {
        let maps = Maps::of_images(images, &weight, 2, recording).max_pool().convolve(&next, 1);
        maps.normalise([&scale, &bias], &maps.moments(), 1e-5, None, Activation::Relu).mean()
    };
    let constant = of(&images.clone().without_autodiff(), Recording::Off);
    assert!(!constant.is_autodiff());
    assert_eq!(read(&constant), read(&of(&images, Recording::On)));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (images, first) = (random([5, 3, 32, 32], 0), leaf([64, 3, 7, 7], 1));
            let (second, third) = (leaf([128, 64, 3, 3], 2), leaf([128, 128, 3, 3], 3));
            let (weight, bias) = (leaf([128], 4), leaf([128], 5));
            let maps = Maps::of_images(&images, &first, 2, Recording::On).max_pool().convolve(&second, 2);
            let maps = maps.normalise([&weight, &bias], &maps.moments(), 1e-5, None, Activation::Relu);
            let output = maps.convolve(&third, 1).mean();
            let gradients = output.clone().powi_scalar(2).sum().backward();
            let mut numbers = read(&output);
            let leaves: [&dyn Gradient; 5] = [&first, &second, &third, &weight, &bias];
            numbers.extend(leaves.iter().flat_map(|leaf| leaf.gradient(&gradients)));
            numbers
        })
    };
    let one = with(1);
    for threads in [2, 3, 16] {
        assert!(with(threads).iter().zip(&one).all(|(a, b)| a.to_bits() == b.to_bits()), "{threads} threads");
    }
}
