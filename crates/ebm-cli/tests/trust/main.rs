//! Nothing is destroyed, and nothing is wrong without a word.
#![cfg(unix)]

#[path = "../sandbox/mod.rs"]
mod sandbox;
#[path = "../own/table.rs"]
mod table;

mod checks;
#[cfg(target_os = "linux")]
mod crash;
mod destinations;
mod flips;
mod outliers;
mod overlap;
mod replaced;
mod sealed;
mod subjects;
