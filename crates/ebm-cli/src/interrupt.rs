//! Signals that ask to stop: the first one saves and ends, the second one ends at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::exit::Exit;

/// Ctrl-C and a termination request.
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];
/// Ctrl-C, a termination request, and a terminal that was closed.
#[cfg(unix)]
const SIGNALS: [i32; 3] = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];

/// Set by the first of [`SIGNALS`].
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

/// Lets a write beyond the limit on the size of files fail, as on a full disk, instead of ending the process.
pub(crate) fn survive_file_size_limit() -> anyhow::Result<()> {
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)))?;
    Ok(())
}

impl Interrupt {
    /// Starts to listen.
    pub fn listen() -> anyhow::Result<Self> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in SIGNALS {
            // The order matters: a signal that finds the flag set ends the process, then the flag is set.
            signal_hook::flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, Arc::clone(&flag))?;
            signal_hook::flag::register(signal, Arc::clone(&flag))?;
        }
        Ok(Self(flag))
    }

    /// Whether a signal has come.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// What is set when a signal comes.
    pub fn flag(&self) -> &AtomicBool {
        &self.0
    }

    /// From now on the next signal ends the process at once: there is nothing to save. Whether a signal has come already.
    pub fn end_at_once(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }
}
