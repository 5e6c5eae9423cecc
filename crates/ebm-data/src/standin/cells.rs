//! Cell nuclei in a simulated fluorescence microscope; the label is their number.
//!
//! - a canvas of 256 × 256, `n` nuclei at uniform whole-pixel centres, overlaps allowed
//! - outline: knots `5 (0.1u + cos(t + 0.1u'), 0.1u + sin(t + 0.1u'))` pixels at `t = 2πk/10`, k = 0..10, u uniform
//!   on [−1, 1], joined by a closed centripetal cubic spline
//! - brightness: 0.2 + 0.8 × value noise of octaves 2..6; where nuclei overlap, their mean
//! - defocus, another one for each group of touching nuclei
//! - background: light that falls off as `1 − r²/max r²` and value noise of octaves 1..2, with 1 and 0.05 times the
//!   energy `Σ image²` that the nuclei have before defocus
//! - sensor noise N(0, 0.01²), clipped to [0, 1], and brought to 64 × 64 by a triangular filter
//!
//! The knots of k = 0 and k = 10 are two knots side by side. The dark border of the noise, the scale of the defocus and
//! the last filter are not known and were chosen so that mean and standard deviation of brightness are near the
//! published ones: about two levels of 255 off at most, for 1 to 200 nuclei.
//!
//! The background brightens with the number of nuclei, so that the mean brightness alone predicts it to about ±3. A
//! constant background would not help: the light of the nuclei predicts it as well. [`Background::Flat`] therefore
//! stains the nuclei of every image with another strength too, and only counting is left.

use super::defocus::defocus;
use super::outline::{closed_spline, fill_polygon};
use super::raster::to_byte;
use super::stream::{Aspect, Key, Stream};
use super::value_noise::value_noise;
use crate::image::SIDE;
use crate::image::triangle::resample;
use std::sync::LazyLock;

/// Most nuclei in an image; the least is 1.
pub(super) const MOST: u32 = 200;
/// Pixels along a side of the canvas.
const CANVAS: usize = 4 * SIDE;
/// Mean radius of a nucleus, canvas pixels.
const RADIUS: f64 = 5.0;
/// The last knot is at the angle of the first.
const KNOTS: usize = 11;
/// Irregularity of the outline, in radii and in radians.
const WOBBLE: f64 = 0.1;
/// Energy of autofluorescence relative to that of the nuclei.
const AUTOFLUORESCENCE: f64 = 0.05;
const SENSOR_NOISE: f64 = 0.01;

/// Energy of the flat variant's background, about that of 15 nuclei.
const FLAT_ENERGY: f64 = 600.0;
/// Least and greatest strength of the flat variant's stain.
const STAIN: (f64, f64) = (0.4, 1.0);

/// What the strength of the background depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Background {
    /// The energy of the nuclei in this image, as in the published set.
    Nuclei,
    /// Constant: it is the same in all images. The nuclei are stained with a strength uniform on [0.4, 1].
    Flat,
}

/// Draws an image and returns the number of nuclei, uniform on 1..=200.
pub(super) fn draw(key: Key, background: Background, pixels: &mut [u8]) -> u32 {
    let count = 1 + key.stream(Aspect::Label).below(MOST);
    draw_count(key, count, background, pixels);
    count
}

/// Draws an image of `count` nuclei.
fn draw_count(key: Key, count: u32, background: Background, pixels: &mut [u8]) {
    let mut scene = key.stream(Aspect::Scene);
    let (focused, lit) = nuclei(count, &mut scene);
    let mut image = defocus(&focused, &lit, CANVAS, &mut scene);
    let autofluorescence = value_noise(1..=2, CANVAS, CANVAS, &mut scene);
    let strength = match background {
        Background::Nuclei => energy(&focused),
        Background::Flat => {
            let stain = scene.uniform(STAIN.0, STAIN.1) as f32;
            image.iter_mut().for_each(|value| *value *= stain);
            FLAT_ENERGY
        }
    };
    add(&mut image, &ILLUMINATION, strength);
    add(&mut image, &autofluorescence, AUTOFLUORESCENCE * strength);
    let mut sensor = key.stream(Aspect::Pixels);
    for value in &mut image {
        *value = (*value + sensor.normal(0.0, SENSOR_NOISE) as f32).clamp(0.0, 1.0);
    }
    let small = resample([CANVAS; 2], SIDE, |x, y| [image[y * CANVAS + x]]);
    for (pixel, [brightness]) in pixels.iter_mut().zip(small) {
        *pixel = to_byte(brightness);
    }
}

/// The nuclei in focus on black, and which pixels they cover.
fn nuclei(count: u32, scene: &mut Stream) -> (Vec<f32>, Vec<bool>) {
    let mut total = vec![0f32; CANVAS * CANVAS];
    let mut layers = vec![0u16; CANVAS * CANVAS];
    for _ in 0..count {
        nucleus(scene, |at, brightness| {
            total[at] += brightness;
            layers[at] += 1;
        });
    }
    let image = total.iter().zip(&layers).map(|(sum, &n)| sum / f32::from(n.max(1))).collect();
    (image, layers.iter().map(|&n| n > 0).collect())
}

