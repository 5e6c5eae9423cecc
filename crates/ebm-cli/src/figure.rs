//! Pictures of conditional densities and of training curves.
//!
//! A [`Figure`] shows small multiples over one `(x, y)` plane: heat maps of
//! `p(y|x)` under one shared colour scale, and scatter plots. A [`LineFigure`]
//! shows curves. Both are plain data; [`draw`] and [`draw_lines`] write them to
//! a `.png` or `.svg` file. The PNG is the rasterised SVG, so the two formats
//! show the same picture.
//!
//! Paper: Figures 2, S3 and S4.

mod colour;
mod colour_bar;
mod error;
mod file;
mod frame;
mod heat_map;
mod lines;
mod panels;
mod pictures;
mod plots;
mod raster;
mod svg;
mod ticks;

use std::path::Path;

pub use error::FigureError;
pub use file::Format;
pub use svg::{FAINT, INK, PAPER};

/// Small multiples that share both axes and one colour scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Heading above all panels; empty for none.
    pub title: String,
    /// Horizontal axis of every panel.
    pub x: Axis,
    /// Vertical axis of every panel.
    pub y: Axis,
    /// Panels from top to bottom. Rows may differ in length.
    pub rows: Vec<Row>,
}

/// One axis of the plane, cut into equal cells for the heat maps.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Name and unit, such as `x (unitless)`.
    pub label: String,
    /// Both ends of the axis, in the unit of the label.
    pub range: (f32, f32),
    /// Heat map cells along this axis. Figures without heat maps ignore it.
    pub cells: usize,
}

impl Axis {
    /// Where to evaluate a density: the centre of each cell, from low to high.
    pub fn centres(&self) -> impl Iterator<Item = f32> + use<> {
        let (low, high) = (f64::from(self.range.0), f64::from(self.range.1));
        let cells = self.cells;
        let width = (high - low) / cells as f64;
        (0..cells).map(move |cell| (low + (cell as f64 + 0.5) * width) as f32)
    }
}

/// One row of panels, for example one epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Name at the left of the row, such as `epoch 5`; empty for none.
    pub label: String,
    /// Panels from left to right; at least one.
    pub panels: Vec<Panel>,
}

/// One picture of the plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Heading above the panel; empty for none.
    pub title: String,
    /// What the panel shows.
    pub content: Content,
}

/// What a [`Panel`] shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Heat map of `exp(log density)`.
    ///
    /// Nats at the cell centres, row-major `[x.cells][y.cells]`. `-inf` is a
    /// density of zero; a NaN cell is red and the panel counts such cells.
    LogDensity(Vec<f32>),
    /// Scatter plot of `[x, y]` pairs. The panel counts points that it cannot
    /// show because they are off the axes or not finite.
    Points(Vec<[f32; 2]>),
}

/// Curves over one horizontal quantity, such as losses over epochs.
#[derive(Debug, Clone, PartialEq)]
pub struct LineFigure {
    /// Heading; empty for none.
    pub title: String,
    /// Name and unit of the horizontal axis.
    pub x_label: String,
    /// Name and unit of the vertical axis.
    pub y_label: String,
    /// The curves, in the order of the legend.
    pub series: Vec<Series>,
}

/// One curve of a [`LineFigure`].
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Name in the legend.
    pub name: String,
    /// `[x, y]` pairs in drawing order. A pair that is not finite leaves a gap.
    pub points: Vec<[f64; 2]>,
}

/// Rows of small line plots, each row with a picture at its left if it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct PlotFigure {
    /// Heading; empty for none.
    pub title: String,
    /// Names of the curves, bars and marks of all plots, in the order of their colours.
    pub legend: Vec<String>,
    /// From top to bottom, as many plots in each.
    pub rows: Vec<PlotRow>,
}

/// One row of a [`PlotFigure`].
#[derive(Debug, Clone, PartialEq)]
pub struct PlotRow {
    /// What the plots are of.
    pub picture: Option<Picture>,
    /// From left to right.
    pub plots: Vec<Plot>,
}

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

/// One small plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// Heading; empty for none.
    pub title: String,
    /// Name and unit of the horizontal axis.
    pub x_label: String,
    /// Name and unit of the vertical axis.
    pub y_label: String,
    /// Both ends of the horizontal axis.
    pub x_range: (f64, f64),
    /// Both ends of the vertical axis; from 0 to enough for everything unless given.
    pub y_range: Option<(f64, f64)>,
    /// What it shows.
    pub layers: Vec<Layer>,
}

/// One thing in a [`Plot`], drawn in the colour of its name in the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Its place in [`PlotFigure::legend`].
    pub legend: usize,
    /// Its shape.
    pub shape: Shape,
}

/// The shape of a [`Layer`].
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A curve through `[x, y]`; a pair that is not finite leaves a gap.
    Curve(Vec<[f64; 2]>),
    /// A tint between a curve through `[x, y]` and the axis; a pair that is not finite leaves a gap.
    Area(Vec<[f64; 2]>),
    /// Bars side by side over the whole axis, as high as these values.
    Bars(Vec<f64>),
    /// A vertical line at this x.
    Mark(f64),
}

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

/// Draws curves to a `.png` or `.svg` file.
///
/// The file appears whole or not at all, and replaces an older one.
///
/// # Errors
/// A figure without finite points, an unknown file name extension, a missing
/// folder, or a failed write.
pub fn draw_lines(figure: &LineFigure, path: &Path) -> Result<(), FigureError> {
    let format = Format::from_path(path)?;
    file::write(lines::svg(figure)?, format, path)
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

    #[test]
    fn centres_split_the_range_evenly() {
        let axis = Axis { label: String::new(), range: (-3.0, 3.0), cells: 3 };
        assert_eq!(axis.centres().collect::<Vec<_>>(), [-2.0, 0.0, 2.0]);
    }
}
