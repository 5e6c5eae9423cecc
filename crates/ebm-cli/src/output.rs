//! Standard output is data, and a closed pipe is not an error. Standard error is for people, and may be closed.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};

use anyhow::Context;

/// Writes lines for people to stdout, buffered, with control characters made visible. A closed pipe ends the program
/// quietly, as `head` expects.
pub(crate) fn print(text: impl AsRef<str>) -> anyhow::Result<()> {
    print_data(&visible(text.as_ref()))
}

/// Data of a program as it is.
pub(crate) fn print_data(text: &str) -> anyhow::Result<()> {
    let write = || Stdout.write_all(text.as_bytes()).and_then(|()| Stdout.flush());
    write().context("writing to standard output")
}

/// Text for a terminal: control characters, and those that change the direction of writing, become escapes such as
/// `\u{1b}`. Names and cells of a file may hold what a terminal takes for commands.
fn visible(text: &str) -> Cow<'_, str> {
    let acts = |c: char| {
        c.is_control() && c != '\n' && c != '\t' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().map(|c| if acts(c) { c.escape_default().to_string() } else { c.to_string() });
    Cow::Owned(shown.collect())
}

/// Standard output as something to write to, with [`print`]'s manners.
pub(crate) struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        ending_quietly(io::stdout().lock().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        ending_quietly(io::stdout().lock().flush())
    }
}

/// A closed pipe ends the program without an error.
fn ending_quietly<T>(result: io::Result<T>) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        result => result,
    }
}

/// One line to stderr, with control characters made visible. A closed terminal is not an error.
pub fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{}", visible(&line.to_string()));
}

/// One JSON value and a newline.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print_data(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_shown_instead() {
        assert_eq!(visible("µ → 3\n\tb"), "µ → 3\n\tb");
        assert_eq!(visible("a\u{1b}[31mb\u{9b}c\r\u{7f}\u{202e}"), "a\\u{1b}[31mb\\u{9b}c\\r\\u{7f}\\u{202e}");
    }
}
