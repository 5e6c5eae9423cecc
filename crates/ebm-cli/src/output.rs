//! Standard output is data, and a closed pipe is not an error. Standard error is for people, and may be closed.

use std::fmt::Display;
use std::io::{self, Write};

use anyhow::Context;

/// Writes lines to stdout, buffered. A closed pipe ends the program quietly, as `head` expects.
pub(crate) fn print(text: impl AsRef<str>) -> anyhow::Result<()> {
    let write = || Stdout.write_all(text.as_ref().as_bytes()).and_then(|()| Stdout.flush());
    write().context("writing to standard output")
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

/// One line to stderr. A closed terminal is not an error.
pub fn tell(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// One JSON value and a newline.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    print(text)
}
