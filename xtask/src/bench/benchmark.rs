//! A benchmark and its unit.

use serde::Serialize;

use super::program::Program;

/// Unit of a measured time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Unit {
    #[serde(rename = "ms")]
    Milliseconds,
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "a minute")]
    PerMinute,
}

impl Unit {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::PerMinute => "a minute",
        }
    }

    pub(super) fn of(self, milliseconds: f64) -> f64 {
        match self {
            Self::Milliseconds => milliseconds,
            Self::Seconds => milliseconds * 1e-3,
            Self::PerMinute => 60e3 / milliseconds,
        }
    }
}

/// A benchmark and its programs: ours first, the others are compared with it.
pub(super) struct Benchmark {
    pub name: &'static str,
    pub title: String,
    pub unit: Unit,
    pub note: &'static str,
    /// Run once, not timed.
    pub before: Vec<Program>,
    pub programs: Vec<Program>,
}
