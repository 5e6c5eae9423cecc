//! Smaller images by filtering.

/// A square image of `side`² brought to `small`², `side` being a whole multiple.
///
/// Every new pixel is a mean with triangular weights that reach zero at the middles of its neighbours, so that thin
/// things neither vanish nor flicker. Across the border the weights that are left are scaled up.
///
/// # Panics
/// When `image` is not `side`² long.
pub(super) fn shrink(image: &[f32], side: usize, small: usize) -> Vec<f32> {
    assert_eq!(image.len(), side * side, "a square image");
    let taps: Vec<Taps> = (0..small).map(|pixel| Taps::new(pixel, side, side / small)).collect();
    let mut narrow: Vec<f32> = Vec::with_capacity(side * small);
    for row in image.chunks_exact(side) {
        for taps in &taps {
            narrow.push(taps.weights.iter().zip(&row[taps.first..]).map(|(w, v)| w * v).sum());
        }
    }
    let mut result = vec![0f32; small * small];
    for (line, taps) in result.chunks_exact_mut(small).zip(&taps) {
        for (weight, row) in taps.weights.iter().zip(narrow[taps.first * small..].chunks_exact(small)) {
            for (value, source) in line.iter_mut().zip(row) {
                *value += weight * source;
            }
        }
    }
    result
}

/// Weights of a run of pixels along one axis; they sum to 1.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

impl Taps {
    fn new(pixel: usize, side: usize, factor: usize) -> Self {
        let centre = (pixel as f32 + 0.5) * factor as f32;
        let first = (pixel * factor).saturating_sub(factor.div_ceil(2));
        let end = (first + 2 * factor + 1).min(side);
        let weight = |at: usize| (1.0 - (at as f32 + 0.5 - centre).abs() / factor as f32).max(0.0);
        let total: f32 = (first..end).map(weight).sum();
        Self { first, weights: (first..end).map(|at| weight(at) / total).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_stays_a_ramp_away_from_the_border() {
        for factor in [1, 3, 4] {
            let side = 8 * factor;
            let image: Vec<f32> = (0..side * side).map(|at| (at % side) as f32 + 0.5).collect();
            for (at, value) in
                shrink(&image, side, 8).into_iter().enumerate().filter(|(at, _)| (1..7).contains(&(at % 8)))
            {
                // Rounding of f32.
                assert!((value - (at % 8) as f32 * factor as f32 - factor as f32 / 2.0).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn weights_are_triangular_and_sum_to_one() {
        let taps = Taps::new(3, 32, 4);
        let expected = [1.0, 3.0, 5.0, 7.0, 7.0, 5.0, 3.0, 1.0, 0.0].map(|w| w / 32.0);
        assert_eq!((taps.first, taps.weights.as_slice()), (10, &expected[..]));
        for pixel in [0, 7] {
            assert!((Taps::new(pixel, 32, 4).weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        }
    }
}
