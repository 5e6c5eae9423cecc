//! Out-of-focus blur, another one for each connected group of pixels.

use super::stream::Stream;

/// Least and greatest blur, the standard deviation of a Gaussian in pixels.
const BLUR: (f64, f64) = (0.5, 5.0);
/// Pixels from the centre of a blur kernel to its edge.
const REACH: usize = 4;
const KERNEL: usize = 2 * REACH + 1;

/// Spreads every lit pixel over its 9 × 9 surroundings, as far as its group is out of focus.
///
/// A group, 8-connected pixels of `lit`, is `d = |N(0, ½²)|` from the plane of focus. The standard deviation of its
/// Gaussian is `0.5 + 4.5 d/max d` pixels with the maximum over the groups of the image. Light keeps its total except
/// what leaves the image.
pub(super) fn defocus(image: &[f32], lit: &[bool], side: usize, stream: &mut Stream) -> Vec<f32> {
    let (groups, count) = connected(lit, side);
    let distances: Vec<f64> = (0..count).map(|_| stream.normal(0.0, 0.5).abs()).collect();
    let kernels: Vec<[f32; KERNEL]> = blurs(&distances).into_iter().map(gaussian).collect();
    let width = side + 2 * REACH;
    let mut spread = vec![0f32; width * width];
    for (at, group) in groups.iter().enumerate().filter(|(_, group)| **group != 0) {
        let kernel = &kernels[*group as usize - 1];
        let corner = at / side * width + at % side;
        for (row, vertical) in kernel.iter().enumerate() {
            let light = image[at] * vertical;
            let start = corner + row * width;
            for (value, horizontal) in spread[start..start + KERNEL].iter_mut().zip(kernel) {
                *value += light * horizontal;
            }
        }
    }
    spread.chunks_exact(width).skip(REACH).take(side).flat_map(|row| row[REACH..REACH + side].to_vec()).collect()
}

/// Standard deviations in pixels for distances from focus.
fn blurs(distances: &[f64]) -> Vec<f64> {
    let furthest = distances.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    distances.iter().map(|d| BLUR.0 + (BLUR.1 - BLUR.0) * d / furthest).collect()
}

/// A row of the kernel; the kernel is the product of a row and a column and sums to 1.
fn gaussian(sd: f64) -> [f32; KERNEL] {
    let weight = |k: usize| {
        let z = (k as f64 - REACH as f64) / sd;
        libm::exp(-0.5 * z * z)
    };
    let total: f64 = (0..KERNEL).map(weight).sum();
    std::array::from_fn(|k| (weight(k) / total) as f32)
}

/// Numbers the 8-connected groups of `lit` from 1 in reading order; 0 is unlit. Also their number.
fn connected(lit: &[bool], side: usize) -> (Vec<u32>, usize) {
    let mut groups = vec![0u32; lit.len()];
    let mut count = 0;
    let mut open = vec![];
    for start in 0..lit.len() {
        if !lit[start] || groups[start] != 0 {
            continue;
        }
        count += 1;
        groups[start] = count;
        open.push(start);
        while let Some(at) = open.pop() {
            let (x, y) = (at % side, at / side);
            for row in y.saturating_sub(1)..=(y + 1).min(side - 1) {
                for column in x.saturating_sub(1)..=(x + 1).min(side - 1) {
                    let neighbour = row * side + column;
                    if lit[neighbour] && groups[neighbour] == 0 {
                        groups[neighbour] = count;
                        open.push(neighbour);
                    }
                }
            }
        }
    }
    (groups, count as usize)
}

#[cfg(test)]
mod tests {
    use super::super::stream::{Aspect, Key};
    use super::*;

    #[test]
    fn corners_connect_and_gaps_do_not() {
        let picture = ["#..#.", ".#..#", ".....", "##.#.", "..#.#"];
        let lit: Vec<bool> = picture.iter().flat_map(|row| row.bytes().map(|b| b == b'#')).collect();
        let (groups, count) = connected(&lit, 5);
        assert_eq!(count, 3);
        let expected = [1, 0, 0, 2, 0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 3, 3, 0, 3, 0, 0, 0, 3, 0, 3];
        assert_eq!(groups, expected);
    }

    #[test]
    fn light_away_from_the_border_keeps_its_total() {
        let mut image = vec![0f32; 32 * 32];
        for at in [10 * 32 + 10, 10 * 32 + 11, 20 * 32 + 20, 25 * 32 + 6] {
            image[at] = 1.0;
        }
        let lit: Vec<bool> = image.iter().map(|&v| v > 0.0).collect();
        let blurred = defocus(&image, &lit, 32, &mut Key { family: 0, seed: 0, index: 0 }.stream(Aspect::Scene));
        assert!((blurred.iter().sum::<f32>() - 4.0).abs() < 1e-5, "rounding of f32");
        assert!(blurred.iter().filter(|&&v| v > 0.0).count() > 4);
    }

    #[test]
    fn the_group_furthest_from_focus_has_the_greatest_blur() {
        assert_eq!(blurs(&[0.25, 0.0, 0.5]), [2.75, 0.5, 5.0]);
        assert_eq!(blurs(&[0.7]), [5.0]);
        assert_eq!(blurs(&[0.0]), [0.5]);
        assert!(blurs(&[]).is_empty());
    }
}
