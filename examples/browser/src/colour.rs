//! The colours of the heat maps: those of the figures that `ebm plot` draws, by the same code.

#[allow(dead_code, reason = "the colour bar of the figures has its own numbers")]
#[path = "../../../crates/ebm-cli/src/figure/colour.rs"]
mod scale;
#[allow(dead_code, reason = "axes are drawn by the page")]
#[path = "../../../crates/ebm-cli/src/figure/ticks.rs"]
mod ticks;

use scale::{ColourScale, LEVELS, NAN_COLOUR, colour};

/// The density of the last colour, for all log-densities of a figure, and whether some exceed it.
pub fn top(log_densities: &[f32]) -> (f64, bool) {
    let scale = ColourScale::of(log_densities.iter().copied());
    (scale.top, scale.saturates)
}

/// Log-densities `[x][y]` as red, green, blue and opacity, one pixel a cell, the highest y in the first row.
pub fn paint(log_densities: &[f32], [x_cells, y_cells]: [usize; 2], top: f64) -> Vec<u8> {
    let palette: Vec<[u8; 3]> = (0..LEVELS).map(colour).collect();
    let scale = ColourScale { top, saturates: false };
    let pixel = |log_density: f32| scale.level(log_density).map_or(NAN_COLOUR, |level| palette[usize::from(level)]);
    let cells = (0..y_cells).rev().flat_map(|y| (0..x_cells).map(move |x| x * y_cells + y));
    cells.flat_map(|cell| pixel(log_densities[cell]).into_iter().chain([255])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x_runs_right_and_y_runs_up() {
        let cells = [f32::NEG_INFINITY, 0.0, f32::NEG_INFINITY, f32::NEG_INFINITY];
        let (top, saturates) = top(&cells);
        assert_eq!((top, saturates), (1.0, false));
        let pixels = paint(&cells, [2, 2], top);
        let (dark, light) = (colour(0), colour(LEVELS - 1));
        let expected = [light, dark, dark, dark].map(|[r, g, b]| [r, g, b, 255]);
        assert_eq!(pixels, expected.as_flattened());
    }
}
