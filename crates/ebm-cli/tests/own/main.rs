//! One's own data on the command line: from a table to calibrated predictions, and what may be wrong with it.

#[path = "../sandbox/mod.rs"]
mod sandbox;

mod again;
mod compare;
mod ensemble;
mod faults;
mod folder;
mod golden;
mod kinds;
mod laws;
mod pictures;
mod plot;
mod roundtrip;
mod streams;
mod table;
