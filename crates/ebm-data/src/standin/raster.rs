//! Colour pictures of 64 × 64, from a function of the plane to bytes.

use super::stream::Stream;
use crate::image::{ChannelOrder, SIDE};

/// Red, green and blue, each in [0, 1].
pub(super) type Rgb = [f64; 3];

/// A colour picture of 64 × 64, row by row.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pixels: Vec<Rgb>,
}

impl Picture {
    /// The mean of `per_side`² samples in every pixel; `row(v)(u)` is the colour at `u` pixels from the left edge
    /// and `v` from the top.
    pub fn sample<F: Fn(f64) -> Rgb>(per_side: usize, row: impl Fn(f64) -> F) -> Self {
        let offset = |k: usize| (k as f64 + 0.5) / per_side as f64;
        let mut pixels = vec![[0.0; 3]; SIDE * SIDE];
        for (y, line) in pixels.chunks_exact_mut(SIDE).enumerate() {
            for k in 0..per_side {
                let colour = row(y as f64 + offset(k));
                for (x, pixel) in line.iter_mut().enumerate() {
                    for l in 0..per_side {
                        *pixel = plus(*pixel, colour(x as f64 + offset(l)));
                    }
                }
            }
        }
        let share = 1.0 / (per_side * per_side) as f64;
        Self { pixels: pixels.into_iter().map(|pixel| times(pixel, share)).collect() }
    }

    /// Every colour times `gain`, plus noise N(0, `sd`²) on every channel of every pixel.
    #[must_use]
    pub fn exposed(mut self, gain: f64, sd: f64, noise: &mut Stream) -> Self {
        for value in self.pixels.iter_mut().flatten() {
            *value = *value * gain + noise.normal(0.0, sd);
        }
        self
    }

    /// Writes the bytes channel by channel, clipped.
    ///
    /// # Panics
    /// When `bytes` is not 3 × 64 × 64 long.
    pub fn write(&self, order: ChannelOrder, bytes: &mut [u8]) {
        assert_eq!(bytes.len(), 3 * SIDE * SIDE, "three channels");
        for (plane, channel) in bytes.chunks_exact_mut(SIDE * SIDE).zip(order.rgb_channels()) {
            for (byte, pixel) in plane.iter_mut().zip(&self.pixels) {
                *byte = to_byte(pixel[channel] as f32);
            }
        }
    }
}

/// `a + b`.
pub(super) fn plus(a: Rgb, b: Rgb) -> Rgb {
    std::array::from_fn(|k| a[k] + b[k])
}

/// `colour · factor`.
pub(super) fn times(colour: Rgb, factor: f64) -> Rgb {
    colour.map(|value| value * factor)
}

/// `a` at `t = 0`, `b` at `t = 1`.
pub(super) fn blend(a: Rgb, b: Rgb, t: f64) -> Rgb {
    std::array::from_fn(|k| a[k] + (b[k] - a[k]) * t)
}

/// A random colour between `dark` and `light`.
///
/// All channels have a uniform brightness in common, and each one its `own` share of another: at 0 all colours are on
/// the line from `dark` to `light`, at 1 they fill the box.
pub(super) fn tone(dark: Rgb, light: Rgb, own: f64, stream: &mut Stream) -> Rgb {
    let common = stream.unit();
    std::array::from_fn(|k| dark[k] + (light[k] - dark[k]) * ((1.0 - own) * common + own * stream.unit()))
}

/// The nearest of 256 levels to a brightness, clipped to [0, 1].
pub(super) fn to_byte(brightness: f32) -> u8 {
    (brightness.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_a_pixel_are_averaged() {
        // u² has the mean (x² + x + 1/3) over pixel x; 32 samples are off by 1/(12·32²).
        let picture = Picture::sample(32, |v| move |u| [u * u, v, 0.5]);
        let [red, green, blue] = picture.pixels[2 * SIDE + 3];
        assert!((red - (9.0 + 3.0 + 1.0 / 3.0)).abs() < 1e-4);
        assert!((green - 2.5).abs() < 1e-12 && (blue - 0.5).abs() < 1e-12);
    }

    #[test]
    fn channels_are_written_in_the_order_asked_for() {
        let picture = Picture::sample(1, |_| |_| [1.0, 0.5, -3.0]);
        let mut bytes = vec![7; 3 * SIDE * SIDE];
        picture.write(ChannelOrder::Rgb, &mut bytes);
        assert_eq!([0, 1, 2].map(|c| bytes[c * SIDE * SIDE]), [255, 128, 0]);
        picture.write(ChannelOrder::Bgr, &mut bytes);
        assert_eq!([0, 1, 2].map(|c| bytes[c * SIDE * SIDE]), [0, 128, 255]);
    }
}
