//! Labelled examples, and targets in the user's units.

pub mod dataset;
pub mod examples;
pub mod labelled;
pub mod space;

#[cfg(test)]
mod laws;
