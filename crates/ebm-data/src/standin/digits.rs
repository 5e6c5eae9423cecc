//! Turned handwritten digits, from real pixels; the label is the angle in degrees, counter-clockwise.
//!
//! - a digit of 8 × 8 brightnesses 0..=16 as it was written, turned by an angle uniform on [−180, 180)
//! - its pixels are 4.5 to 5.6 pixels large, its middle is off by up to 3 pixels in x and in y; interpolation by
//!   Catmull–Rom splines
//! - grey `paper + (ink − paper) · brightness/16` with paper uniform on [0, 0.25) and ink on [0.5, 1);
//!   noise N(0, 0.03²) on every pixel
//! - label: N(angle, 1²)
//!
//! The label is a real number, not a point of a circle: the same picture comes with −180 and with 180, and noise takes
//! labels a few degrees beyond both. A 6 that was turned by `a` looks like a 9 that was turned by `a + 180`, and a 0, a
//! 1 and an 8 look alike twice a turn: p(y | x) has two peaks half a turn apart. How the writer slants is a scatter of
//! its own, which is why the density is not known.
//!
//! Even images show digits of the file's first half, odd images of the second: sets that are told apart by the parity
//! of `index` share no digit, any others do.
//!
//! Source: E. Alpaydin, C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository,
//! <https://doi.org/10.24432/C50P49>, CC BY 4.0; its test set, repacked by `datasets/digits/make.py`.

use super::raster::to_byte;
use super::stream::{Aspect, Key, Stream};
use crate::image::SIDE;

/// Digits in the file.
const DIGITS: usize = 1797;
/// Of these, in the first half.
const FIRST_HALF: usize = 899;
/// Pixels along either side of a digit.
const ROWS: usize = 8;
/// Bytes of a row of pixels, 5 bits each and the leftmost in the lowest.
const ROW_BYTES: usize = 5;
/// Bytes of a digit: rows from the top, and the class.
const DIGIT_BYTES: usize = ROWS * ROW_BYTES + 1;
/// Brightness of full ink.
const FULL: f64 = 16.0;
/// Standard deviation of a label, degrees.
const LABEL_SD: f64 = 1.0;
/// Standard deviation of the pixels, whose range is 1.
const PIXEL_SD: f64 = 0.03;

static PACKED: [u8; DIGITS * DIGIT_BYTES] = *include_bytes!("digits.bin");

/// Draws an image, the same in its three channels, and returns the angle.
///
/// # Panics
/// When `pixels` is not 3 × 64 × 64 long.
pub(super) fn draw(key: Key, pixels: &mut [u8]) -> f64 {
    let scene = Scene::draw(key);
    scene.write(&mut key.stream(Aspect::Pixels), pixels);
    key.stream(Aspect::Label).normal(scene.angle, LABEL_SD)
}

/// What an image shows.
#[derive(Debug, Clone)]
struct Scene {
    /// Which digit of the file.
    source: usize,
    /// Degrees, counter-clockwise.
    angle: f64,
    /// Pixels to a pixel of the digit.
    zoom: f64,
    /// Where the digit's middle is, pixels.
    centre: [f64; 2],
    paper: f64,
    ink: f64,
}

impl Scene {
    fn draw(key: Key) -> Self {
        let mut stream = key.stream(Aspect::Scene);
        let half = if key.index.is_multiple_of(2) { 0..FIRST_HALF } else { FIRST_HALF..DIGITS };
        Self {
            source: half.start + stream.below(half.len() as u32) as usize,
            angle: stream.uniform(-180.0, 180.0),
            zoom: stream.uniform(4.5, 5.6),
            centre: [0; 2].map(|_| SIDE as f64 / 2.0 + stream.uniform(-3.0, 3.0)),
            paper: stream.uniform(0.0, 0.25),
            ink: stream.uniform(0.5, 1.0),
        }
    }

    fn write(&self, noise: &mut Stream, pixels: &mut [u8]) {
        assert_eq!(pixels.len(), 3 * SIDE * SIDE, "three channels");
        let digit = Digit::unpack(self.source);
        let turn = self.angle.to_radians();
        let (sin, cos) = (libm::sin(turn), libm::cos(turn));
        let (grey, copies) = pixels.split_at_mut(SIDE * SIDE);
        for (at, pixel) in grey.iter_mut().enumerate() {
            let u = ((at % SIDE) as f64 + 0.5 - self.centre[0]) / self.zoom;
            let v = ((at / SIDE) as f64 + 0.5 - self.centre[1]) / self.zoom;
            // v grows downwards, so this is the digit turned counter-clockwise.
            let ink = digit.ink(cos * u - sin * v, sin * u + cos * v);
            *pixel = to_byte((self.paper + (self.ink - self.paper) * ink + noise.normal(0.0, PIXEL_SD)) as f32);
        }
        for copy in copies.chunks_exact_mut(SIDE * SIDE) {
            copy.copy_from_slice(grey);
        }
    }
}

