//! Nothing is destroyed, and nothing is wrong without a word.
#![cfg(unix)]

#[path = "../sandbox/mod.rs"]
mod sandbox;
#[path = "../own/table.rs"]
mod table;

mod checks;
mod destinations;
mod overlap;
mod replaced;
mod sealed;
