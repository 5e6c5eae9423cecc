//! Layout of small multiples and their colour bar.

use super::{
    colour::ColourScale,
    colour_bar,
    error::FigureError,
    frame::Frame,
    heat_map::heat_map,
    plane::{Content, Figure, Panel},
    svg::{Anchor, MARGIN, Scaling, Svg, TEXT_SIZE, TITLE_ROOM, text_width},
};

const PLOT_WIDTH: f64 = 240.0;
const PLOT_HEIGHT: f64 = 200.0;
const GAP: f64 = 26.0;
/// From here on cells are too small to see as squares; mixing the colours of
/// fewer, larger cells would invent colours that mean nothing.
const SMOOTH_CELLS: usize = 120;
const PANEL_TITLE_SIZE: f64 = 15.0;
const POINT_COLOUR: &str = "#1f4e79";

/// The figure as a drawing.
pub(super) fn svg(figure: &Figure) -> Result<Svg, FigureError> {
    check(figure)?;
    let scale = colour_scale(figure);
    let frames = frames(figure);
    let edge = |far: fn(&Frame) -> f64| frames.iter().flatten().map(far).fold(0.0, f64::max);
    let (right, bottom) = (edge(Frame::right), edge(Frame::bottom));
    let bar_room = scale.map_or(0.0, |scale| GAP + colour_bar::room(scale));

    let size = (right + bar_room + MARGIN, bottom + 50.0);
    let mut svg = Svg::new(size, &figure.title, (left(figure) + right) / 2.0);
    for (row, frames) in figure.rows.iter().zip(&frames) {
        let centre = frames[0].top + PLOT_HEIGHT / 2.0;
        svg.upright_text((MARGIN + 13.0, centre), PANEL_TITLE_SIZE, &row.label);
        for (panel, frame) in row.panels.iter().zip(frames) {
            draw_panel(&mut svg, figure, panel, frame, scale)?;
        }
    }
    for (index, row) in frames.iter().enumerate() {
        let label_x = row[0].left - tick_room(figure) - 6.0;
        row[0].y_axis(&mut svg, &figure.y.label, label_x);
        for (column, frame) in row.iter().enumerate() {
            if frames[index + 1..].iter().all(|below| below.len() <= column) {
                frame.x_axis(&mut svg, &figure.x.label);
            }
        }
    }
    if let Some(scale) = scale {
        colour_bar::draw(&mut svg, scale, right + GAP, (frames[0][0].top, bottom))?;
    }
    Ok(svg)
}

fn check(figure: &Figure) -> Result<(), FigureError> {
    if figure.rows.is_empty() || figure.rows.iter().any(|row| row.panels.is_empty()) {
        return Err(FigureError::Empty);
    }
    for axis in [&figure.x, &figure.y] {
        let (low, high) = axis.range;
        if !(low.is_finite() && high.is_finite() && low < high) {
            return Err(FigureError::BadRange { label: axis.label.clone(), low: low.into(), high: high.into() });
        }
    }
    let (x_cells, y_cells) = (figure.x.cells, figure.y.cells);
    for panel in figure.rows.iter().flat_map(|row| &row.panels) {
        let Content::LogDensity(log_densities) = &panel.content else {
            continue;
        };
        let (title, found) = (panel.title.clone(), log_densities.len());
        if x_cells == 0 || y_cells == 0 {
            return Err(FigureError::EmptyGrid { title });
        }
        if x_cells.checked_mul(y_cells) != Some(found) {
            return Err(FigureError::PanelLength { title, found, x_cells, y_cells });
        }
    }
    Ok(())
}

/// The shared scale; `None` without heat maps.
fn colour_scale(figure: &Figure) -> Option<ColourScale> {
    let mut maps = figure
        .rows
        .iter()
        .flat_map(|row| &row.panels)
        .filter_map(|panel| match &panel.content {
            Content::LogDensity(log_densities) => Some(log_densities),
            Content::Points(_) => None,
        })
        .peekable();
    maps.peek()?;
    Some(ColourScale::of(maps.flatten().copied()))
}

/// Where each panel goes.
fn frames(figure: &Figure) -> Vec<Vec<Frame>> {
    let wide = |(low, high): (f32, f32)| (f64::from(low), f64::from(high));
    let mut top = MARGIN + if figure.title.is_empty() { 0.0 } else { TITLE_ROOM };
    let mut frames = Vec::new();
    for row in &figure.rows {
        if row.panels.iter().any(|panel| !panel.title.is_empty()) {
            top += 20.0;
        }
        let frame = |column: usize| Frame {
            left: left(figure) + column as f64 * (PLOT_WIDTH + GAP),
            top,
            width: PLOT_WIDTH,
            height: PLOT_HEIGHT,
            x_range: wide(figure.x.range),
            y_range: wide(figure.y.range),
        };
        frames.push((0..row.panels.len()).map(frame).collect());
        top += PLOT_HEIGHT + GAP;
    }
    frames
}

/// Left edge of the first column.
fn left(figure: &Figure) -> f64 {
    let labelled = figure.rows.iter().any(|row| !row.label.is_empty());
    let row_label = if labelled { 26.0 } else { 0.0 };
    MARGIN + row_label + 18.0 + tick_room(figure)
}

