//! Rows of small plots beside pictures, as data.

use super::pictures::Picture;

/// The size of a plot among others.
pub const SMALL: [f64; 2] = [300.0, 150.0];
/// The size of a plot alone.
pub const LARGE: [f64; 2] = [560.0, 320.0];

/// Rows of small line plots, each row with a picture at its left if it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct PlotFigure {
    /// Heading; empty for none.
    pub title: String,
    /// Names of the curves, bars and marks of all plots, in the order of their colours.
    pub legend: Vec<String>,
    /// Width and height of each plot without its axes, in CSS pixels.
    pub plot_size: [f64; 2],
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
