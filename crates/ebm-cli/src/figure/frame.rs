//! A plot area: from data to picture coordinates, with border and ticks.

use super::{
    svg::{Anchor, FAINT, INK, Svg, TEXT_SIZE, text_width},
    ticks::{Tick, ticks},
};

/// Length of a tick mark.
const TICK: f64 = 4.0;

/// A rectangle of the picture that shows a rectangle of the data plane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Left edge in the picture.
    pub left: f64,
    /// Upper edge in the picture.
    pub top: f64,
    /// Extent across the picture.
    pub width: f64,
    /// Extent down the picture.
    pub height: f64,
    /// Data at the left and right edge.
    pub x_range: (f64, f64),
    /// Data at the lower and upper edge.
    pub y_range: (f64, f64),
}

impl Frame {
    /// Picture coordinates of a data point.
    pub fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        (self.left + share(x, self.x_range) * self.width, self.top + (1.0 - share(y, self.y_range)) * self.height)
    }

    /// Whether a data point is inside.
    pub fn shows(&self, x: f64, y: f64) -> bool {
        (self.x_range.0..=self.x_range.1).contains(&x) && (self.y_range.0..=self.y_range.1).contains(&y)
    }

    /// Lower edge in the picture.
    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Right edge in the picture.
    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    /// Ticks along x, as many as stand apart.
    pub fn x_ticks(&self) -> Vec<Tick> {
        let fits = |ticks: &Vec<Tick>| {
            let labels = ticks.iter().map(|tick| text_width(&tick.label, TEXT_SIZE));
            let widest = labels.fold(0.0, f64::max);
            (widest + 14.0) * (ticks.len() as f64 - 1.0) <= self.width
        };
        (1..=(self.width / 36.0) as usize)
            .rev()
            .map(|at_most| ticks(self.x_range, at_most))
            .find(fits)
            .unwrap_or_default()
    }

    /// Ticks along y.
    pub fn y_ticks(&self) -> Vec<Tick> {
        ticks(self.y_range, (self.height / 30.0) as usize)
    }

    /// Faint lines across the plot at each tick; for curves.
    pub fn grid(&self, svg: &mut Svg) {
        for tick in self.x_ticks() {
            let (x, _) = self.place(tick.value, 0.0);
            svg.line((x, self.top), (x, self.bottom()), FAINT);
        }
        for tick in self.y_ticks() {
            let (_, y) = self.place(0.0, tick.value);
            svg.line((self.left, y), (self.right(), y), FAINT);
        }
    }

    /// The border with a mark at each tick.
    pub fn border(&self, svg: &mut Svg) {
        for tick in self.x_ticks() {
            let (x, _) = self.place(tick.value, 0.0);
            svg.line((x, self.bottom()), (x, self.bottom() + TICK), INK);
        }
        for tick in self.y_ticks() {
            let (_, y) = self.place(0.0, tick.value);
            svg.line((self.left - TICK, y), (self.left, y), INK);
        }
        svg.outline(self.left, self.top, self.width, self.height);
    }

    /// Numbers and label below the plot.
    pub fn x_axis(&self, svg: &mut Svg, label: &str) {
        for tick in self.x_ticks() {
            let (x, _) = self.place(tick.value, 0.0);
            svg.text((x, self.bottom() + 17.0), TEXT_SIZE, Anchor::Middle, &tick.label);
        }
        let middle = self.left + self.width / 2.0;
        svg.text((middle, self.bottom() + 37.0), TEXT_SIZE + 1.0, Anchor::Middle, label);
    }

    /// Numbers and label at the left of the plot; `label_x` is where the label stands.
    pub fn y_axis(&self, svg: &mut Svg, label: &str, label_x: f64) {
        for tick in self.y_ticks() {
            let (_, y) = self.place(0.0, tick.value);
            svg.text((self.left - 7.0, y + 4.5), TEXT_SIZE, Anchor::End, &tick.label);
        }
        let middle = self.top + self.height / 2.0;
        svg.upright_text((label_x, middle), TEXT_SIZE + 1.0, label);
    }
}
