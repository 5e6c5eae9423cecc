//! Curves with a legend.

use std::fmt::Write;

use super::{
    FigureError, LineFigure,
    frame::Frame,
    svg::{Anchor, MARGIN, Svg, TEXT_SIZE, TITLE_ROOM, text_width},
};

const PLOT_WIDTH: f64 = 560.0;
const PLOT_HEIGHT: f64 = 320.0;

/// Dashes tell curves apart where colour does not.
pub(super) const DASHES: [&str; 4] = ["", "7 4", "1 4", "8 4 1 4"];

/// The figure as a drawing.
pub(super) fn svg(figure: &LineFigure) -> Result<Svg, FigureError> {
    let mut frame = Frame {
        left: 0.0,
        top: MARGIN + if figure.title.is_empty() { 0.0 } else { TITLE_ROOM },
        width: PLOT_WIDTH,
        height: PLOT_HEIGHT,
        x_range: range(figure, 0, 0.0)?,
        y_range: range(figure, 1, 0.05)?,
    };
    let widest = |widths: &mut dyn Iterator<Item = f64>| widths.fold(0.0, f64::max);
    let ticks = frame.y_ticks();
    let tick_room = widest(&mut ticks.iter().map(|tick| text_width(&tick.label, TEXT_SIZE)));
    let names = figure.series.iter().map(|series| &series.name);
    let legend = widest(&mut names.map(|name| text_width(name, TEXT_SIZE)));
    frame.left = MARGIN + 18.0 + tick_room + 10.0;

    let width = frame.right() + 52.0 + legend + MARGIN;
    let legend_bottom = frame.top + 22.0 * figure.series.len() as f64 + 10.0;
    let height = (frame.bottom() + 50.0).max(legend_bottom);
    let middle = frame.left + PLOT_WIDTH / 2.0;
    let mut svg = Svg::new((width, height), &figure.title, middle);
    frame.grid(&mut svg);
    frame.border(&mut svg);
    frame.x_axis(&mut svg, &figure.x_label);
    frame.y_axis(&mut svg, &figure.y_label, MARGIN + 12.0);
    for (index, series) in figure.series.iter().enumerate() {
        let colour = colour(index);
        let dashes = DASHES[index % DASHES.len()];
        svg.stroke(&path(&series.points, &frame), &colour, dashes);
        let (x, y) = (frame.right() + 14.0, frame.top + 14.0 + 22.0 * index as f64);
        svg.stroke(&format!("M{x:.1} {y:.1}h28"), &colour, dashes);
        svg.text((x + 36.0, y + 4.5), TEXT_SIZE, Anchor::Start, &series.name);
    }
    Ok(svg)
}

/// Extent of the finite points along a coordinate, widened by a share on each side.
fn range(figure: &LineFigure, coordinate: usize, share: f64) -> Result<(f64, f64), FigureError> {
    let points = figure.series.iter().flat_map(|series| &series.points);
    let values = points.filter(|point| is_finite(point)).map(|point| point[coordinate]);
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return Err(FigureError::Empty);
    }
    let pad = if low == high {
        // One value has no extent: show it in the middle of some.
        0.5 * low.abs().max(1.0)
    } else {
        share * (high - low)
    };
    let range = (low - pad, high + pad);
    if (range.1 - range.0).is_finite() {
        return Ok(range);
    }
    let labels = [&figure.x_label, &figure.y_label];
    Err(FigureError::BadRange { label: labels[coordinate].clone(), low, high })
}

pub(super) fn is_finite(point: &[f64; 2]) -> bool {
    point.iter().all(|value| value.is_finite())
}

/// SVG path data; every gap starts a new stroke.
pub(super) fn path(points: &[[f64; 2]], frame: &Frame) -> String {
    let mut data = String::new();
    for stroke in points.split(|point| !is_finite(point)) {
        for (index, &[x, y]) in stroke.iter().enumerate() {
            let (x, y) = frame.place(x, y);
            let command = if index == 0 { 'M' } else { 'L' };
            write!(data, "{command}{x:.1} {y:.1}").expect("a String accepts all text");
        }
        if stroke.len() == 1 {
            // A stroke of no length with round ends is a dot.
            data.push_str("h0");
        }
    }
    data
}

pub(super) fn colour(index: usize) -> String {
    let [r, g, b] = colorous::TABLEAU10[index % colorous::TABLEAU10.len()].as_array();
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Series;

    fn figure(points: Vec<[f64; 2]>) -> LineFigure {
        LineFigure {
            title: "training".to_owned(),
            x_label: "epoch".to_owned(),
            y_label: "loss (nats)".to_owned(),
            series: vec![Series { name: "NCE".to_owned(), points }],
        }
    }

    #[test]
    fn a_gap_splits_the_curve() {
        let points = vec![[0.0, 1.0], [1.0, f64::NAN], [2.0, 3.0], [3.0, 2.0]];
        let document = svg(&figure(points)).unwrap().document();
        let curve = document.lines().find(|line| line.contains("h0M"));
        assert!(curve.is_some_and(|line| line.matches('L').count() == 1));
    }

    #[test]
    fn a_single_value_is_drawn() {
        assert!(svg(&figure(vec![[5.0, 2.0]])).is_ok());
    }

    #[test]
    fn no_finite_point_is_an_error() {
        let empty = svg(&figure(vec![[0.0, f64::INFINITY]]));
        assert!(matches!(empty, Err(FigureError::Empty)));
    }
}
