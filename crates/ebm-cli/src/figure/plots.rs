//! Rows of small plots beside pictures.

use super::{
    curve::{DASHES, colour, is_finite, path},
    error::FigureError,
    frame::Frame,
    small_plots::{Layer, Plot, PlotFigure, Shape},
    svg::{Anchor, MARGIN, Svg, TEXT_SIZE, TITLE_ROOM, text_width},
};

const PICTURE: f64 = 150.0;
/// Room for the numbers and the label of a vertical axis.
const AXIS: f64 = 84.0;
/// Room for half of the last number of a horizontal axis.
const RIGHT: f64 = 26.0;
/// Room below a plot for the numbers and the label of its horizontal axis, and above it for a title.
const BELOW: f64 = 48.0;
const ABOVE: f64 = 22.0;
const LEGEND: f64 = 26.0;

/// The figure as a drawing.
pub(super) fn svg(figure: &PlotFigure) -> Result<Svg, FigureError> {
    let columns = figure.rows.iter().map(|row| row.plots.len()).max().unwrap_or(0);
    if columns == 0 {
        return Err(FigureError::Empty);
    }
    let pictures = figure.rows.iter().any(|row| row.picture.is_some());
    let left = MARGIN + if pictures { PICTURE } else { 0.0 };
    let title = if figure.title.is_empty() { 0.0 } else { TITLE_ROOM };
    let top = MARGIN + title + if figure.legend.is_empty() { 0.0 } else { LEGEND };
    let [plot_width, plot_height] = figure.plot_size;
    let row_height = ABOVE + plot_height.max(if pictures { PICTURE } else { 0.0 }) + BELOW;
    let width = left + columns as f64 * (AXIS + plot_width) + RIGHT;
    let legend_width = figure.legend.iter().map(|name| legend_width(name)).sum::<f64>();
    let size = (width.max(MARGIN + legend_width), top + figure.rows.len() as f64 * row_height);
    let mut svg = Svg::new(size, &figure.title, width / 2.0);
    legend(&mut svg, figure, MARGIN + title);
    for (index, row) in figure.rows.iter().enumerate() {
        let y = top + index as f64 * row_height + ABOVE;
        if let Some(picture) = &row.picture {
            picture.draw(&mut svg, (MARGIN, y), PICTURE)?;
        }
        for (column, plot) in row.plots.iter().enumerate() {
            let x = left + AXIS + column as f64 * (AXIS + plot_width);
            draw_plot(&mut svg, plot, (x, y), figure.plot_size)?;
        }
    }
    Ok(svg)
}

fn legend_width(name: &str) -> f64 {
    60.0 + text_width(name, TEXT_SIZE)
}

fn legend(svg: &mut Svg, figure: &PlotFigure, top: f64) {
    let mut x = MARGIN;
    let layers = || figure.rows.iter().flat_map(|row| &row.plots).flat_map(|plot| &plot.layers);
    for (index, name) in figure.legend.iter().enumerate() {
        if layers().any(|layer| layer.legend == index && matches!(layer.shape, Shape::Area(_))) {
            svg.tint(&format!("M{x:.1} {:.1}h28v12h-28z", top + 4.0), &colour(index));
        } else {
            svg.stroke(&format!("M{x:.1} {:.1}h28", top + 10.0), &colour(index), DASHES[index % DASHES.len()]);
        }
        svg.text((x + 36.0, top + 14.5), TEXT_SIZE, Anchor::Start, name);
        x += legend_width(name);
    }
}

fn draw_plot(
    svg: &mut Svg,
    plot: &Plot,
    (left, top): (f64, f64),
    [width, height]: [f64; 2],
) -> Result<(), FigureError> {
    let (low, high) = plot.x_range;
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Err(FigureError::BadRange { label: plot.x_label.clone(), low, high });
    }
    let y_range = plot.y_range.unwrap_or_else(|| (0.0, 1.05 * highest(plot)));
    if !(y_range.0.is_finite() && y_range.1.is_finite() && y_range.0 < y_range.1) {
        return Err(FigureError::BadRange { label: plot.y_label.clone(), low: y_range.0, high: y_range.1 });
    }
    let frame = Frame { left, top, width, height, x_range: plot.x_range, y_range };
    frame.grid(svg);
    for Layer { legend, shape } in &plot.layers {
        let (colour, dashes) = (colour(*legend), DASHES[legend % DASHES.len()]);
        match shape {
            Shape::Curve(points) => {
                let inside = |&[x, y]: &[f64; 2]| if frame.shows(x, y) { [x, y] } else { [f64::NAN; 2] };
                svg.stroke(&path(&points.iter().map(inside).collect::<Vec<_>>(), &frame), &colour, dashes);
            }
            Shape::Area(points) => svg.tint(&area(points, &frame), &colour),
            Shape::Bars(heights) => svg.stroke(&bars(heights, &frame), &colour, ""),
            &Shape::Mark(x) if (low..=high).contains(&x) => {
                svg.stroke(&path(&[[x, y_range.0], [x, y_range.1]], &frame), &colour, dashes);
            }
            Shape::Mark(_) => svg.remark((left + 4.0, top + 4.0), "mark outside"),
        }
    }
    frame.border(svg);
    frame.x_axis(svg, &plot.x_label);
    let numbers = frame.y_ticks().into_iter().map(|tick| text_width(&tick.label, TEXT_SIZE)).fold(0.0, f64::max);
    frame.y_axis(svg, &plot.y_label, left - (numbers + 16.0).max(54.0));
    svg.text((left + width / 2.0, top - 7.0), TEXT_SIZE + 1.0, Anchor::Middle, &plot.title);
    Ok(())
}

