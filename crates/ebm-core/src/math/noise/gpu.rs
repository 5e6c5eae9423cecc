//! The numbers of [`crate::math::noise::Noise`] on a GPU: the same words, and the same normal numbers up to rounding.

use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Backend, Dispatch, DispatchDevice, backend_extension};
use burn::tensor::{DType, Device, Int, Shape, Tensor, TensorData};
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;
use cubecl::prelude::*;

use crate::math::num::{LN_2, LN_TAIL};

/// Words of 16 blocks, interleaved as on the host.
const GROUP: usize = 256;
const UNITS: u32 = 64;

/// `count` numbers for each key, one key after another, `[keys · count]`; `None` if the device is not a GPU.
pub(crate) fn draws(
    keys: &[[u32; 8]],
    stream: u64,
    is_normal: bool,
    count: usize,
    device: &Device,
) -> Option<Tensor<1>> {
    let device = device.clone().inner();
    if !matches!(device.as_dispatch(), DispatchDevice::Cube(_)) {
        return None;
    }
    let words: Vec<i32> = keys.iter().flatten().map(|word| word.cast_signed()).collect();
    let keys = Tensor::<2, Int>::from_data(TensorData::new(words, [keys.len(), 8]), (&device, DType::I32));
    let [low, high] = [stream as u32, (stream >> 32) as u32];
    Some(Tensor::from_dispatch(Dispatch::draws(keys.into_dispatch(), low, high, is_normal, count)))
}

#[backend_extension(Cube, Fusion)]
pub(super) trait DrawOps: Backend {
    /// Numbers of a ChaCha stream for each of `keys`, `[networks, 8]` → `[networks · count]`.
    #[fusion(dtype = DType::F32, shape = Shape::new([keys[0] * count]))]
    fn draws(
        keys: IntTensor<Self>,
        stream_low: u32,
        stream_high: u32,
        is_normal: bool,
        count: usize,
    ) -> FloatTensor<Self>;
}

impl DrawOps for CubeBackend {
    fn draws(keys: CubeTensor, stream_low: u32, stream_high: u32, is_normal: bool, count: usize) -> CubeTensor {
        let networks = keys.meta.shape()[0];
        let (client, device) = (keys.client.clone(), keys.device.clone());
        // Two groups of words give two groups of normal numbers.
        let words = count.next_multiple_of(2 * GROUP);
        let empty = |length: usize, dtype: DType| {
            let buffer = client.empty(length * size_of::<u32>());
            CubeTensor::new_contiguous(client.clone(), device.clone(), Shape::new([length]), buffer, dtype)
        };
        let bits = empty(networks * words, DType::U32);
        let numbers = empty(networks * count, DType::F32);
        let cubes = |units: usize| {
            let cubes = units.div_ceil(UNITS as usize) as u32;
            // Every device allows at least this many cubes along a dimension.
            let wide = cubes.min(32_768);
            CubeCount::Static(wide, cubes.div_ceil(wide), 1)
        };
        let dim = CubeDim::new_1d(UNITS);
        chacha::launch(
            &client,
            cubes(networks * words / 16),
            dim,
            into_contiguous(keys).into_buffer_arg(),
            bits.clone().into_buffer_arg(),
            stream_low,
            stream_high,
            words as u32,
        );
        let output = numbers.clone().into_buffer_arg();
        convert::launch(
            &client,
            cubes(networks * count),
            dim,
            bits.into_buffer_arg(),
            output,
            words as u32,
            count as u32,
            is_normal,
        );
        numbers
    }
}

/// One unit computes one block of ChaCha8. The blocks of a network are interleaved by sixteen.
#[cube(launch)]
fn chacha(keys: &[i32], output: &mut [u32], stream_low: u32, stream_high: u32, words: u32) {
    let words = words as usize;
    let blocks = words / 16usize;
    let network = ABSOLUTE_POS / blocks;
    let block = ABSOLUTE_POS % blocks;
    if (network + 1usize) * words > output.len() {
        terminate!();
    }
    let mut start = Array::<u32>::new(16usize);
    start[0] = 0x6170_7865u32;
    start[1] = 0x3320_646eu32;
    start[2] = 0x7962_2d32u32;
    start[3] = 0x6b20_6574u32;
    #[unroll]
    for word in 0..8usize {
        start[4 + word] = u32::reinterpret(keys[network * 8usize + word]);
    }
    start[12] = block as u32;
    start[13] = 0u32;
    start[14] = stream_low;
    start[15] = stream_high;
    let mut x = Array::<u32>::new(16usize);
    #[unroll]
    for word in 0..16usize {
        x[word] = start[word];
    }
    for _ in 0..4usize {
        quarter_round(&mut x, 0usize, 4usize, 8usize, 12usize);
        quarter_round(&mut x, 1usize, 5usize, 9usize, 13usize);
        quarter_round(&mut x, 2usize, 6usize, 10usize, 14usize);
        quarter_round(&mut x, 3usize, 7usize, 11usize, 15usize);
        quarter_round(&mut x, 0usize, 5usize, 10usize, 15usize);
        quarter_round(&mut x, 1usize, 6usize, 11usize, 12usize);
        quarter_round(&mut x, 2usize, 7usize, 8usize, 13usize);
        quarter_round(&mut x, 3usize, 4usize, 9usize, 14usize);
    }
    let first = network * words + block / 16usize * comptime!(GROUP) + block % 16usize;
    #[unroll]
    for word in 0..16usize {
        output[first + 16usize * word] = x[word] + start[word];
    }
}

