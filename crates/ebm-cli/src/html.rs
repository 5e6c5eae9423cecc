//! A report as one HTML file: nothing is fetched from anywhere, nothing in it runs.
//!
//! A [`Page`] is plain data; [`html`] makes the document. Every text is escaped, so column names and paths may hold
//! anything. The page follows the reader's light or dark setting and fits a telephone; figures are drawn by [`figure`]
//! and take their colours from the page's style sheet.
//!
//! [`figure`]: crate::figure

mod page;
mod render;
mod style;
#[cfg(test)]
mod tests;

use crate::figure::FigureError;

pub use page::{Block, Command, Fact, Page, PageFigure, Section, Table};

/// The whole HTML document.
///
/// # Errors
/// When a figure cannot be drawn, as [`crate::figure::inline_plots`].
pub fn html(page: &Page) -> Result<String, FigureError> {
    render::document(page).map(|markup| markup.into_string().replace(is_forbidden, " "))
}

/// Control characters, which no page may hold.
fn is_forbidden(character: char) -> bool {
    character.is_control() && character != '\n' && character != '\t'
}
