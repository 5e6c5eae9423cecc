//! Pictures of any size to 64 × 64.

use super::picture::{Channels, Decoded, Ground};
use crate::image::SIDE;

/// Where one pixel of a side of 64 comes from: the first of some neighbours and their weights, which sum to 1.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

/// The triangle filter from `length` pixels to 64, of a width of two pixels of the coarser of both grids.
///
/// Pixel centres are at half-integers: `source = (target + ½) · length / 64 − ½`.
fn axis(length: usize) -> Vec<Taps> {
    let ratio = length as f64 / SIDE as f64;
    let radius = ratio.max(1.0);
    let taps = (0..SIDE).map(|target| {
        let centre = (target as f64 + 0.5) * ratio - 0.5;
        let first = (centre - radius).ceil().max(0.0) as usize;
        let last = ((centre + radius).floor() as usize).min(length - 1);
        let weight = |source: usize| (1.0 - (source as f64 - centre).abs() / radius).max(0.0);
        let sum: f64 = (first..=last).map(weight).sum();
        Taps { first, weights: (first..=last).map(|source| (weight(source) / sum) as f32).collect() }
    });
    taps.collect()
}

/// Scales a picture and puts it on its ground: red, then green, then blue.
pub(super) fn scale(picture: &Decoded, ground: Ground) -> Vec<u8> {
    let (columns, rows) = (axis(picture.width), axis(picture.height));
    let ground = if ground == Ground::White { 255.0 } else { 0.0 };
    let mut planes = vec![0; 3 * SIDE * SIDE];
    // One row of the picture at a time, shrunk across, and added to the few rows of the result that it belongs to.
    let mut sums = vec![[0.0_f32; 3]; SIDE * SIDE];
    for (y, line) in picture.pixels.chunks(picture.width * picture.channels.count()).enumerate() {
        let across: Vec<[f32; 3]> = columns.iter().map(|taps| mix(taps, line, picture.channels, ground)).collect();
        for (target, taps) in rows.iter().enumerate() {
            let weight = y.checked_sub(taps.first).and_then(|at| taps.weights.get(at));
            let Some(&weight) = weight else { continue };
            for (sum, colour) in sums[target * SIDE..].iter_mut().zip(&across) {
                sum.iter_mut().zip(colour).for_each(|(sum, colour)| *sum += weight * colour);
            }
        }
    }
    for (channel, plane) in planes.chunks_mut(SIDE * SIDE).enumerate() {
        for (byte, sum) in plane.iter_mut().zip(&sums) {
            // Casting holds the number within a byte.
            *byte = sum[channel].round() as u8;
        }
    }
    planes
}

/// The colour of one pixel of a shrunk row.
fn mix(taps: &Taps, line: &[u8], channels: Channels, ground: f32) -> [f32; 3] {
    let mut sum = [0.0; 3];
    for (pixel, weight) in line.chunks(channels.count()).skip(taps.first).zip(&taps.weights) {
        let colour = match *pixel {
            [grey] => [f32::from(grey); 3],
            [grey, alpha] => on_ground([grey; 3], alpha, ground),
            [red, green, blue, alpha] => on_ground([red, green, blue], alpha, ground),
            _ => [f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2])],
        };
        sum.iter_mut().zip(colour).for_each(|(sum, colour)| *sum += weight * colour);
    }
    sum
}

fn on_ground(colour: [u8; 3], alpha: u8, ground: f32) -> [f32; 3] {
    let alpha = f32::from(alpha) / 255.0;
    colour.map(|colour| alpha * f32::from(colour) + (1.0 - alpha) * ground)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(width: usize, height: usize, pixel: impl Fn(usize, usize) -> u8) -> Vec<u8> {
        let pixels = (0..width * height).map(|at| pixel(at % width, at / width)).collect();
        scale(&Decoded { width, height, pixels, channels: Channels::Grey }, Ground::White)
    }

    #[test]
    fn a_picture_of_the_right_size_stays_as_it_is_in_every_colour() {
        let pixel = |x: usize, y: usize| (x * 37 + y * 101 + x * y) as u8;
        let found = grey(SIDE, SIDE, pixel);
        for (at, &byte) in found.iter().enumerate() {
            assert_eq!(byte, pixel(at % SIDE, at / SIDE % SIDE));
        }
    }

    #[test]
    fn one_colour_stays_one_colour_at_any_size() {
        for (width, height) in [(1, 1), (1, 200), (300, 2), (63, 65), (640, 480)] {
            assert!(grey(width, height, |_, _| 77).iter().all(|&byte| byte == 77), "{width} × {height}");
        }
    }

    #[test]
    fn no_pixel_is_lost_when_a_picture_shrinks() {
        // Fine stripes become their mean; picking every fifth pixel would make them black or white.
        let found = grey(320, 320, |x, _| if x % 2 == 0 { 0 } else { 200 });
        for (at, &byte) in found[..SIDE * SIDE].iter().enumerate() {
            // The outermost pixels have half a neighbourhood.
            let outermost = at % SIDE == 0 || at % SIDE == SIDE - 1;
            assert!((i32::from(byte) - 100).abs() <= if outermost { 20 } else { 8 }, "{at}: {byte}");
        }
    }

    #[test]
    fn an_edge_stays_where_it_is() {
        let found = grey(640, 100, |x, _| if x < 320 { 0 } else { 255 });
        let row: Vec<u8> = found[..SIDE].to_vec();
        assert!(row[..31].iter().all(|&byte| byte == 0) && row[33..].iter().all(|&byte| byte == 255), "{row:?}");
        assert_eq!(u16::from(row[31]) + u16::from(row[32]), 255, "the same on both sides");
    }

    #[test]
    fn what_is_transparent_shows_the_ground() {
        let picture =
            |alpha| Decoded { width: 2, height: 2, pixels: [200, 100, 0, alpha].repeat(4), channels: Channels::Rgba };
        let colours = |alpha, ground| {
            let found = scale(&picture(alpha), ground);
            [found[0], found[SIDE * SIDE], found[2 * SIDE * SIDE]]
        };
        assert_eq!(colours(255, Ground::White), [200, 100, 0]);
        assert_eq!(colours(0, Ground::White), [255, 255, 255]);
        assert_eq!(colours(0, Ground::Black), [0, 0, 0]);
        // A fifth of the colour on the ground.
        assert_eq!(colours(51, Ground::Black), [40, 20, 0]);
        assert_eq!(colours(51, Ground::White), [244, 224, 204]);
    }
}