#[cube]
fn quarter_round(
    x: &mut Array<u32>,
    #[comptime] a: usize,
    #[comptime] b: usize,
    #[comptime] c: usize,
    #[comptime] d: usize,
) {
    mix(x, a, b, d, 16u32);
    mix(x, c, d, b, 12u32);
    mix(x, a, b, d, 8u32);
    mix(x, c, d, b, 7u32);
}

#[cube]
fn mix(
    x: &mut Array<u32>,
    #[comptime] sum: usize,
    #[comptime] term: usize,
    #[comptime] mixed: usize,
    #[comptime] by: u32,
) {
    let added = x[sum] + x[term];
    x[sum] = added;
    let word = x[mixed] ^ added;
    x[mixed] = (word << by) | (word >> comptime!(32 - by));
}

/// One unit converts one number.
#[cube(launch)]
fn convert(bits: &[u32], output: &mut [f32], words: u32, count: u32, #[comptime] is_normal: bool) {
    let count = count as usize;
    if ABSOLUTE_POS >= output.len() {
        terminate!();
    }
    let first = ABSOLUTE_POS / count * words as usize;
    let index = ABSOLUTE_POS % count;
    if comptime!(is_normal) {
        let pair = first + index / comptime!(2 * GROUP) * comptime!(2 * GROUP);
        let within = index % comptime!(GROUP);
        let is_second = index / comptime!(GROUP) % 2usize == 1usize;
        output[ABSOLUTE_POS] = normal(bits[pair + within], bits[pair + comptime!(GROUP) + within], is_second);
    } else {
        output[ABSOLUTE_POS] = f32::cast_from(bits[first + index] >> 8u32) * comptime!(1.0 / 16_777_216.0f32);
    }
}

/// A coordinate of the point with this radius and angle, computed as on the host.
#[cube]
fn normal(radius: u32, angle: u32, is_second: bool) -> f32 {
    let unit = (f32::cast_from(radius >> 1u32) + 1.0f32) * comptime!(1.0 / 2_147_483_648.0f32);
    let radius = f32::max(-2.0f32 * ln(unit), 0.0f32).sqrt();
    // The angle without its two highest bits, as a signed number.
    let turned = f32::cast_from(i32::reinterpret(angle << 2u32));
    let x = turned * comptime!(core::f32::consts::FRAC_PI_4 / 2_147_483_648.0f32);
    let square = x * x;
    let sine = x + x * square * ((-1.951_529_6e-4f32 * square + 8.332_161e-3f32) * square - 0.166_666_55f32);
    let tail = (2.443_315_7e-5f32 * square - 1.388_731_6e-3f32) * square + 4.166_664_6e-2f32;
    let cosine = 1.0f32 - 0.5f32 * square + square * square * tail;
    let cosine = select(angle >= 0x8000_0000u32, -cosine, cosine);
    let is_swapped = (angle & 0x4000_0000u32) != 0u32;
    radius * select(is_swapped == is_second, cosine, sine)
}

/// ln x of a positive normal number.
#[allow(clippy::needless_range_loop)] // A kernel has no iterators.
#[cube]
fn ln(x: f32) -> f32 {
    let one = comptime!(1f32.to_bits());
    let bias = comptime!(1f32.to_bits() - core::f32::consts::FRAC_1_SQRT_2.to_bits());
    let bits = u32::reinterpret(x);
    let biased = (bits + bias) >> 23u32;
    let exponent = f32::cast_from(biased) - 127.0f32;
    let t = f32::reinterpret(bits - (biased << 23u32) + one) - 1.0f32;
    let square = t * t;
    let mut tail = f32::new(comptime!(LN_TAIL[0]));
    #[unroll]
    for index in 1..comptime!(LN_TAIL.len()) {
        tail = tail * t + comptime!(LN_TAIL[index]);
    }
    exponent * comptime!(LN_2[0]) + (t + (tail * t * square - 0.5f32 * square + exponent * comptime!(LN_2[1])))
}
