//! Files: written atomically, read as data only, with bounded size.

pub mod atomic;
pub mod error;
pub mod pytorch;
pub mod saved;
pub(crate) mod tensors;
pub mod weights;
