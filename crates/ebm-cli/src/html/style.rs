//! The style sheet.

use crate::figure::{FAINT, INK, PAPER};

/// The part that does not depend on the figures' colours.
const SHEET: &str = include_str!("style.css");

/// The style sheet, with the figures' colours replaced by the page's.
///
/// A figure is written in fixed colours, as presentation attributes, which any rule overrides.
pub(super) fn sheet() -> String {
    format!(
        "{SHEET}\
         .figure{{fill:var(--ink)}}\n\
         .figure [fill=\"{PAPER}\"]{{fill:var(--card)}}\n\
         .figure [stroke=\"{INK}\"]{{stroke:var(--muted)}}\n\
         .figure [stroke=\"{FAINT}\"]{{stroke:var(--faint)}}\n"
    )
}
