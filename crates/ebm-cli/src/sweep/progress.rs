//! Shows progress: a bar on a terminal, lines elsewhere.

use std::collections::HashSet;
use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use super::pool::{Ended, Event};
use crate::console::Console;
use crate::output::tell;

/// Progress over the networks of a sweep.
pub struct Progress {
    /// Only on a terminal.
    bar: Option<ProgressBar>,
    is_quiet: bool,
    /// Jobs of other processes, told once.
    held: HashSet<String>,
    pace: Pace,
}

impl Progress {
    /// Starts with `open` networks to train and `finished` ones done before.
    pub fn start(open: usize, finished: usize, console: Console) -> Self {
        let bar = (stderr().is_terminal() && !console.quiet).then(|| {
            let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} networks{msg}");
            let bar = ProgressBar::new((open + finished) as u64);
            bar.set_style(style.expect("the template is valid"));
            bar.set_position(finished as u64);
            bar
        });
        Self {
            bar,
            is_quiet: console.quiet,
            held: HashSet::new(),
            pace: Pace { started: Instant::now(), open, finished, ended: 0 },
        }
    }

    /// Shows an event.
    pub fn tell(&mut self, event: &Event) {
        match *event {
            Event::Ended { job, networks, how, took } => self.ended(job, networks, how, took),
            Event::Held { job } => {
                if self.held.insert(job.to_owned()) {
                    self.say(&format!("{job} is trained by another process; it is tried again until that ends"));
                }
            }
            Event::Stopping { running: 0 } => {}
            Event::Stopping { running } => self.say(&format!("stopping; programs still saving: {running}")),
            Event::Tick => {}
        }
        if let Some(bar) = &self.bar {
            bar.set_message(self.pace.words(self.pace.started.elapsed()));
        }
    }

    /// Removes the bar.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    fn ended(&mut self, job: &str, networks: usize, how: Ended, took: Duration) {
        let how = match how {
            Ended::Done => "done",
            Ended::Failed => "FAILED",
            Ended::Interrupted => "interrupted",
        };
        if how != "interrupted" {
            self.pace.ended += networks;
        }
        let pace = &self.pace;
        let position = pace.finished + pace.ended;
        match &self.bar {
            Some(bar) => {
                bar.set_position(position as u64);
                if how != "done" {
                    bar.println(format!("{job}: {how}"));
                }
            }
            None if self.is_quiet => {}
            None => {
                let all = pace.finished + pace.open;
                let words = pace.words(pace.started.elapsed());
                tell(format_args!("[{position} of {all}] {job}: {how} after {:.0} s{words}", took.as_secs_f64()));
            }
        }
    }

    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => tell(text),
        }
    }
}

/// Networks finished per minute, over the whole sweep: they take long and end in
/// groups, so a rate over the last few would jump.
struct Pace {
    started: Instant,
    open: usize,
    finished: usize,
    ended: usize,
}

impl Pace {
    /// `, 4.2 per minute, 12 minutes left`; empty before the first network ends.
    fn words(&self, elapsed: Duration) -> String {
        let left = self.open.saturating_sub(self.ended);
        if self.ended == 0 || left == 0 {
            return String::new();
        }
        let each = elapsed.as_secs_f64() / self.ended as f64;
        let remaining = Duration::from_secs_f64(each * left as f64);
        format!(", {:.1} per minute, {} left", 60.0 / each, HumanDuration(remaining))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_counts_only_what_this_process_trained() {
        let pace = Pace { started: Instant::now(), open: 10, finished: 90, ended: 4 };
        // Four in two minutes: two a minute, and six are left.
        assert_eq!(pace.words(Duration::from_secs(120)), ", 2.0 per minute, 3 minutes left");
    }

    #[test]
    fn there_is_no_rate_before_the_first_network() {
        let pace = Pace { started: Instant::now(), open: 10, finished: 0, ended: 0 };
        assert_eq!(pace.words(Duration::from_secs(9)), "");
    }
}
