//! A claim on a job: while one process has it, no other trains the job.
//!
//! Claims are files `1`, `2`, … in a folder of the job. Whoever makes the next number has the job: a file can be made anew
//! by one process alone, also on NFS (version 3 and later), where locks of files may hold on one machine only. A number is
//! never used again, and no claim is deleted, so nobody can take away a claim that he has not seen.
//!
//! The holder writes its claim anew every [`Rhythm::refresh`]. The next number may be made once the claim says that the
//! job has ended, once its process is known to be dead, or once it was not written for [`Rhythm::stale`]. Ages are those
//! of the server of the files, so clocks need not agree. A holder that could not write for half that time, or that finds a
//! higher number, ends at once and leaves the run to others.

pub mod note;
mod refresh;
pub mod worker;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::SystemTime;

use self::note::{Claim, End, Rhythm, now, write};
use self::refresh::Refresh;
use self::worker::{Life, Worker};
use crate::exit::{Exit, failure};

/// The state of a job's claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Latest {
    /// There is none.
    None,
    /// A process has the job.
    Held(Option<Claim>),
    /// The last process has ended the job, for now or for good.
    Ended(End),
    /// The last process is gone without a word.
    Lost,
}

/// What became of the attempt to take a job.
pub enum Taken {
    /// This process has it.
    Mine(Holding),
    /// Another process has it.
    Held(Option<Claim>),
}

/// A claim of this process. Dropped without [`Holding::end`], it stays until this process has ended.
pub struct Holding {
    file: File,
    claim: Claim,
    refresh: Refresh,
}

/// Longer messages of errors are cut, so that a claim is one small write.
const LONGEST: usize = 500;

/// Takes a job if nobody has it. `lost` is called, on a thread of its own, when the claim is lost.
///
/// # Errors
/// When the folder cannot be used. A folder in which files cannot be made one by one holds no claims, so nothing is
/// trained there.
pub fn take(folder: &Path, rhythm: Rhythm, lost: fn(&str)) -> anyhow::Result<Taken> {
    let cannot = |error: io::Error| {
        let message =
            format!("cannot claim the job in {}: {error}; nothing is trained without a claim", folder.display());
        failure(Exit::CannotWrite, message)
    };
    fs::create_dir_all(folder).map_err(cannot)?;
    // A listing on a network may be some seconds old: a number that could not be made is known to be there.
    let mut known = 0;
    loop {
        let number = latest_number(folder).map_err(cannot)?.max(known);
        if let Latest::Held(claim) = look(folder, number, rhythm).map_err(cannot)? {
            return Ok(Taken::Held(claim));
        }
        let path = folder.join((number + 1).to_string());
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => known = number + 1,
            Err(error) => return Err(cannot(error)),
            Ok(file) => {
                let claim = Claim { worker: Worker::this(), time: now(), end: None };
                write(&file, &claim).map_err(cannot)?;
                let next = folder.join((number + 2).to_string());
                let refresh = Refresh::start(file.try_clone().map_err(cannot)?, claim.clone(), next, rhythm, lost);
                return Ok(Taken::Mine(Holding { file, claim, refresh }));
            }
        }
    }
}

/// Looks at the claims of a job.
///
/// # Errors
/// When they cannot be read.
pub fn latest(folder: &Path, rhythm: Rhythm) -> io::Result<Latest> {
    look(folder, latest_number(folder)?, rhythm)
}

impl Holding {
    /// Gives the job back and says how it ended.
    ///
    /// # Errors
    /// When that cannot be written: the claim then stays until this process has ended.
    pub fn end(mut self, exit: u8, message: &str) -> io::Result<()> {
        self.refresh.stop();
        self.claim.end = Some(End { exit, message: message.chars().take(LONGEST).collect() });
        self.claim.time = now();
        write(&self.file, &self.claim)
    }
}

/// The highest number in a folder; 0 if there is none.
fn latest_number(folder: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut latest = 0;
    for entry in entries {
        let number = entry?.file_name().to_str().and_then(|name| name.parse().ok());
        latest = number.unwrap_or(0).max(latest);
    }
    Ok(latest)
}

fn look(folder: &Path, number: u64, rhythm: Rhythm) -> io::Result<Latest> {
    if number == 0 {
        return Ok(Latest::None);
    }
    let path = folder.join(number.to_string());
    // Opening asks the server for what is there now; a file known by name alone may be remembered.
    let file = File::open(&path)?;
    // A claim that is made but not written yet, or that a killed process left so.
    let claim: Option<Claim> = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    match &claim {
        Some(Claim { end: Some(end), .. }) => return Ok(Latest::Ended(end.clone())),
        Some(Claim { worker, .. }) => match worker.life() {
            Life::Alive => return Ok(Latest::Held(claim)),
            Life::Dead => return Ok(Latest::Lost),
            Life::Unknown => {}
        },
        None => {}
    }
    let age = time_of_files(folder)?.duration_since(file.metadata()?.modified()?).unwrap_or_default();
    Ok(if age < rhythm.stale { Latest::Held(claim) } else { Latest::Lost })
}

/// The time that a file gets which is written now: that of the server, wherever the folder is. Only read where it cannot
/// be written, as by somebody who looks at the states of another person's runs.
fn time_of_files(folder: &Path) -> io::Result<SystemTime> {
    let probe = folder.join(format!(".now-{}", std::process::id()));
    let written = (|| {
        let mut file = File::create(&probe)?;
        file.write_all(b"now")?;
        file.sync_data()?;
        File::open(&probe)?.metadata()?.modified()
    })();
    // Several threads may look at once: the last one removes it.
    let _ = fs::remove_file(&probe);
    Ok(written.unwrap_or_else(|_| SystemTime::now()))
}

#[cfg(test)]
mod tests;
