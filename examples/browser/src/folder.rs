//! Run folders: written so that `ebm` reads them, and read as `ebm` writes them.

mod archive;
mod document;
mod read;
mod write;

pub use archive::{pack, unpack};
pub use read::Opened;
pub use write::{points, run_folder};

use std::collections::BTreeMap;

/// The files of a folder, by their path in it with `/` between its parts.
pub type Files = BTreeMap<String, Vec<u8>>;
