//! Who holds a claim, and whether that process is still there.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A process of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// The machine's name, for people.
    pub host: String,
    /// What tells this system, since it was started, from every other; empty where nothing does.
    pub system: String,
    /// The process.
    pub process: u32,
    /// When the process was started, on the system's clock: numbers of processes are used again.
    pub started: u64,
}

/// What is known of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It runs.
    Alive,
    /// It has ended.
    Dead,
    /// It is of another system, and cannot be looked at.
    Unknown,
}

impl Worker {
    /// This process.
    pub fn this() -> Self {
        let process = std::process::id();
        Self { host: host(), system: system(), process, started: started(process).unwrap_or_default() }
    }

    /// Whether it runs, as far as this process can tell.
    pub fn life(&self) -> Life {
        if self.system.is_empty() || self.system != system() {
            return Life::Unknown;
        }
        if started(self.process) == Some(self.started) { Life::Alive } else { Life::Dead }
    }
}

fn host() -> String {
    let asked = fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
    let named = || ["HOSTNAME", "COMPUTERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    asked.or_else(named).unwrap_or_else(|| "an unnamed machine".to_owned())
}

/// The kernel since its start, and the space in which its processes have numbers: two containers on one kernel do not see
/// each other's. Empty on systems other than Linux.
fn system() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    if boot.is_empty() || space.as_os_str().is_empty() {
        return String::new();
    }
    format!("{} {}", boot.trim(), space.display())
}

/// When a process was started, in ticks since the system was; nothing once it has ended.
fn started(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat")).ok()?;
    // The second field is the name of the program, which may hold blanks and parentheses.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ');
    let state = fields.next()?;
    // A process that has ended and that nobody has waited for.
    if ["Z", "X"].contains(&state) {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_is_alive_until_it_ends_even_if_nobody_waits_for_it() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let process = child.id();
        let worker = Worker { process, started: started(process).unwrap(), ..Worker::this() };
        assert_eq!(worker.life(), Life::Alive);
        assert_eq!(Worker { started: worker.started + 1, ..worker.clone() }.life(), Life::Dead, "another process");
        assert_eq!(Worker { system: "elsewhere".to_owned(), ..worker.clone() }.life(), Life::Unknown);
        drop(child.stdin.take());
        let begun = std::time::Instant::now();
        while worker.life() != Life::Dead {
            assert!(begun.elapsed().as_secs() < 60, "it has ended and is not waited for");
            std::thread::yield_now();
        }
        child.wait().unwrap();
        assert_eq!(worker.life(), Life::Dead);
    }
}
