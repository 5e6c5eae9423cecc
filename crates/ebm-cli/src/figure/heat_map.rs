//! A log density as a small palette PNG.

use super::{
    colour::{ColourScale, LEVELS, NAN_COLOUR, colour},
    error::FigureError,
};

/// One pixel per cell, the highest `y` in the first pixel row.
///
/// # Shapes
/// - `log_densities`: `[x_cells][y_cells]`, nats
pub(super) fn heat_map(
    log_densities: &[f32],
    (x_cells, y_cells): (usize, usize),
    scale: ColourScale,
) -> Result<Vec<u8>, FigureError> {
    let pixels: Vec<u8> = (0..y_cells)
        .rev()
        .flat_map(|y| (0..x_cells).map(move |x| x * y_cells + y))
        .map(|cell| scale.level(log_densities[cell]).unwrap_or(LEVELS))
        .collect();
    encode(&pixels, (x_cells, y_cells))
}

/// The colour map itself from the top down.
pub(super) fn colour_strip() -> Result<Vec<u8>, FigureError> {
    let pixels: Vec<u8> = (0..LEVELS).rev().collect();
    encode(&pixels, (1, usize::from(LEVELS)))
}

fn encode(pixels: &[u8], (width, height): (usize, usize)) -> Result<Vec<u8>, FigureError> {
    let side = |cells: usize| u32::try_from(cells).unwrap_or(u32::MAX);
    let mut palette: Vec<u8> = (0..LEVELS).flat_map(colour).collect();
    palette.extend(NAN_COLOUR);
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, side(width), side(height));
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::High);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels))
        .map_err(|source| FigureError::Encode { source })?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x_runs_right_and_y_runs_up() {
        let scale = ColourScale { top: 1.0, saturates: false };
        // Cells [x][y]: only (x = 0, y = 1) is dense, (x = 1, y = 0) is NaN.
        let png = heat_map(&[f32::NEG_INFINITY, 0.0, f32::NAN, f32::NEG_INFINITY], (2, 2), scale);
        let mut decoder = png::Decoder::new(std::io::Cursor::new(png.unwrap()));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = [0; 12];
        reader.next_frame(&mut pixels).unwrap();
        let [zero, one] = [colour(0), colour(LEVELS - 1)];
        assert_eq!(pixels, *[one, zero, zero, NAN_COLOUR].as_flattened());
    }
}
