//! Images in HDF5.

mod blocks;
mod numbers;

pub(super) use numbers::type_name;

use super::labels;
use super::untrusted::{damaged, decode, decoded_size};
use super::{ImageSet, ImageTask, SIDE};
use crate::DataError;
use hdf5_reader::storage::FileStorage;
use hdf5_reader::{Dataset, Datatype, Hdf5File, OpenOptions};
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// The largest chunk that is decoded. h5py makes chunks of up to a mebibyte; a file in a single chunk is larger.
const CHUNK_LIMIT: usize = 256 << 20;
/// Names kept for a message.
const NAMES_LISTED: usize = 20;

/// An HDF5 file, opened so that nothing outside it is read and nothing is kept in a cache.
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) file: Hdf5File,
    pub(super) length: u64,
}

impl<'a> Source<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self, DataError> {
        let length = fs::metadata(path).map_err(|source| DataError::NoInput { path: path.to_owned(), source })?.len();
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
        decode(self.path, &place(key), || Ok(self.file.root_group()?.dataset(key)?))
    }

    fn find(&self, key: &'static str) -> Result<Dataset, DataError> {
        let mut found = self.names()?;
        if found.iter().any(|name| name == key) {
            return self.dataset(key);
        }
        found.truncate(NAMES_LISTED);
        Err(DataError::MissingKey { path: self.path.to_owned(), key, found })
    }
}

fn place(key: &str) -> String {
    format!("`{key}`")
}

/// Reads the images of a task and their labels.
pub(super) fn read(path: &Path, task: ImageTask) -> Result<ImageSet, DataError> {
    let source = Source::open(path)?;
    let keys = task.keys();
    let (images, labels) = (source.find(keys.images)?, source.find(keys.labels)?);
    let count = check_images(&source, &images, task)?;
    let labels = read_labels(&source, &labels, task, count)?;
    labels::check(path, task, &labels, labels::in_array(task))?;
    let pixels = blocks::read_bytes(&source, &images, keys.images)?;
    labels::keep(path, task, pixels, labels)
}

/// The number of images, if they are bytes of the right shape.
fn check_images(source: &Source, images: &Dataset, task: ImageTask) -> Result<u64, DataError> {
    let key = task.keys().images;
    let channels = task.channels() as u64;
    let path = || source.path.to_owned();
    if !matches!(images.dtype(), Datatype::FixedPoint { size: 1, signed: false, .. }) {
        let found = type_name(images.dtype());
        return Err(DataError::NumberType { path: path(), key, found, expected: "u8" });
    }
    match *images.shape() {
        [0, ..] => Err(DataError::NoImages { path: path(), task: task.name(), left_out: 0 }),
        [count, c, height, width] if [c, height, width] == [channels, SIDE as u64, SIDE as u64] => {
            decoded_size(source.path, &place(key), source.length, images.shape(), 1)?;
            Ok(count)
        }
        ref shape => {
            let expected = format!("(N, {channels}, 64, 64)");
            Err(DataError::Shape { path: path(), key, shape: shape.to_vec(), expected })
        }
    }
}

/// One label for each of `count` images.
fn read_labels(source: &Source, labels: &Dataset, task: ImageTask, count: u64) -> Result<Vec<f64>, DataError> {
    let key = task.keys().labels;
    let path = || source.path.to_owned();
    let shape = labels.shape();
    if !matches!(*shape, [n] | [n, 1] if n == count) {
        return Err(DataError::Shape { path: path(), key, shape: shape.to_vec(), expected: format!("({count})") });
    }
    decoded_size(source.path, &place(key), source.length, shape, 8)?;
    match decode(source.path, &place(key), || numbers::read(labels))? {
        Some(values) => Ok(values),
        None => {
            let found = type_name(labels.dtype());
            Err(DataError::NumberType { path: path(), key, found, expected: "an integer or float" })
        }
    }
}

/// What is wrong with an array that is not complete.
fn incomplete(source: &Source, key: &str, expected: usize, found: usize) -> DataError {
    let (expected, found) = (expected as u64, found as u64);
    damaged(source.path, &place(key), crate::DecodeError::Incomplete { expected, found })
}
