//! The key to the heat maps of a figure.

use super::{
    colour::{ColourScale, LEVELS, colour},
    error::FigureError,
    frame::Frame,
    heat_map::colour_strip,
    svg::{Anchor, INK, Scaling, Svg, TEXT_SIZE, text_width},
    ticks::{ticks, two_digits},
};

const WIDTH: f64 = 14.0;
const HEIGHT_LIMIT: f64 = 320.0;

/// How wide the bar is with its numbers and label.
pub(super) fn room(scale: ColourScale) -> f64 {
    let ticks = ticks((0.0, scale.top), 6).into_iter().map(|tick| tick.label);
    let widths = ticks.chain([top_label(scale)]).map(|label| text_width(&label, TEXT_SIZE));
    WIDTH + widths.fold(0.0, f64::max) + 32.0
}

fn top_label(scale: ColourScale) -> String {
    format!("≥ {}", two_digits(scale.top))
}

/// Draws the bar and its label between the given heights, from `left` to the right.
pub(super) fn draw(svg: &mut Svg, scale: ColourScale, left: f64, (top, bottom): (f64, f64)) -> Result<(), FigureError> {
    let spare = (bottom - top - HEIGHT_LIMIT).max(0.0);
    let (tip, bottom) = (top + spare / 2.0, bottom - spare / 2.0);
    let arrow = if scale.saturates { 12.0 } else { 0.0 };
    let bar = Frame {
        left,
        top: tip + arrow,
        width: WIDTH,
        height: bottom - tip - arrow,
        x_range: (0.0, 1.0),
        y_range: (0.0, scale.top),
    };
    svg.image((bar.left, bar.top), (bar.width, bar.height), &colour_strip()?, Scaling::Smooth);
    if scale.saturates {
        let (middle, right) = (left + WIDTH / 2.0, bar.right());
        let arrow = format!("M{left} {0}L{middle} {tip}L{right} {0}Z", bar.top);
        svg.fill(&arrow, colour(LEVELS - 1));
    }
    svg.outline(bar.left, bar.top, bar.width, bar.height);

    let mut marks: Vec<(f64, String)> = ticks(bar.y_range, (bar.height / 34.0) as usize)
        .into_iter()
        .map(|tick| (bar.place(0.0, tick.value).1, tick.label))
        .collect();
    if scale.saturates {
        marks.retain(|(y, _)| y - bar.top > TEXT_SIZE);
        marks.push((bar.top, top_label(scale)));
    }
    for (y, label) in marks {
        svg.line((bar.right(), y), (bar.right() + 4.0, y), INK);
        svg.text((bar.right() + 7.0, y + 4.5), TEXT_SIZE, Anchor::Start, &label);
    }
    let middle = (tip + bottom) / 2.0;
    let label_x = left + room(scale) - 4.0;
    svg.upright_text((label_x, middle), TEXT_SIZE + 1.0, "p(y|x), density per unit y");
    Ok(())
}
