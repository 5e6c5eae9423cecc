//! What a claim says, and writing it.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::worker::Worker;

/// How often a claim is written, and when it counts no more.
#[derive(Debug, Clone, Copy)]
pub struct Rhythm {
    /// Time between two writes.
    pub refresh: Duration,
    /// Time without a write after which the holder counts as lost.
    pub stale: Duration,
}

impl Rhythm {
    /// Short beside a training, and longer than a file server is usually away.
    pub const USUAL: Self = Self { refresh: Duration::from_secs(10), stale: Duration::from_secs(120) };
}

/// What a claim says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Who has it.
    pub worker: Worker,
    /// When it was last written, in seconds since 1970 on the holder's clock; for people.
    pub time: u64,
    /// How the job ended, once it has.
    pub end: Option<End>,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The exit code.
    pub exit: u8,
    /// What went wrong; empty if nothing did.
    pub message: String,
}

/// Every claim is written with blanks up to this many bytes: a write never leaves the end of a longer one.
const BYTES: usize = 2048;

/// Writes a claim in the place of what the file holds.
///
/// # Errors
/// When it cannot be written.
pub fn write(mut file: &File, claim: &Claim) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(claim)?;
    bytes.resize(bytes.len().max(BYTES - 1), b' ');
    bytes.push(b'\n');
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&bytes)?;
    file.sync_data()
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
