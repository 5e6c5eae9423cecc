//! Data sets of labelled examples, and the target space: the user's units and how targets are standardised.

pub mod dataset;
pub mod examples;
pub mod labelled;
pub mod space;
pub mod subset;

#[cfg(test)]
mod laws;
