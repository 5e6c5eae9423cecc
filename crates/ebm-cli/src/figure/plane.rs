//! Small multiples over one `(x, y)` plane, as data.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centres_split_the_range_evenly() {
        let axis = Axis { label: String::new(), range: (-3.0, 3.0), cells: 3 };
        assert_eq!(axis.centres().collect::<Vec<_>>(), [-2.0, 0.0, 2.0]);
    }
}