/// A digit as it is in the file.
#[derive(Debug, Clone)]
struct Digit {
    /// Brightnesses 0..=16, row by row from the top.
    rows: [[u8; ROWS]; ROWS],
}

impl Digit {
    fn unpack(source: usize) -> Self {
        let packed = &PACKED[source * DIGIT_BYTES..(source + 1) * DIGIT_BYTES];
        let rows = std::array::from_fn(|row| {
            let mut bits = [0; 8];
            bits[..ROW_BYTES].copy_from_slice(&packed[row * ROW_BYTES..(row + 1) * ROW_BYTES]);
            let bits = u64::from_le_bytes(bits);
            std::array::from_fn(|column| (bits >> (5 * column) & 31) as u8)
        });
        Self { rows }
    }

    /// Ink from 0 to 1 at `x` to the right of and `y` below the middle of the digit, in its pixels; 0 far outside.
    fn ink(&self, x: f64, y: f64) -> f64 {
        // The middle of the first pixel is at 0.
        let [x, y] = [x, y].map(|v| v + (ROWS as f64 - 1.0) / 2.0);
        let [left, top] = [x, y].map(|v| v.floor() as i32);
        let [across, down] = [(x, left), (y, top)].map(|(v, first)| taps(v - f64::from(first)));
        let mut ink = 0.0;
        for (row, weight) in (top - 1..).zip(down) {
            for (column, share) in (left - 1..).zip(across) {
                ink += weight * share * self.brightness(row, column);
            }
        }
        (ink / FULL).clamp(0.0, 1.0)
    }

    /// Brightness of a pixel, 0 outside.
    fn brightness(&self, row: i32, column: i32) -> f64 {
        let inside = 0..ROWS as i32;
        if inside.contains(&row) && inside.contains(&column) {
            f64::from(self.rows[row as usize][column as usize])
        } else {
            0.0
        }
    }
}

