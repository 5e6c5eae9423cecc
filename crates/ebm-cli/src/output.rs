//! Standard output is data; a reader that has seen enough is not an error. Standard error is for people, who may leave.

use std::fmt::Display;
use std::io::{self, Write};

use anyhow::Context;

/// Writes lines to stdout, buffered. A closed pipe ends the program quietly, as `head` expects.
pub(crate) fn print(text: impl AsRef<str>) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_ref().as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        result => result.context("writing to standard output"),
    }
}

/// One line to stderr. Nobody to read it, as after a terminal was closed, is no reason to stop.
pub fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// One JSON value and a newline.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print(text)
}