/// Calls `paint(pixel, brightness)` for the pixels of one nucleus that are on the canvas.
fn nucleus(scene: &mut Stream, mut paint: impl FnMut(usize, f32)) {
    let [x, y] = [0; 2].map(|_| f64::from(scene.below(CANVAS as u32)) + 0.5);
    let knots: [_; KNOTS] = std::array::from_fn(|k| {
        let turn = std::f64::consts::TAU * k as f64 / (KNOTS - 1) as f64;
        let mut wobble = || WOBBLE * scene.uniform(-1.0, 1.0);
        [wobble() + libm::cos(turn + wobble()), wobble() + libm::sin(turn + wobble())]
    });
    let outline: Vec<_> =
        closed_spline(&knots, 8).into_iter().map(|p| [x + RADIUS * p[0], y + RADIUS * p[1]]).collect();
    let mut runs = vec![];
    fill_polygon(&outline, |row, from, to| runs.push((row, from, to)));
    // The polygon has the size of a nucleus, so that there is always a run.
    let top = runs[0].0;
    let height = runs[runs.len() - 1].0 - top + 1;
    let left = runs.iter().map(|run| run.1).min().unwrap_or(0);
    let width = runs.iter().map(|run| run.2).max().unwrap_or(0) - left;
    let texture = value_noise(2..=6, width as usize, height as usize, scene);
    let canvas = 0..CANVAS as i32;
    for (row, from, to) in runs {
        for column in (from..to).filter(|column| canvas.contains(&row) && canvas.contains(column)) {
            let t = texture[((row - top) * width + column - left) as usize];
            paint(row as usize * CANVAS + column as usize, 0.2 + 0.8 * t);
        }
    }
}

/// `1 − r²/max r²` about the middle of the canvas.
static ILLUMINATION: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let square = |i: usize| {
        let from_middle = i as f32 + 0.5 - CANVAS as f32 / 2.0;
        from_middle * from_middle
    };
    let most = 2.0 * square(0);
    (0..CANVAS * CANVAS).map(|at| 1.0 - (square(at / CANVAS) + square(at % CANVAS)) / most).collect()
});

/// Adds `light`, scaled to `wanted` energy.
fn add(image: &mut [f32], light: &[f32], wanted: f64) {
    let scale = (wanted / energy(light)).sqrt() as f32;
    for (value, light) in image.iter_mut().zip(light) {
        *value += scale * light;
    }
}

/// `Σ image²`.
fn energy(image: &[f32]) -> f64 {
    image.iter().map(|&v| f64::from(v) * f64::from(v)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and standard deviation of an image.
    fn brightness(pixels: &[u8]) -> (f64, f64) {
        let n = pixels.len() as f64;
        let mean = pixels.iter().map(|&p| f64::from(p)).sum::<f64>() / n;
        let variance = pixels.iter().map(|&p| (f64::from(p) - mean).powi(2)).sum::<f64>() / n;
        (mean, variance.sqrt())
    }

    fn image(seed: u64, count: u32, background: Background) -> Vec<u8> {
        let mut pixels = vec![0; SIDE * SIDE];
        draw_count(Key { family: 0, seed, index: 0 }, count, background, &mut pixels);
        pixels
    }

    #[test]
    fn brightness_is_that_of_the_published_images() {
        const IMAGES: usize = 8;
        let published =
            [(1, 7, 5), (3, 13, 8), (10, 24, 16), (50, 60, 35), (100, 90, 46), (150, 113, 54), (200, 132, 57)];
        for (count, mean, sd) in published {
            let images: Vec<_> =
                (0..IMAGES).map(|seed| brightness(&image(seed as u64, count, Background::Nuclei))).collect();
            let close = |values: Vec<f64>, expected: i32| {
                let mean = values.iter().sum::<f64>() / IMAGES as f64;
                let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (IMAGES - 1) as f64;
                // Half a level of rounding, and the scatter of images twice.
                let tolerance = 0.5 + 2.0 * variance.sqrt();
                assert!((mean - f64::from(expected)).abs() < tolerance, "{count}: {mean} {expected} {tolerance}");
            };
            close(images.iter().map(|image| image.0).collect(), mean);
            close(images.iter().map(|image| image.1).collect(), sd);
        }
    }

    /// Standard deviation of the number of nuclei about its best linear prediction from the mean brightness.
    fn count_error(background: Background) -> f64 {
        const IMAGES: u32 = 40;
        let pairs: Vec<_> =
            (0..IMAGES).map(|k| (brightness(&image(u64::from(k), 81 + k, background)).0, f64::from(81 + k))).collect();
        let mean = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / f64::from(IMAGES);
        let (x, y) = (mean(&|p| p.0), mean(&|p| p.1));
        let slope = mean(&|p| (p.0 - x) * (p.1 - y)) / mean(&|p| (p.0 - x).powi(2));
        mean(&|p| (p.1 - y - slope * (p.0 - x)).powi(2)).sqrt()
    }

    #[test]
    fn brightness_tells_the_count_unless_background_and_stain_hide_it() {
        // 81..=120 nuclei: knowing nothing, the error is 11.5.
        assert!(count_error(Background::Nuclei) < 4.0);
        assert!(count_error(Background::Flat) > 8.0);
    }
}
