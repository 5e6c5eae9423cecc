//! A small SVG document writer.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};

/// Colour of text, borders and tick marks.
pub const INK: &str = "#222";

/// Colour of lines that must not compete with the data.
pub const FAINT: &str = "#e4e4e4";

/// Colour behind everything, and of plates that keep a text readable.
pub const PAPER: &str = "#fff";

/// Size of tick labels; other text is a little larger.
pub(super) const TEXT_SIZE: f64 = 13.0;

/// Space between the picture and its edge.
pub(super) const MARGIN: f64 = 14.0;

/// Room that a title takes, below the margin.
pub(super) const TITLE_ROOM: f64 = 30.0;

const TITLE_SIZE: f64 = 17.0;

/// Which point of a text its position names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The first character.
    Start,
    /// The centre.
    Middle,
    /// The last character.
    End,
}

/// How an image of few pixels fills a large rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scaling {
    /// Neighbouring pixels blend.
    Smooth,
    /// Each pixel is a rectangle of one colour.
    Cells,
}

/// A picture under construction. Lengths are CSS pixels.
#[derive(Debug, Clone)]
pub(super) struct Svg {
    /// Extent across.
    pub width: f64,
    /// Extent down.
    pub height: f64,
    title: String,
    body: String,
}

impl Svg {
    /// A white picture with a title centred at `title_x`, at least as wide as the title.
    pub fn new((width, height): (f64, f64), title: &str, title_x: f64) -> Self {
        let half = text_width(title, TITLE_SIZE) / 2.0;
        let title_x = title_x.max(MARGIN + half);
        let width = width.max(title_x + half + MARGIN).ceil();
        let mut svg = Self { width, height: height.ceil(), title: title.to_owned(), body: String::new() };
        svg.text((title_x, MARGIN + 16.0), TITLE_SIZE, Anchor::Middle, title);
        svg
    }

    /// The whole document.
    pub fn document(&self) -> String {
        let (width, height) = (self.width, self.height);
        // Verdana has the widths of DejaVu Sans where that is not installed.
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \
             xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
             width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"DejaVu Sans, Verdana, sans-serif\" fill=\"{INK}\">\n<title>{}</title>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"{PAPER}\"/>\n{}</svg>\n",
            escape(&self.title),
            self.body
        )
    }

    /// The drawing as an element of an HTML page, without a background; it shrinks to the room that there is.
    pub fn inline(&self, name: &str) -> String {
        let (width, height) = (self.width, self.height);
        format!(
            "<svg class=\"figure\" role=\"img\" aria-label=\"{}\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" fill=\"{INK}\">\n{}</svg>",
            escape(name),
            self.body
        )
    }

    /// Horizontal text with its baseline at `y`.
    pub fn text(&mut self, (x, y): (f64, f64), size: f64, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        if text.is_empty() {
            return;
        }
        self.push(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\">{}</text>",
            escape(text)
        ));
    }

    /// Text that reads from bottom to top, centred at a point of its baseline.
    pub fn upright_text(&mut self, (x, y): (f64, f64), size: f64, text: &str) {
        if text.is_empty() {
            return;
        }
        self.push(format_args!(
            "<text transform=\"translate({x:.1} {y:.1}) rotate(-90)\" font-size=\"{size}\" \
             text-anchor=\"middle\">{}</text>",
            escape(text)
        ));
    }

    /// A short remark on a white plate whose upper left corner is given.
    pub fn remark(&mut self, (x, y): (f64, f64), text: &str) {
        let size = TEXT_SIZE - 2.0;
        let width = text_width(text, size) + 8.0;
        self.push(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"17\" fill=\"{PAPER}\" \
             fill-opacity=\"0.85\"/>"
        ));
        self.text((x + 4.0, y + 12.5), size, Anchor::Start, text);
    }

    /// A hairline.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str) {
        self.push(format_args!(
            "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"{colour}\"/>",
            from.0, from.1, to.0, to.1
        ));
    }

    /// A rectangle drawn as its border.
    pub fn outline(&mut self, x: f64, y: f64, width: f64, height: f64) {
        self.push(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             fill=\"none\" stroke=\"{INK}\"/>"
        ));
    }

    /// Dots at the given places.
    pub fn dots(&mut self, places: impl Iterator<Item = (f64, f64)>, colour: &str) {
        self.push(format_args!("<g fill=\"{colour}\" fill-opacity=\"0.45\">"));
        for (x, y) in places {
            self.push(format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"1.3\"/>"));
        }
        self.push(format_args!("</g>"));
    }

    /// A path without fill; `data` is SVG path data, `dashes` may be empty.
    pub fn stroke(&mut self, data: &str, colour: &str, dashes: &str) {
        self.push(format_args!(
            "<path d=\"{data}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\" \
             stroke-linejoin=\"round\" stroke-linecap=\"round\" stroke-dasharray=\"{}\"/>",
            if dashes.is_empty() { "none" } else { dashes }
        ));
    }

    /// A tinted shape without a border; `data` is SVG path data.
    pub fn tint(&mut self, data: &str, colour: &str) {
        self.push(format_args!("<path d=\"{data}\" fill=\"{colour}\" fill-opacity=\"0.3\"/>"));
    }

    /// A filled shape; `data` is SVG path data.
    pub fn fill(&mut self, data: &str, [r, g, b]: [u8; 3]) {
        self.push(format_args!("<path d=\"{data}\" fill=\"#{r:02x}{g:02x}{b:02x}\" stroke=\"{INK}\"/>"));
    }

    /// A PNG stretched over a rectangle.
    pub fn image(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), png: &[u8], scaling: Scaling) {
        let rendering = match scaling {
            Scaling::Smooth => "auto",
            Scaling::Cells => "pixelated",
        };
        self.push(format_args!(
            "<image x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             preserveAspectRatio=\"none\" style=\"image-rendering:{rendering}\" xlink:href=\"data:image/png;base64,{}\"/>",
            STANDARD.encode(png)
        ));
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        writeln!(self.body, "{element}").expect("a String accepts all text");
    }
}

/// About how wide a text is; the layout leaves room for the rest.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    0.62 * size * text.chars().count() as f64
}

/// Text as XML character data or attribute value. Control characters, which XML forbids, become spaces.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            control if control.is_control() => escaped.push(' '),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_widens_the_picture() {
        assert!(Svg::new((60.0, 40.0), "longer than the picture", 30.0).width > 180.0);
        assert_eq!(Svg::new((60.0, 40.0), "", 30.0).width, 60.0);
    }

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(escape("a < b & \"c\"\u{0}"), "a &lt; b &amp; &quot;c&quot; ");
    }
}
