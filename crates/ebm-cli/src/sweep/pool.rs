//! Runs many programs, a few at a time, and stops them cleanly.
//!
//! The exit codes are those of `ebm`: 0 done; 1 failed (counted, the others
//! continue); 75 interrupted; 73 another process has the run, on this machine or
//! on another one, and it is tried again. Any other code ends the sweep.

mod child;

use std::collections::VecDeque;
use std::ffi::OsString;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result};

pub use child::Job;

/// How often running programs are looked at.
const POLL: Duration = Duration::from_millis(50);

/// What happens while the programs run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A program ended in one of the expected ways.
    Ended { job: &'a str, networks: usize, how: Ended, took: Duration },
    /// The run of a program is locked by another process; it is tried again.
    Held { job: &'a str },
    /// No more programs are started; this many still run.
    Stopping { running: usize },
    /// Some time has passed.
    Tick,
}

/// The expected ways to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The program has a result.
    Done,
    /// The job failed; the others are not affected.
    Failed,
    /// Stopped early; can be continued.
    Interrupted,
}

/// Number of jobs by how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Jobs with a result.
    pub done: usize,
    /// Jobs that failed.
    pub failed: usize,
    /// Jobs stopped early.
    pub interrupted: usize,
    /// Jobs not started before the stop.
    pub not_started: usize,
}

/// Where programs run, and when to stop.
pub struct Pool<'a> {
    /// Where programs run, one at a time at each: the arguments that a program is given there.
    pub places: Vec<Vec<OsString>>,
    /// Set by the caller: start no more programs and end those that run.
    pub stop: &'a AtomicBool,
    /// Time after `stop` before the programs are asked to end. A terminal
    /// signals them together with us, and a second signal would end them at once.
    pub grace: Duration,
    /// Time before a locked run is tried again.
    pub retry: Duration,
    /// Time after which a locked run is an error.
    pub patience: Duration,
}

impl Pool<'_> {
    /// Runs every job, or as many as there is time for until `stop` is set.
    ///
    /// # Errors
    /// If a program cannot be started or ends in an unexpected way. The others
    /// are asked to end, and waited for, first.
    ///
    /// # Panics
    /// If there are no places.
    pub fn run(&self, jobs: Vec<Job>, mut tell: impl FnMut(Event)) -> Result<Counts> {
        assert!(!self.places.is_empty(), "programs need a place to run");
        let mut queue: VecDeque<Waiting> = jobs.into_iter().map(Waiting::new).collect();
        let mut running: Vec<Running> = Vec::new();
        let mut counts = Counts::default();
        let mut broken: Option<Error> = None;
        let mut end_at: Option<Instant> = None;
        loop {
            if end_at.is_none() && (broken.is_some() || self.stop.load(Ordering::SeqCst)) {
                // After an unexpected end the other programs have had no signal yet.
                let grace = if broken.is_some() { Duration::ZERO } else { self.grace };
                end_at = Some(Instant::now() + grace);
                tell(Event::Stopping { running: running.len() });
            }
            match end_at {
                None => broken = self.fill(&mut queue, &mut running).err(),
                Some(at) if at <= Instant::now() => running.iter_mut().for_each(Running::tell_to_end),
                Some(_) => {}
            }
            for (ended, status) in take_ended(&mut running)? {
                match self.judge(&ended, status, end_at.is_some()) {
                    Verdict::Ended(how) => {
                        counts.add(how);
                        let Job { name, networks, .. } = &ended.waiting.job;
                        let took = ended.since.elapsed();
                        tell(Event::Ended { job: name, networks: *networks, how, took });
                    }
                    Verdict::Held => {
                        tell(Event::Held { job: &ended.waiting.job.name });
                        queue.push_back(ended.waiting.again(self.retry));
                    }
                    // The first error is the one to show.
                    Verdict::Broken(error) => broken = broken.or(Some(error)),
                }
            }
            if running.is_empty() {
                if let Some(error) = broken {
                    return Err(error);
                }
                if queue.is_empty() || end_at.is_some() {
                    return Ok(Counts { not_started: queue.len(), ..counts });
                }
            }
            tell(Event::Tick);
            thread::sleep(POLL);
        }
    }

    /// Starts jobs that are due, up to the number that may run at a time.
    fn fill(&self, queue: &mut VecDeque<Waiting>, running: &mut Vec<Running>) -> Result<()> {
        while let Some(place) = (0..self.places.len()).find(|place| running.iter().all(|other| other.place != *place)) {
            let now = Instant::now();
            let Some(next) = queue.iter().position(|waiting| waiting.not_before <= now) else { break };
            let waiting = queue.remove(next).expect("the position is in the queue");
            let child = child::start(&waiting.job, &self.places[place])?;
            running.push(Running { waiting, child, place, since: now, told: false });
        }
        Ok(())
    }

    fn judge(&self, ended: &Running, status: ExitStatus, stopping: bool) -> Verdict {
        let patient = ended.waiting.held_since.is_none_or(|since| since.elapsed() < self.patience);
        match status.code() {
            Some(0) => Verdict::Ended(Ended::Done),
            Some(1) => Verdict::Ended(Ended::Failed),
            Some(75) => Verdict::Ended(Ended::Interrupted),
            // Locked, or ended by the signal before it could handle it.
            Some(73) | None if stopping => Verdict::Ended(Ended::Interrupted),
            Some(73) if patient => Verdict::Held,
            _ => Verdict::Broken(child::unexpected_end(&ended.waiting.job, status)),
        }
    }
}

/// A job in the queue.
struct Waiting {
    job: Job,
    /// When its run was first found locked by another process.
    held_since: Option<Instant>,
    not_before: Instant,
}

impl Waiting {
    fn new(job: Job) -> Self {
        Self { job, held_since: None, not_before: Instant::now() }
    }

    fn again(self, retry: Duration) -> Self {
        let now = Instant::now();
        Self { held_since: self.held_since.or(Some(now)), not_before: now + retry, ..self }
    }
}

/// A job with its program.
struct Running {
    waiting: Waiting,
    child: Child,
    place: usize,
    since: Instant,
    told: bool,
}

impl Running {
    fn tell_to_end(&mut self) {
        if !self.told {
            self.told = true;
            child::ask_to_end(&self.child);
        }
    }
}

enum Verdict {
    Ended(Ended),
    Held,
    Broken(Error),
}

impl Counts {
    fn add(&mut self, how: Ended) {
        match how {
            Ended::Done => self.done += 1,
            Ended::Failed => self.failed += 1,
            Ended::Interrupted => self.interrupted += 1,
        }
    }
}

/// Removes the programs that have ended from `running`.
fn take_ended(running: &mut Vec<Running>) -> Result<Vec<(Running, ExitStatus)>> {
    let mut ended = Vec::new();
    let mut index = 0;
    while index < running.len() {
        match running[index].child.try_wait().context("waiting for a program")? {
            Some(status) => ended.push((running.swap_remove(index), status)),
            None => index += 1,
        }
    }
    Ok(ended)
}

#[cfg(all(test, unix))]
mod tests;
