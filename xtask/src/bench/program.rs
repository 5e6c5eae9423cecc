//! A program that is measured, and one turn of it.

use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use wait4::Wait4 as _;

/// Which clock is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    /// The program prints `{"median_ms": …, "version": …}` last.
    Its,
    /// Ours, from the start of the program to its end.
    Ours,
}

/// A program that is measured.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub name: String,
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, String)>,
    clock: Clock,
    version: String,
    /// Factor from the program's own time to the benchmark's.
    times: f64,
    /// Copies that run at the same time.
    copies: usize,
}

/// One turn.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    /// Time per copy: that of all copies together divided by their number.
    pub milliseconds: f64,
    /// Largest resident memory of one of them.
    pub peak_bytes: u64,
    pub version: String,
}

/// The last line that a program prints.
#[derive(Deserialize)]
struct Report {
    median_ms: f64,
    version: String,
}

impl Program {
    /// A program that prints its own time.
    pub(super) fn reporting(name: &str, program: &Path) -> Self {
        Self {
            name: name.to_owned(),
            program: program.to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            clock: Clock::Its,
            version: String::new(),
            times: 1.0,
            copies: 1,
        }
    }

    /// A program that is timed from start to end.
    pub(super) fn timed(name: &str, program: &Path, version: &str) -> Self {
        Self { clock: Clock::Ours, version: version.to_owned(), ..Self::reporting(name, program) }
    }

    /// Whether it is run by this file.
    pub(super) fn is(&self, program: &Path) -> bool {
        self.program == program
    }

    /// More arguments, separated by spaces.
    pub(super) fn arguments(mut self, words: &str) -> Self {
        self.arguments.extend(words.split_whitespace().map(OsString::from));
        self
    }

    /// One more argument, which may hold spaces; `{copy}` is replaced by the number of the copy.
    pub(super) fn argument(mut self, word: impl Into<OsString>) -> Self {
        self.arguments.push(word.into());
        self
    }

    pub(super) fn variable(mut self, name: &'static str, value: impl ToString) -> Self {
        self.variables.push((name, value.to_string()));
        self
    }

    pub(super) fn times(self, times: f64) -> Self {
        Self { times, ..self }
    }

    pub(super) fn copies(self, copies: usize) -> Self {
        Self { copies, ..self }
    }

    /// Runs it, all copies at once.
    ///
    /// # Errors
    /// When it cannot be run, fails, or prints no result.
    pub(super) fn turn(&self) -> Result<Turn> {
        let start = Instant::now();
        let children = (0..self.copies).map(|copy| self.start(copy)).collect::<Result<Vec<Child>>>()?;
        let ends = children.into_iter().map(|child| self.end(child)).collect::<Result<Vec<(String, u64)>>>()?;
        let whole = start.elapsed().as_secs_f64() * 1e3;
        let peak_bytes = ends.iter().map(|(_, peak)| *peak).max().unwrap_or_default();
        let (milliseconds, version) = match self.clock {
            Clock::Ours => (whole, self.version.clone()),
            Clock::Its => {
                let said = ends.iter().map(|(text, _)| self.report(text)).collect::<Result<Vec<Report>>>()?;
                let mean = said.iter().map(|said| said.median_ms).sum::<f64>() / said.len() as f64;
                (mean, said[0].version.clone())
            }
        };
        Ok(Turn { milliseconds: milliseconds * self.times / self.copies as f64, peak_bytes, version })
    }

    fn start(&self, copy: usize) -> Result<Child> {
        let mut command = Command::new(&self.program);
        let numbered = self.arguments.iter().map(|word| match word.to_str() {
            Some(text) => text.replace("{copy}", &copy.to_string()).into(),
            None => word.clone(),
        });
        command.args(numbered).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        command.spawn().with_context(|| format!("cannot start {}", self.program.display()))
    }

    /// Its output and its largest resident memory.
    fn end(&self, mut child: Child) -> Result<(String, u64)> {
        let mut text = String::new();
        child.stdout.take().expect("stdout is piped").read_to_string(&mut text)?;
        let used = child.wait4().with_context(|| format!("waiting for {}", self.name))?;
        if !used.status.success() {
            bail!("{} {:?} ended with {}", self.program.display(), self.arguments, used.status);
        }
        Ok((text, used.rusage.maxrss))
    }

    fn report(&self, text: &str) -> Result<Report> {
        let line = text.lines().next_back().unwrap_or_default();
        serde_json::from_str(line).with_context(|| format!("{} printed {line:?} instead of a result", self.name))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        Program::reporting("a shell", Path::new("sh")).argument("-c").argument(script)
    }

    #[test]
    fn a_turn_has_the_time_of_the_last_line_and_the_memory_of_the_process() {
        let program = shell(r#"echo noise; echo '{"median_ms": 3, "version": "v"}'"#);
        let turn = program.clone().times(10.0).copies(2).turn().unwrap();
        assert_eq!((turn.milliseconds, turn.version.as_str()), (15.0, "v"));
        assert!(turn.peak_bytes > 100_000, "{}", turn.peak_bytes);
        assert!(shell("echo nothing of use").turn().is_err());
        assert!(shell("exit 3").turn().is_err());
    }

    #[test]
    fn copies_run_side_by_side_and_know_their_number() {
        let script = r#"sleep 0.2; echo '{"median_ms": {copy}, "version": ""}'"#;
        let start = Instant::now();
        // The mean of 0 and 1, over two.
        assert_eq!(shell(script).copies(2).turn().unwrap().milliseconds, 0.25);
        assert!(start.elapsed().as_secs_f64() < 0.39);
    }

    #[test]
    fn a_whole_program_is_timed_from_outside() {
        let program = Program::timed("sleep", Path::new("sleep"), "v").arguments("0.1");
        let turn = program.turn().unwrap();
        assert!(turn.milliseconds >= 100.0 && turn.version == "v");
    }
}
