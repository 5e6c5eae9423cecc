//! Smaller or larger images by the triangle filter, in floating point.
//!
//! [`resize`](super::resize) is another filter: OpenCV's bilinear one, in whole numbers, bit for bit.

/// The pixels along one axis that make up one pixel of the result: the first of them, and weights that sum to 1.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

/// The triangle filter from `length` pixels to `side`, two pixels of the coarser grid wide.
///
/// Pixel centres are at half-integers: `source = (target + ½) · length / side − ½`. At a border the weights that are
/// left are scaled up.
fn axis(length: usize, side: usize) -> Vec<Taps> {
    let ratio = length as f64 / side as f64;
    let radius = ratio.max(1.0);
    let taps = (0..side).map(|target| {
        let centre = (target as f64 + 0.5) * ratio - 0.5;
        let first = (centre - radius).ceil().max(0.0) as usize;
        let last = ((centre + radius).floor() as usize).min(length - 1);
        let weight = |source: usize| (1.0 - (source as f64 - centre).abs() / radius).max(0.0);
        let sum: f64 = (first..=last).map(weight).sum();
        Taps { first, weights: (first..=last).map(|source| (weight(source) / sum) as f32).collect() }
    });
    taps.collect()
}

/// An image of `width` × `height` pixels brought to `side` × `side`, row by row; `pixel(x, y)` gives its channels.
///
/// Where the image shrinks, every pixel counts, so that thin things neither vanish nor flicker.
pub(crate) fn resample<const C: usize>(
    [width, height]: [usize; 2],
    side: usize,
    pixel: impl Fn(usize, usize) -> [f32; C],
) -> Vec<[f32; C]> {
    let (columns, rows) = (axis(width, side), axis(height, side));
    let mut result = vec![[0.0; C]; side * side];
    // One row of the image at a time, resampled across, and added to the few rows of the result that it belongs to.
    for y in 0..height {
        let across: Vec<[f32; C]> = columns
            .iter()
            .map(|taps| {
                let mut sum = [0.0; C];
                taps.weights.iter().zip(taps.first..).for_each(|(weight, x)| add(&mut sum, *weight, pixel(x, y)));
                sum
            })
            .collect();
        for (line, taps) in result.chunks_mut(side).zip(&rows) {
            let Some(&weight) = y.checked_sub(taps.first).and_then(|at| taps.weights.get(at)) else { continue };
            line.iter_mut().zip(&across).for_each(|(sum, colour)| add(sum, weight, *colour));
        }
    }
    result
}

fn add<const C: usize>(sum: &mut [f32; C], weight: f32, colour: [f32; C]) {
    sum.iter_mut().zip(colour).for_each(|(sum, colour)| *sum += weight * colour);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_stays_a_ramp_away_from_the_border() {
        for factor in [1, 3, 4] {
            let ramp = resample([8 * factor; 2], 8, |x, _| [x as f32 + 0.5]);
            for (at, [value]) in ramp.into_iter().enumerate().filter(|(at, _)| (1..7).contains(&(at % 8))) {
                // Rounding of f32.
                assert!((value - (at % 8) as f32 * factor as f32 - factor as f32 / 2.0).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn weights_are_triangular_and_sum_to_one() {
        let taps = axis(32, 8);
        let expected = [1.0, 3.0, 5.0, 7.0, 7.0, 5.0, 3.0, 1.0].map(|w| w / 32.0);
        assert_eq!((taps[3].first, taps[3].weights.as_slice()), (10, &expected[..]));
        for pixel in [0, 7] {
            assert!((taps[pixel].weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        }
    }
}
