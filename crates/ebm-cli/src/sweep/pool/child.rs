//! One program: starting it with a log, asking it to end, and the end of its log.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context, Error, Result, anyhow};

/// Lines shown of the log of a program that ended the sweep.
const TAIL: usize = 20;

/// One program to run.
#[derive(Debug)]
pub struct Job {
    /// Name shown to people.
    pub name: String,
    /// How many networks it trains.
    pub networks: usize,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// File that its stderr is appended to.
    pub log: PathBuf,
}

/// Starts the program with these arguments besides its own; its log begins with the command.
pub(super) fn start(job: &Job, besides: &[OsString]) -> Result<Child> {
    let mut command = Command::new(&job.program);
    command.args(&job.args).args(besides).stdin(Stdio::null()).stdout(Stdio::null());
    let shown = job.log.display();
    let log = OpenOptions::new().create(true).append(true).open(&job.log);
    let mut log = log.with_context(|| format!("opening the log {shown}"))?;
    writeln!(log, "$ {command:?}").with_context(|| format!("writing the log {shown}"))?;
    let child = command.stderr(log).spawn();
    child.with_context(|| format!("starting {} for {}", job.program.display(), job.name))
}

/// Asks a program to save and end, where the system has a way to ask.
#[cfg(unix)]
pub(super) fn ask_to_end(child: &Child) {
    // It may have ended just now; then there is nothing to ask.
    let _ = Command::new("sh").args(["-c", &format!("kill -TERM {}", child.id())]).stderr(Stdio::null()).status();
}

/// On other systems the terminal has asked it, or it ends when its network is trained.
#[cfg(not(unix))]
pub(super) fn ask_to_end(_child: &Child) {}

/// The error of a program that ended in an unexpected way, with the end of its log.
pub(super) fn unexpected_end(job: &Job, status: ExitStatus) -> Error {
    let log = job.log.display();
    match tail(&job.log) {
        Ok(tail) => anyhow!("{} ended with {status}. The end of {log}:\n{tail}", job.name),
        Err(error) => anyhow!("{} ended with {status}; its log {log} cannot be read: {error}", job.name),
    }
}

fn tail(log: &Path) -> io::Result<String> {
    let bytes = fs::read(log)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines[lines.len().saturating_sub(TAIL)..].join("\n"))
}
