//! An HDF5 file and its arrays.

use crate::delimited::open;
use crate::error::{DataError, DecodeError, ImageError};
use crate::untrusted::{damaged, decode, quoted};
use hdf5_reader::storage::FileStorage;
use hdf5_reader::{Dataset, Hdf5File, OpenOptions};
use std::path::Path;
use std::sync::Arc;

/// The largest chunk that is decoded. h5py makes chunks of up to a mebibyte; a file in a single chunk is larger.
const CHUNK_LIMIT: usize = 256 << 20;
/// Names kept for a message.
const NAMES_LISTED: usize = 20;

/// An HDF5 file, opened so that nothing outside it is read and nothing is kept in a cache.
pub(super) struct Hdf5Archive<'a> {
    pub(super) path: &'a Path,
    pub(super) file: Hdf5File,
    pub(super) length: u64,
}

impl<'a> Hdf5Archive<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, DataError> {
        let length = open(path)?.metadata().map_err(|source| DataError::opening(path, source))?.len();
        let file = decode(path, "superblock", || {
            // Reads ranges where a memory map would end the process if the file were cut short meanwhile.
            let storage = Arc::new(FileStorage::open(path)?);
            let options = OpenOptions::default()
                .with_chunk_cache_bytes(0)
                .with_max_chunk_bytes(CHUNK_LIMIT)
                .with_max_object_header_bytes(1 << 20);
            Ok(Hdf5File::from_storage_with_options(storage, options)?)
        })?;
        Ok(Self { path, file, length })
    }

    /// The arrays at the root.
    pub(super) fn names(&self) -> Result<Vec<String>, DataError> {
        decode(self.path, "root group", || Ok(self.file.root_group()?.member_names()?.1))
    }

    pub(super) fn dataset(&self, key: &str) -> Result<Dataset, DataError> {
        decode(self.path, &quoted(key), || Ok(self.file.root_group()?.dataset(key)?))
    }

    pub(super) fn find(&self, key: &'static str) -> Result<Dataset, DataError> {
        let mut found = self.names()?;
        if found.iter().any(|name| name == key) {
            return self.dataset(key);
        }
        found.truncate(NAMES_LISTED);
        Err(ImageError::MissingKey { path: self.path.to_owned(), key, found }.into())
    }
}

/// The error for an array that is not complete.
pub(super) fn incomplete(archive: &Hdf5Archive<'_>, key: &str, expected: usize, found: usize) -> DataError {
    let (expected, found) = (expected as u64, found as u64);
    damaged(archive.path, &quoted(key), DecodeError::Incomplete { expected, found })
}
