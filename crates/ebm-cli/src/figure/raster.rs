//! From drawing to PNG.

use std::sync::Arc;

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb::Source},
};

use super::{error::FigureError, svg::Svg};

/// PNG pixels per CSS pixel: sharp in print and on dense screens.
pub(super) const PIXEL_RATIO: f32 = 2.0;

/// The drawing as an RGB PNG of [`PIXEL_RATIO`] times its size.
pub(super) fn png(svg: &Svg) -> Result<Vec<u8>, FigureError> {
    let mut options = Options::default();
    let font: Arc<&'static [u8]> = Arc::new(dejavu::sans::regular());
    options.fontdb_mut().load_font_source(Source::Binary(font));
    let tree = Tree::from_str(&svg.document(), &options).map_err(|source| FigureError::Raster { source })?;

    let pixels = |length: f64| (length * f64::from(PIXEL_RATIO)) as u32;
    let (width, height) = (pixels(svg.width), pixels(svg.height));
    let too_large = FigureError::TooLarge { width, height };
    let mut pixmap = Pixmap::new(width, height).ok_or(too_large)?;
    let transform = Transform::from_scale(PIXEL_RATIO, PIXEL_RATIO);
    resvg::render(&tree, transform, &mut pixmap.as_mut());

    // The background is opaque, so premultiplied colours are plain ones.
    let rgb: Vec<u8> = pixmap.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&rgb))
        .map_err(|source| FigureError::Encode { source })?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::svg::{Anchor, Scaling};
    use std::{collections::HashSet, io::Cursor};

    #[test]
    fn text_and_images_reach_the_pixels() {
        let mut svg = Svg::new((60.0, 40.0), "", 30.0);
        svg.text((5.0, 20.0), 12.0, Anchor::Start, "≥ θ");
        let strip = crate::figure::heat_map::colour_strip().unwrap();
        svg.image((40.0, 0.0), (20.0, 40.0), &strip, Scaling::Cells);

        let mut reader = png::Decoder::new(Cursor::new(png(&svg).unwrap())).read_info().unwrap();
        let mut pixels = vec![0; 120 * 80 * 3];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((frame.width, frame.height), (120, 80));
        let (pixels, _) = pixels.as_chunks::<3>();
        let colours = |columns: std::ops::Range<usize>| -> HashSet<[u8; 3]> {
            let rows = pixels.chunks(120);
            rows.flat_map(|row| row[columns.clone()].iter().copied()).collect()
        };
        assert!(colours(0..80).len() > 10, "no text");
        assert!(colours(80..120).len() > 50, "no image");
    }
}
