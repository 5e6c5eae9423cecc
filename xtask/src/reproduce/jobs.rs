//! Runs many programs, a few at a time, and stops them in order.
//!
//! A program says how it ended by its exit code, as `ebm` does: 0 done,
//! 1 failed (counted, the others go on), 75 interrupted. 73 is the answer when
//! another process holds the run, one left over from a task that was killed for
//! example: it is tried again. Anything else ends the task.

mod child;

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result};

pub use child::Job;

/// How often running programs are looked at.
const POLL: Duration = Duration::from_millis(50);

/// What happens, told while it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A program ended in one of the expected ways.
    Ended { job: &'a str, networks: usize, how: Ended, took: Duration },
    /// A program found its run held by another process; it is tried again.
    Held { job: &'a str },
    /// No more programs are started; this many still run.
    Stopping { running: usize },
    /// Some time has passed.
    Tick,
}

/// The expected ways to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// With a result.
    Done,
    /// With a failure that concerns this job alone.
    Failed,
    /// Early, to be continued another time.
    Interrupted,
}

/// How many jobs ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// With a result.
    pub done: usize,
    /// With a failure.
    pub failed: usize,
    /// Early.
    pub interrupted: usize,
    /// Not at all: stopped before their turn.
    pub not_started: usize,
}

/// Places for programs, and when to stop.
pub struct Pool<'a> {
    /// Programs side by side.
    pub at_once: NonZeroUsize,
    /// Set from outside: start nothing more and end what runs.
    pub stop: &'a AtomicBool,
    /// After `stop`, how long programs may take before they are told to end. A
    /// terminal tells them when it tells us, and a second time would hurry them.
    pub grace: Duration,
    /// How long to wait before trying again what another process holds.
    pub retry: Duration,
    /// How long to keep trying.
    pub patience: Duration,
}

impl Pool<'_> {
    /// Runs every job, or as many as there is time for until `stop` is set.
    ///
    /// # Errors
    /// If a program cannot be started or ends in an unexpected way. The others
    /// are told to end, and waited for, first.
    pub fn run(&self, jobs: Vec<Job>, mut tell: impl FnMut(Event)) -> Result<Counts> {
        let mut queue: VecDeque<Waiting> = jobs.into_iter().map(Waiting::new).collect();
        let mut running: Vec<Running> = Vec::new();
        let mut counts = Counts::default();
        let mut broken: Option<Error> = None;
        let mut end_at: Option<Instant> = None;
        loop {
            if end_at.is_none() && (broken.is_some() || self.stop.load(Ordering::SeqCst)) {
                // That one program broke is not known to the others.
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
                    // The first cause is the one to show.
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

    /// Starts jobs while there are places and jobs whose time has come.
    fn fill(&self, queue: &mut VecDeque<Waiting>, running: &mut Vec<Running>) -> Result<()> {
        while running.len() < self.at_once.get() {
            let now = Instant::now();
            let Some(next) = queue.iter().position(|waiting| waiting.not_before <= now) else { break };
            let waiting = queue.remove(next).expect("the position is in the queue");
            let child = child::start(&waiting.job)?;
            running.push(Running { waiting, child, since: now, told: false });
        }
        Ok(())
    }

    fn judge(&self, ended: &Running, status: ExitStatus, stopping: bool) -> Verdict {
        let patient = ended.waiting.held_since.is_none_or(|since| since.elapsed() < self.patience);
        match status.code() {
            Some(0) => Verdict::Ended(Ended::Done),
            Some(1) => Verdict::Ended(Ended::Failed),
            Some(75) => Verdict::Ended(Ended::Interrupted),
            // Held, or ended by the signal before it could listen.
            Some(73) | None if stopping => Verdict::Ended(Ended::Interrupted),
            Some(73) if patient => Verdict::Held,
            _ => Verdict::Broken(child::unexpected_end(&ended.waiting.job, status)),
        }
    }
}

/// A job in the queue.
struct Waiting {
    job: Job,
    /// When its run was first found held by another process.
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
