//! Faults and bad input: the exit code, what is said, and that nothing is lost.
#![cfg(unix)] // The messages quote the system.

#[path = "../sandbox/mod.rs"]
mod sandbox;

mod bounds;
mod checkpoint;
mod configuration;
mod data;
mod images;
mod limits;
mod model;
mod output;
mod run_folder;