/// Weights of a Catmull–Rom spline through four points, `t` from the second towards the third.
fn taps(t: f64) -> [f64; 4] {
    [
        0.5 * t * (t * (2.0 - t) - 1.0),
        0.5 * (t * t * (3.0 * t - 5.0) + 2.0),
        0.5 * t * (t * (4.0 - 3.0 * t) + 1.0),
        0.5 * t * t * (t - 1.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn key(index: u64) -> Key {
        Key { family: 4, seed: 2, index }
    }

    /// Which of 0..=9 a digit of the file shows.
    fn class(source: usize) -> u8 {
        PACKED[(source + 1) * DIGIT_BYTES - 1]
    }

    fn image(key: Key) -> (Vec<u8>, f64) {
        let mut pixels = vec![0; 3 * SIDE * SIDE];
        let label = draw(key, &mut pixels);
        (pixels, label)
    }

    /// The first channel of a digit in the middle, 8 pixels to its pixel, full ink on black and without noise.
    fn plain(source: usize, angle: f64) -> Vec<f64> {
        let scene = Scene { source, angle, zoom: 8.0, centre: [SIDE as f64 / 2.0; 2], paper: 0.0, ink: 1.0 };
        let mut pixels = vec![0; 3 * SIDE * SIDE];
        let mut noise = key(0).stream(Aspect::Pixels);
        scene.write(&mut noise, &mut pixels);
        pixels[..SIDE * SIDE].iter().map(|&pixel| f64::from(pixel) / 255.0).collect()
    }

    /// Mean of the 2 × 2 pixels about the middle of pixel (row, column) of a digit drawn by [`plain`].
    fn about(pixels: &[f64], row: usize, column: usize) -> f64 {
        let at = |y: usize, x: usize| pixels[(8 * row + 3 + y) * SIDE + 8 * column + 3 + x];
        (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4.0
    }

    /// Most that [`about`] is off: three standard errors of the noise, and 0.06 for the curvature of the spline.
    const OFF: f64 = 3.0 * PIXEL_SD / 2.0 + 0.06;

    #[test]
    fn the_embedded_digits_are_those_described_beside_the_data() {
        let hash: String = Sha256::digest(PACKED).iter().map(|byte| format!("{byte:02x}")).collect();
        let description = include_str!("../../../../datasets/digits/SOURCE.toml");
        assert!(description.contains(&hash), "{hash}");
        // Numbers that the source states.
        let mut counts = [0; 10];
        for source in 0..DIGITS {
            counts[usize::from(class(source))] += 1;
            let digit = Digit::unpack(source);
            assert!(digit.rows.iter().flatten().all(|&brightness| brightness <= 16));
        }
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!(Digit::unpack(0).rows[1], [0, 0, 13, 15, 10, 15, 5, 0]);
    }

    #[test]
    fn an_image_is_a_function_of_its_key() {
        let (pixels, label) = image(key(5));
        assert_eq!((pixels.clone(), label), image(key(5)));
        for other in [key(6), Key { seed: 3, ..key(5) }] {
            assert_ne!(pixels, image(other).0);
            assert_ne!(label, image(other).1);
        }
        let planes: Vec<_> = pixels.chunks_exact(SIDE * SIDE).collect();
        assert!(planes[0] == planes[1] && planes[1] == planes[2]);
    }

    #[test]
    fn angles_are_uniform_on_the_circle() {
        const IMAGES: u64 = 4000;
        let angles: Vec<f64> = (0..IMAGES).map(|index| image(key(index)).1).collect();
        // The noise of a label is not beyond five standard deviations in 4000.
        assert!(angles.iter().all(|angle| angle.abs() < 180.0 + 5.0 * LABEL_SD));
        // Five standard errors; a uniform law of width 360 has the standard deviation 360/√12, and its square scatters
        // by 180²·√(4/45).
        let error = 5.0 / (IMAGES as f64).sqrt();
        let mean = angles.iter().sum::<f64>() / IMAGES as f64;
        assert!(mean.abs() < 360.0 / 12f64.sqrt() * error, "{mean}");
        let square = angles.iter().map(|angle| angle * angle).sum::<f64>() / IMAGES as f64;
        assert!((square - 10_801.0).abs() < 180.0 * 180.0 * (4.0f64 / 45.0).sqrt() * error, "{square}");
    }

    #[test]
    fn a_digit_turned_by_nothing_is_as_it_was_written() {
        for source in [0, 6, 9, 1000] {
            let digit = Digit::unpack(source);
            let pixels = plain(source, 0.0);
            for (at, &brightness) in digit.rows.iter().flatten().enumerate() {
                let found = about(&pixels, at / 8, at % 8);
                assert!((found - f64::from(brightness) / FULL).abs() < OFF, "{source} {at} {found} {brightness}");
            }
        }
    }

    #[test]
    fn a_quarter_turn_takes_the_right_edge_to_the_top() {
        for source in [0, 6, 9, 1000] {
            let digit = Digit::unpack(source);
            let pixels = plain(source, 90.0);
            for (row, column) in (0..64).map(|at| (at / 8, at % 8)) {
                let written = f64::from(digit.rows[column][7 - row]) / FULL;
                let found = about(&pixels, row, column);
                assert!((found - written).abs() < OFF, "{source} {row} {column} {found} {written}");
            }
        }
    }

    #[test]
    fn a_six_upside_down_looks_like_a_nine() {
        let mean = |shown: u8, angle: f64| {
            let sources: Vec<usize> = (0..DIGITS).filter(|&source| class(source) == shown).collect();
            let mut mean = vec![0.0; SIDE * SIDE];
            for &source in &sources {
                mean.iter_mut().zip(plain(source, angle)).for_each(|(sum, v)| *sum += v / sources.len() as f64);
            }
            mean
        };
        let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>();
        let (six, turned, nine) = (mean(6, 0.0), mean(6, 180.0), mean(9, 0.0));
        assert!(distance(&turned, &nine) < 0.5 * distance(&turned, &six));
        assert!(distance(&turned, &nine) < 0.5 * distance(&six, &nine));
    }

    #[test]
    fn even_and_odd_images_share_no_digit_and_show_all_classes() {
        const IMAGES: u64 = 2000;
        let mut counts = [0u32; 10];
        for index in 0..IMAGES {
            assert_eq!(Scene::draw(key(index)).source < FIRST_HALF, index % 2 == 0);
            counts[usize::from(class(Scene::draw(key(index)).source))] += 1;
        }
        // 174 to 183 of 1797 are of one class; five standard deviations about 200 of 2000.
        assert!(counts.iter().all(|&count| count.abs_diff(200) < 67), "{counts:?}");
    }
}
