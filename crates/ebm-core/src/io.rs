//! Files: written atomically, read as data only, with bounded size.

pub mod atomic;
pub mod decoding;
pub mod error;
pub(crate) mod header;
#[cfg(feature = "pytorch")]
pub mod pytorch;
pub mod regular;
pub mod saved;
pub(crate) mod tensors;
pub mod weights;
