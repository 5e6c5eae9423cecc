//! The thread that writes a claim anew while its job runs.

use std::fs::File;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use super::note::{Claim, Rhythm, now, write};

/// Writes until it is stopped or dropped.
pub struct Refresh {
    /// Closed to stop.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Refresh {
    /// `next` is the file that whoever takes the job away would make.
    pub fn start(file: File, mut claim: Claim, next: PathBuf, rhythm: Rhythm, lost: fn(&str)) -> Self {
        let (running, stopped) = channel();
        let work = move || {
            let mut written = Instant::now();
            while stopped.recv_timeout(rhythm.refresh) == Err(RecvTimeoutError::Timeout) {
                // As after this process was stopped and went on: others may have taken the job by now.
                if written.elapsed() > rhythm.stale / 2 {
                    return lost("the claim on this job could not be renewed");
                }
                // Opened, not looked up: that a name is missing may be remembered.
                if File::open(&next).is_ok() {
                    return lost("another process has taken this job");
                }
                claim.time = now();
                if write(&file, &claim).is_ok() {
                    written = Instant::now();
                }
            }
        };
        Self { running: Some(running), thread: Some(std::thread::spawn(work)) }
    }

    /// Nothing is written afterwards.
    pub fn stop(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the thread does not panic");
        }
    }
}
