use std::{io, path::PathBuf};

use resvg::usvg;

/// Why a figure could not be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FigureError {
    /// The file name does not say which format to write.
    #[error("cannot tell the format of {}: end its name in .png or .svg", path.display())]
    UnknownFormat {
        /// The file that was asked for.
        path: PathBuf,
    },
    /// There is nothing to draw.
    #[error("the figure is empty: give each row a panel and each curve a finite point")]
    Empty,
    /// An axis has no extent.
    #[error("axis {label:?} runs from {low} to {high}: its ends must be finite and increase")]
    BadRange {
        /// Label of the axis.
        label: String,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// A heat map does not fit the grid of its figure.
    #[error("panel {title:?} has {found} densities: a grid of {x_cells} by {y_cells} cells needs {}", x_cells.saturating_mul(*y_cells))]
    PanelLength {
        /// Title of the panel.
        title: String,
        /// Densities given.
        found: usize,
        /// Cells along x.
        x_cells: usize,
        /// Cells along y.
        y_cells: usize,
    },
    /// A heat map has a side without cells.
    #[error("panel {title:?} is a heat map without cells: both axes need at least one")]
    EmptyGrid {
        /// Title of the panel.
        title: String,
    },
    /// The picture exceeds what can be rasterised.
    #[error("a picture of {width} by {height} pixels is too large: draw fewer panels or an .svg")]
    TooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// The drawing could not be rasterised.
    #[error("cannot rasterise the figure")]
    Raster {
        /// What the rasteriser refused.
        source: usvg::Error,
    },
    /// The picture could not be compressed.
    #[error("cannot encode the picture as PNG")]
    Encode {
        /// What the encoder refused.
        source: png::EncodingError,
    },
    /// The folder of the file is missing.
    #[error("folder {} does not exist: create it first", path.display())]
    NoFolder {
        /// The missing folder.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file that was asked for.
        path: PathBuf,
        /// What the file system answered.
        source: io::Error,
    },
}
