//! Pictures of conditional densities, of small plots and of images.
//!
//! A [`Figure`] shows small multiples over one `(x, y)` plane: heat maps of
//! `p(y|x)` under one shared colour scale, and scatter plots. A [`PlotFigure`]
//! shows rows of small plots, a [`PictureFigure`] a sheet of images. All are
//! plain data; [`draw`], [`draw_plots`] and [`draw_pictures`] write them to
//! a `.png` or `.svg` file. The PNG is the rasterised SVG, so the two formats
//! show the same picture.
//!
//! Paper: Figures 2, S3 and S4.

mod colour;
mod colour_bar;
mod curve;
pub(crate) mod diagnostics;
mod error;
mod file;
mod frame;
mod heat_map;
mod panels;
mod pictures;
mod plane;
mod plots;
mod raster;
mod small_plots;
mod svg;
mod ticks;

use std::path::Path;

pub use error::FigureError;
pub use file::Format;
pub use pictures::{Picture, PictureFigure};
pub use plane::{Axis, Content, Figure, Panel, Row};
pub use small_plots::{LARGE, Layer, Plot, PlotFigure, PlotRow, SMALL, Shape};
pub use svg::{FAINT, INK, PAPER};

/// Draws small multiples to a `.png` or `.svg` file.
///
/// The file appears whole or not at all, and replaces an older one. Densities
/// above the 99.5th percentile of all panels share the last colour; the colour
/// bar then says so.
///
/// # Errors
/// A figure without panels, a panel that does not fit the grid, an axis range
/// that is not finite and increasing, an unknown file name extension, a missing
/// folder, or a failed write.
pub fn draw(figure: &Figure, path: &Path) -> Result<(), FigureError> {
    let format = Format::from_path(path)?;
    file::write(panels::svg(figure)?, format, path)
}

/// Draws rows of small plots to a `.png` or `.svg` file.
///
/// The file appears whole or not at all, and replaces an older one.
///
/// # Errors
/// A figure without plots or with a range that does not increase, an unknown file name extension, a missing folder,
/// or a failed write.
pub fn draw_plots(figure: &PlotFigure, path: &Path) -> Result<(), FigureError> {
    let format = Format::from_path(path)?;
    file::write(plots::svg(figure)?, format, path)
}

/// Rows of small plots as an `<svg>` element for a page, named `name` to those who cannot see it.
///
/// It has no background and is as wide as its container allows, up to its own size. A page may recolour what is drawn in
/// [`INK`], [`FAINT`] and [`PAPER`] by its style sheet.
///
/// # Errors
/// A figure without plots or with a range that does not increase.
pub fn inline_plots(figure: &PlotFigure, name: &str) -> Result<String, FigureError> {
    plots::svg(figure).map(|svg| svg.inline(name))
}

/// Draws a sheet of pictures to a `.png` or `.svg` file.
///
/// The file appears whole or not at all, and replaces an older one.
///
/// # Errors
/// A sheet without pictures, an unknown file name extension, a missing folder, or a failed write.
pub fn draw_pictures(figure: &PictureFigure, path: &Path) -> Result<(), FigureError> {
    let format = Format::from_path(path)?;
    file::write(pictures::svg(figure)?, format, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_show_the_same_size() {
        let axis = Axis { label: "unitless".to_owned(), range: (0.0, 1.0), cells: 2 };
        let figure = Figure {
            title: String::new(),
            x: axis.clone(),
            y: axis,
            rows: vec![Row {
                label: String::new(),
                panels: vec![Panel {
                    title: "EBM".to_owned(),
                    content: Content::LogDensity(vec![0.0, -1.0, -2.0, f32::NEG_INFINITY]),
                }],
            }],
        };
        let folder = tempfile::tempdir().unwrap();
        let [png, svg] = ["figure.png", "figure.svg"].map(|name| folder.path().join(name));
        draw(&figure, &png).unwrap();
        draw(&figure, &svg).unwrap();

        let png = std::io::BufReader::new(std::fs::File::open(png).unwrap());
        let mut reader = png::Decoder::new(png).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert!(pixels.chunks(3).any(|pixel| pixel != &pixels[..3]), "one colour");
        let size = format!("width=\"{}\" height=\"{}\"", frame.width / 2, frame.height / 2);
        assert!(std::fs::read_to_string(svg).unwrap().contains(&size));
    }
}
