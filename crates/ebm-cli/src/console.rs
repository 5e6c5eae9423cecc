//! What every command tells a person, and whether it does.

use std::fmt::Display;
use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::tell;

/// The options that every command has.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    /// Print machine-readable JSON to stdout.
    pub json: bool,
    /// Print no progress, only warnings and errors.
    pub quiet: bool,
}

impl Console {
    /// Tells a person something that is not data.
    pub fn say(self, text: impl Display) {
        if !self.quiet {
            tell(text);
        }
    }

    /// Warns a person, also under `--quiet`.
    pub fn warn(self, text: impl Display) {
        tell(format_args!("warning: {text}"));
    }

    /// Counts the finished part of `total` things.
    pub fn counter(self, what: &str, total: usize) -> ProgressBar {
        self.bar(Some(total), "{wide_bar} {pos}/{len} {msg}, {eta} left").with_message(what.to_owned())
    }

    /// Counts the finished rows of a stream of unknown length.
    pub fn row_counter(self) -> ProgressBar {
        self.bar(None, "{spinner} {human_pos} rows, {per_sec}")
    }

    /// A progress bar; hidden under `--quiet` and where stderr is not a terminal.
    pub fn bar(self, total: Option<usize>, template: &str) -> ProgressBar {
        let shown = !self.quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template(template).expect("a valid template");
        ProgressBar::with_draw_target(total.map(|total| total as u64), target).with_style(style)
    }
}
