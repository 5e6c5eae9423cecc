//! Files: written whole, read as data, bounded.

pub mod atomic;
pub mod error;
pub mod pytorch;
pub mod saved;
pub(crate) mod tensors;
pub mod weights;
