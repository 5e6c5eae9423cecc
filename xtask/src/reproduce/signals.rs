//! Signals that ask to stop: the sweep ends for them, and this process waits until it has.

#[cfg(unix)]
pub use unix::Told;

#[cfg(unix)]
mod unix {
    use std::process::{Command, Stdio};

    use anyhow::{Context, Result};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    /// The signals that come from now on. None ends this process.
    pub struct Told(Signals);

    impl Told {
        /// Starts to listen.
        pub fn listen() -> Result<Self> {
            Ok(Self(Signals::new([SIGINT, SIGTERM, SIGHUP]).context("listening to signals")?))
        }

        /// Passes on the signal that no terminal sends.
        pub fn pass_on_to(mut self, process: u32) {
            std::thread::spawn(move || {
                for signal in self.0.forever() {
                    if signal == SIGTERM {
                        // It may have ended just now; then there is nothing to tell.
                        let tell = format!("kill -TERM {process}");
                        let _ = Command::new("sh").args(["-c", &tell]).stderr(Stdio::null()).status();
                    }
                }
            });
        }
    }
}

/// On other systems the terminal tells both processes.
#[cfg(not(unix))]
pub struct Told;

#[cfg(not(unix))]
impl Told {
    /// Does nothing.
    pub fn listen() -> anyhow::Result<Self> {
        Ok(Self)
    }

    /// Does nothing.
    pub fn pass_on_to(self, _process: u32) {}
}