/// The outline of what lies between a curve and the lower end of the vertical axis, a piece for each stretch without a
/// gap; what is off the axes is left out.
fn area(points: &[[f64; 2]], frame: &Frame) -> String {
    let floor = frame.y_range.0;
    let mut outlines = String::new();
    for stretch in points.split(|&[x, y]| !frame.shows(x, y)) {
        if let (Some([from, _]), Some([to, _])) = (stretch.first(), stretch.last()) {
            let closed: Vec<_> = stretch.iter().copied().chain([[*to, floor], [*from, floor]]).collect();
            outlines += &path(&closed, frame);
            outlines.push('Z');
        }
    }
    outlines
}

/// The outline of bars that fill the horizontal axis.
fn bars(heights: &[f64], frame: &Frame) -> String {
    let (low, high) = frame.x_range;
    let width = (high - low) / heights.len() as f64;
    let corners = heights.iter().enumerate().flat_map(|(index, &height)| {
        let from = low + index as f64 * width;
        [[from, 0.0], [from, height], [from + width, height], [from + width, 0.0]]
    });
    path(&corners.collect::<Vec<_>>(), frame)
}

/// The largest value of all layers; 1 where there is none.
fn highest(plot: &Plot) -> f64 {
    let values = plot.layers.iter().flat_map(|layer| match &layer.shape {
        Shape::Curve(points) | Shape::Area(points) => {
            points.iter().filter(|point| is_finite(point)).map(|point| point[1]).collect()
        }
        Shape::Bars(heights) => heights.clone(),
        Shape::Mark(_) => Vec::new(),
    });
    let highest = values.filter(|value| value.is_finite()).fold(0.0, f64::max);
    if highest > 0.0 { highest } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::pictures::Picture;
    use crate::figure::small_plots::{PlotRow, SMALL};

    fn figure(layers: Vec<Layer>, x_range: (f64, f64)) -> PlotFigure {
        let plot = Plot {
            title: "p(y|x)".to_owned(),
            x_label: "y (degrees)".to_owned(),
            y_label: "density".to_owned(),
            x_range,
            y_range: None,
            layers,
        };
        let picture = Picture { caption: "y = 3".to_owned(), side: 2, rgb: vec![7; 12] };
        PlotFigure {
            title: "steering".to_owned(),
            plot_size: SMALL,
            legend: vec!["EBM".to_owned(), "label".to_owned()],
            rows: vec![PlotRow { picture: Some(picture), plots: vec![plot] }],
        }
    }

    #[test]
    fn a_row_shows_its_picture_its_curve_and_its_mark() {
        let curve = Layer { legend: 0, shape: Shape::Curve(vec![[0.0, 1.0], [1.0, 2.0]]) };
        let mark = Layer { legend: 1, shape: Shape::Mark(0.5) };
        let document = svg(&figure(vec![curve, mark], (0.0, 1.0))).unwrap().document();
        assert!(document.contains("data:image/png") && document.contains("y = 3") && document.contains(">label<"));
        assert!(!document.contains("mark outside"));
    }

    #[test]
    fn a_label_off_the_axis_is_said_to_be() {
        let mark = Layer { legend: 1, shape: Shape::Mark(7.0) };
        assert!(svg(&figure(vec![mark], (0.0, 1.0))).unwrap().document().contains("mark outside"));
    }

    #[test]
    fn bars_of_equal_height_fill_the_axis() {
        let frame = Frame { left: 0.0, top: 0.0, width: 4.0, height: 2.0, x_range: (0.0, 1.0), y_range: (0.0, 2.0) };
        assert!(bars(&[1.0, 1.0], &frame).starts_with("M0.0 2.0L0.0 1.0L2.0 1.0L2.0 2.0"));
    }

    #[test]
    fn an_area_reaches_the_axis_and_falls_into_its_pieces() {
        let frame = Frame { left: 0.0, top: 0.0, width: 8.0, height: 2.0, x_range: (0.0, 8.0), y_range: (0.0, 2.0) };
        let gap = [f64::NAN; 2];
        let two = area(&[[1.0, 1.0], [2.0, 2.0], gap, [4.0, 1.0], [5.0, 1.0]], &frame);
        assert_eq!(two, "M1.0 1.0L2.0 0.0L2.0 2.0L1.0 2.0ZM4.0 1.0L5.0 1.0L5.0 2.0L4.0 2.0Z");
    }

    #[test]
    fn an_axis_without_extent_is_an_error() {
        assert!(matches!(svg(&figure(Vec::new(), (1.0, 1.0))), Err(FigureError::BadRange { .. })));
        let mut flat = figure(Vec::new(), (0.0, 1.0));
        flat.rows[0].plots[0].y_range = Some((2.0, 2.0));
        assert!(matches!(svg(&flat), Err(FigureError::BadRange { .. })));
    }
}