/// Room for the numbers of the vertical axis.
fn tick_room(figure: &Figure) -> f64 {
    let (low, high) = figure.y.range;
    let frame = Frame {
        left: 0.0,
        top: 0.0,
        width: PLOT_WIDTH,
        height: PLOT_HEIGHT,
        x_range: (0.0, 1.0),
        y_range: (low.into(), high.into()),
    };
    let widths = frame.y_ticks().into_iter().map(|tick| text_width(&tick.label, TEXT_SIZE));
    10.0 + widths.fold(0.0, f64::max)
}

fn draw_panel(
    svg: &mut Svg,
    figure: &Figure,
    panel: &Panel,
    frame: &Frame,
    scale: Option<ColourScale>,
) -> Result<(), FigureError> {
    let corner = (frame.left, frame.top);
    let hidden = match (&panel.content, scale) {
        (Content::LogDensity(log_densities), Some(scale)) => {
            let fine = figure.x.cells.min(figure.y.cells) >= SMOOTH_CELLS;
            let scaling = if fine { Scaling::Smooth } else { Scaling::Cells };
            let png = heat_map(log_densities, (figure.x.cells, figure.y.cells), scale)?;
            svg.image(corner, (PLOT_WIDTH, PLOT_HEIGHT), &png, scaling);
            let nan = log_densities.iter().filter(|value| value.is_nan()).count();
            (nan, "NaN (red)")
        }
        (Content::LogDensity(_), None) => unreachable!("a heat map implies a scale"),
        (Content::Points(points), _) => {
            let points = points.iter().map(|&[x, y]| (f64::from(x), f64::from(y)));
            let (shown, hidden): (Vec<_>, Vec<_>) = points.partition(|&(x, y)| frame.shows(x, y));
            let places = shown.into_iter().map(|(x, y)| frame.place(x, y));
            svg.dots(places, POINT_COLOUR);
            (hidden.len(), "not shown")
        }
    };
    frame.border(svg);
    if let (count @ 1.., what) = hidden {
        svg.remark((corner.0 + 4.0, corner.1 + 4.0), &format!("{count} {what}"));
    }
    let middle = frame.left + PLOT_WIDTH / 2.0;
    let room = PLOT_WIDTH + GAP - 8.0;
    // A long title shrinks rather than run into its neighbour.
    let size = PANEL_TITLE_SIZE.min((room / text_width(&panel.title, 1.0)).floor());
    svg.text((middle, frame.top - 7.0), size, Anchor::Middle, &panel.title);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::plane::{Axis, Row};
    use resvg::usvg::roxmltree::Document;

    fn axis(label: &str) -> Axis {
        Axis { label: label.to_owned(), range: (-1.0, 1.0), cells: 2 }
    }

    fn figure(contents: Vec<Content>) -> Figure {
        let panel = |(index, content)| Panel { title: format!("panel <{index}>"), content };
        Figure {
            title: "EBM & MDN".to_owned(),
            x: axis("x (unitless)"),
            y: axis("y (unitless)"),
            rows: vec![Row {
                label: "epoch 5".to_owned(),
                panels: contents.into_iter().enumerate().map(panel).collect(),
            }],
        }
    }

    fn texts(figure: &Figure) -> Vec<String> {
        let document = svg(figure).unwrap().document();
        let document = Document::parse(&document).unwrap();
        let texts = document.descendants().filter(|node| node.has_tag_name("text"));
        texts.map(|node| node.text().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn drawing_is_well_formed_and_names_everything() {
        let texts = texts(&figure(vec![
            Content::Points(vec![[0.0, 0.0], [5.0, 0.0]]),
            Content::LogDensity(vec![0.0, f32::NEG_INFINITY, f32::NAN, 0.5]),
        ]));
        for wanted in [
            "EBM & MDN",
            "epoch 5",
            "panel <0>",
            "panel <1>",
            "x (unitless)",
            "y (unitless)",
            "p(y|x), density per unit y",
            "1 not shown",
            "1 NaN (red)",
        ] {
            assert!(texts.iter().any(|text| text == wanted), "{wanted} not in {texts:?}");
        }
    }

    #[test]
    fn saturation_is_announced() {
        let mut crowd = figure(vec![Content::LogDensity(vec![0.0; 1000])]);
        (crowd.x.cells, crowd.y.cells) = (10, 100);
        assert!(!texts(&crowd).iter().any(|text| text.contains('≥')));
        let Content::LogDensity(cells) = &mut crowd.rows[0].panels[0].content else { unreachable!() };
        cells[3] = 2.0;
        assert!(texts(&crowd).contains(&"≥ 1.0".to_owned()));
    }

    #[test]
    fn scatter_alone_has_no_colour_bar() {
        let texts = texts(&figure(vec![Content::Points(vec![[0.0, 0.0]])]));
        assert!(!texts.iter().any(|text| text.starts_with("p(y|x)")));
    }

    #[test]
    fn wrong_panel_length_is_an_error() {
        let error = svg(&figure(vec![Content::LogDensity(vec![0.0; 3])])).unwrap_err();
        let expected = "panel \"panel <0>\" has 3 densities: a grid of 2 by 2 cells needs 4";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn nothing_to_draw_is_an_error() {
        assert!(matches!(svg(&figure(vec![])), Err(FigureError::Empty)));
        let mut no_cells = figure(vec![Content::LogDensity(vec![])]);
        no_cells.x.cells = 0;
        assert!(matches!(svg(&no_cells), Err(FigureError::EmptyGrid { .. })));
        let mut flat = figure(vec![Content::Points(vec![])]);
        flat.y.range = (1.0, 1.0);
        assert!(matches!(svg(&flat), Err(FigureError::BadRange { .. })));
    }
}
