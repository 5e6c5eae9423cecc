//! Pictures of bytes: alone, and on a sheet.

use super::{
    error::FigureError,
    svg::{Anchor, MARGIN, Scaling, Svg, TEXT_SIZE, TITLE_ROOM},
};

const SIDE: f64 = 128.0;
const GAP: f64 = 12.0;
const CAPTION: f64 = 22.0;

/// A picture of bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Text below it.
    pub caption: String,
    /// Pixels along either side.
    pub side: usize,
    /// `side × side` pixels of red, green and blue, row by row.
    pub rgb: Vec<u8>,
}

/// A sheet of pictures with their captions.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureFigure {
    /// Heading; empty for none.
    pub title: String,
    /// Pictures side by side.
    pub columns: usize,
    /// Row by row.
    pub pictures: Vec<Picture>,
}

/// The sheet as a drawing.
pub(super) fn svg(figure: &PictureFigure) -> Result<Svg, FigureError> {
    if figure.pictures.is_empty() || figure.columns == 0 {
        return Err(FigureError::Empty);
    }
    let columns = figure.columns.min(figure.pictures.len());
    let rows = figure.pictures.len().div_ceil(columns);
    let top = MARGIN + if figure.title.is_empty() { 0.0 } else { TITLE_ROOM };
    let width = 2.0 * MARGIN + columns as f64 * (SIDE + GAP) - GAP;
    let height = top + rows as f64 * (SIDE + CAPTION) + MARGIN;
    let mut svg = Svg::new((width, height), &figure.title, width / 2.0);
    for (index, picture) in figure.pictures.iter().enumerate() {
        let (row, column) = (index / columns, index % columns);
        let corner = (MARGIN + column as f64 * (SIDE + GAP), top + row as f64 * (SIDE + CAPTION));
        picture.draw(&mut svg, corner, SIDE)?;
    }
    Ok(svg)
}

impl Picture {
    /// Draws it with its caption below.
    pub(super) fn draw(&self, svg: &mut Svg, (x, y): (f64, f64), side: f64) -> Result<(), FigureError> {
        let pixels = u32::try_from(self.side).unwrap_or(u32::MAX);
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, pixels, pixels);
        encoder.set_color(png::ColorType::Rgb);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.rgb))
            .map_err(|source| FigureError::Encode { source })?;
        svg.image((x, y), (side, side), &png, Scaling::Cells);
        svg.text((x + side / 2.0, y + side + 16.0), TEXT_SIZE, Anchor::Middle, &self.caption);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(count: usize, columns: usize) -> PictureFigure {
        let picture = Picture { caption: "7".to_owned(), side: 2, rgb: vec![9; 12] };
        PictureFigure { title: "digits".to_owned(), columns, pictures: vec![picture; count] }
    }

    #[test]
    fn every_picture_is_on_the_sheet() {
        let document = svg(&sheet(5, 3)).unwrap().document();
        assert_eq!(document.matches("data:image/png").count(), 5);
        let [wide, narrow] = [3, 2].map(|columns| svg(&sheet(5, columns)).unwrap());
        assert!(wide.width > narrow.width && wide.height < narrow.height);
    }

    #[test]
    fn a_sheet_of_nothing_is_an_error() {
        assert!(matches!(svg(&sheet(0, 3)), Err(FigureError::Empty)));
    }
}
