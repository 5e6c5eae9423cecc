//! Scalar examples, and the delimited text that holds them.

mod columns;
mod read;
mod set;
mod write;

pub use read::{read_inputs, read_pairs};
pub use set::{Pairs, Splits};
pub use write::{write_pairs, write_pairs_to};
